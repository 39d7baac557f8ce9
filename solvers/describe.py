"""From a plan of indices to the answer people read: moves with worth and reason, balances, what was blocked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.contiguity import pieces
from solvers.explanation import MoveFacts, reason
from solvers.forbidding import rule_against
from solvers.objective import Costs, Terms, deviation
from solvers.problem import ORPHAN, Floats, Ints, Problem
from solvers.search import GAIN
from solvers.solution import Alternative, Blocked, Holding, Move, RepBalance, Spread
from solvers.turning import TurningPoints
from solvers.walk import Walk

BLOCKED_SHOWN = 5
NOTHING = Terms(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def moves_of(costs: Costs, plan: Ints, currency: str = "EUR") -> tuple[Move, ...]:
    """Every account that changes hands, most worth first."""
    p = costs.problem
    told = _Telling(costs, plan, currency)
    changed = np.flatnonzero(plan != p.current)
    moves = [told.move(int(i)) for i in changed]
    return tuple(sorted(moves, key=lambda move: (-move.worth_eur, move.account_id)))


class _Telling:
    """A plan and what is needed again and again to explain its moves."""

    def __init__(self, costs: Costs, plan: Ints, currency: str) -> None:
        p = costs.problem
        self.costs, self.plan, self.currency = costs, plan, currency
        self.load, self.hours = costs.loads(plan)
        self.today = deviation(costs.loads(p.current)[0], costs.target)
        self.balance, self.overtime = costs.balance(self.load), costs.overtime(self.hours)
        moved = int(costs.changes[np.arange(p.accounts), plan].sum())
        self.full = p.max_moves is not None and moved >= p.max_moves
        self.turning = TurningPoints(costs, plan)

    def move(self, account: int) -> Move:
        p = self.costs.problem
        to, current = int(self.plan[account]), int(p.current[account])
        others = self.elsewhere(account)
        back = current if current != ORPHAN else self._next_best(others, account)
        worth = self.worth(account, to if back is None else back)
        rejected, rule = self._rejected(others, account, current)
        low, high = (None, None) if back is None else self.turning.of(account, back, worth.total_eur)
        from_rep = "" if current == ORPHAN else p.rep_ids[current]
        facts = MoveFacts(
            from_rep=from_rep,
            to_rep=p.rep_ids[to],
            potential_eur=float(p.potential[account]),
            hours=float(p.hours[account]),
            from_deviation=float(self.today[current]) if from_rep else 0.0,
            to_deviation=float(self.today[to]),
            km_nearer=_less(p.distance_km, account, current, to),
            km_closer=_less(p.detour_km, account, current, to),
            worth=worth,
        )
        return Move(
            account_id=p.account_ids[account],
            from_rep=from_rep,
            to_rep=facts.to_rep,
            potential_eur=facts.potential_eur,
            hours=facts.hours,
            km_nearer=facts.km_nearer,
            worth_eur=worth.total_eur,
            worth=worth,
            reason=reason(facts, self.currency),
            binding=rule or ("only rep" if back is None else "max_moves" if self.full else ""),
            rejected=rejected,
            pays_from_eur=low,
            pays_to_eur=high,
        )

    def _rejected(self, others: Floats, account: int, current: int) -> tuple[Alternative | None, str]:
        """The best other rep besides today's, and the rule that keeps it away where it would have been better."""
        ways = others.copy()
        if current != ORPHAN:
            ways[current] = np.inf
        best = int(ways.argmin())
        if not np.isfinite(ways[best]):
            return None, ""
        better = bool(ways[best] < -GAIN)
        rule = rule_against(self.costs, self.plan, account, best) if better else ""
        eligible = bool(self.costs.allowed[account, best])
        rep, worse = self.costs.problem.rep_ids[best], float(ways[best])
        if not eligible:
            return Alternative(rep, worse, "not_eligible"), rule
        return Alternative(rep, worse, "kept_away" if rule else "dearer", rule), rule

    def elsewhere(self, account: int) -> Floats:
        """(k,) EUR the total would change if the account went to each rep, eligible or not; inf for its own."""
        costs, now = self.costs, int(self.plan[account])
        p, w = costs.problem.potential[account], costs.problem.hours[account]
        pairs = costs.travel[account] + costs.changes[account] * costs.change[account]
        joining = costs.balance(self.load + p) - self.balance + costs.overtime(self.hours + w) - self.overtime
        leaving = costs.balance(self.load[now] - p, now) - self.balance[now]
        leaving = leaving + costs.overtime(self.hours[now] - w, now) - self.overtime[now]
        change = pairs - pairs[now] + joining + leaving
        change[now] = np.inf
        return np.asarray(change)

    def worth(self, account: int, back: int) -> Terms:
        """What the total and each term would rise by if the account went `back`, all else as planned."""
        costs, now, i = self.costs, int(self.plan[account]), account
        if back == now:
            return NOTHING
        p, w = costs.problem.potential[i], costs.problem.hours[i]
        reps, sign = np.array([now, back]), np.array([-1.0, 1.0])
        load, hours = self.load[reps], self.hours[reps]
        points = [np.abs(deviation(x, costs.target[reps])) for x in (load, load + sign * p)]
        over = [np.maximum(x - costs.free_hours[reps], 0.0) for x in (hours, hours + sign * w)]
        changed = float(costs.changes[i, back]) - float(costs.changes[i, now])
        joined = self._pieces(account, back)
        return Terms(
            travel_eur=float(costs.travel[i, back] - costs.travel[i, now]),
            change_eur=changed * float(costs.change[i]),
            balance_eur=float((costs.balance.of(load + sign * p, reps) - self.balance[reps]).sum()),
            overtime_eur=float((costs.overtime.of(hours + sign * w, reps) - self.overtime[reps]).sum()),
            travel_km=float(costs.km[i, back] - costs.km[i, now]),
            accounts_changed=changed,
            deviation_points=float(100 * (points[1] - points[0]).sum()),
            overtime_hours=float((over[1] - over[0]).sum()),
            contiguity_eur=joined.contiguity_eur,
            pieces=joined.pieces,
        )

    def _next_best(self, others: Floats, account: int) -> int | None:
        """The best rep an orphan may have besides the planned one, pieces of territories priced too; None: no other."""
        ways = np.where(self.costs.allowed[account], others, np.inf)
        if self.costs.problem.contiguity == "preferred":
            ways = ways + [self._pieces(account, j).contiguity_eur for j in range(len(ways))]
        best = int(ways.argmin())
        return best if np.isfinite(ways[best]) else None

    def _pieces(self, account: int, back: int) -> Terms:
        """The terms of contiguity alone."""
        p = self.costs.problem
        if p.contiguity == "off":
            return NOTHING
        put = self.plan.copy()
        put[account] = back
        more = pieces(p, put) - pieces(p, self.plan)
        price = p.weights.territory_piece if p.contiguity == "preferred" else 0.0
        return replace(NOTHING, contiguity_eur=more * price, pieces=float(more))


def _less(km: Floats | None, account: int, current: int, to: int) -> float | None:
    """How much less of these km (n, k) the account is to `to`; None where nobody knows, and for an account of nobody."""
    less = float("nan") if km is None or current == ORPHAN else float(km[account, current] - km[account, to])
    return None if np.isnan(less) else less


def blocked_by(costs: Costs, plan: Ints) -> tuple[Blocked, ...]:
    """The few most valuable changes that were not made, and the rule that kept each away."""
    p = costs.problem
    everything = costs.travel + np.where(costs.changes, costs.change[:, None], 0.0)  # if no rule forbade it
    nothing = np.zeros(costs.fixed.shape, np.bool_)
    target, change = Walk(replace(costs, fixed=everything), plan, nothing, seed=0).elsewhere()
    moved = int(costs.changes[np.arange(p.accounts), plan].sum())
    full = p.max_moves is not None and moved >= p.max_moves
    stayed = (plan == p.current) & (change < -GAIN)
    best_first = [int(i) for i in np.argsort(change, kind="stable") if stayed[i]][:BLOCKED_SHOWN]
    why = [_why_blocked(costs, plan, i, int(target[i]), full, float(change[i])) for i in best_first]
    return tuple(
        Blocked(p.account_ids[i], p.rep_ids[target[i]], -float(change[i]), word)
        for i, word in zip(best_first, why, strict=True)
    )


def _why_blocked(costs: Costs, plan: Ints, account: int, rep: int, full: bool, change: float) -> str:
    p = costs.problem
    if p.held[account]:
        return f"held: {p.held_because[account]}"
    if not costs.allowed[account, rep]:
        return "not eligible"
    if full:
        return f"max_moves: the limit of {p.max_moves} moves is used up"
    if rule := rule_against(costs, plan, account, rep):
        return rule
    if p.family is not None and p.family[account] >= 0:
        return "family"
    return "min_move_worth: earns too little" if -change < p.min_move_worth + GAIN else "the search was stopped"


def balances(costs: Costs, plan: Ints, today: Ints | None = None) -> dict[str, RepBalance]:
    """Every rep's holdings today and after, by rep id. `today` (n,) where it is not what the problem calls current."""
    p = costs.problem
    before, after = _holdings(costs, p.current if today is None else today), _holdings(costs, plan)
    return {
        rep: RepBalance(rep, float(costs.target[j]), float(costs.free_hours[j]), before[j], after[j])
        for j, rep in enumerate(p.rep_ids)
    }


def _holdings(costs: Costs, assignment: Ints) -> list[Holding]:
    load, hours = costs.loads(assignment)
    away = deviation(load, costs.target)
    count = np.bincount(assignment[assignment >= 0], minlength=costs.problem.reps)
    return [Holding(int(count[j]), float(load[j]), float(hours[j]), float(away[j])) for j in range(len(load))]


def spread(costs: Costs, assignment: Ints) -> Spread:
    """Standard deviation over reps of potential per capacity and seniority, and the largest deviation from fair, in percent."""
    load, _ = costs.loads(assignment)
    per_capacity = load / costs.problem.readiness
    mean = per_capacity.mean()
    std = 100 * per_capacity.std() / mean if mean > 0 else 0.0
    return Spread(float(std), float(100 * np.abs(deviation(load, costs.target)).max()))


def original_order(problem: Problem, ids: tuple[str, ...], values: list[str]) -> tuple[str, ...]:
    """`values`, given per account of `ids`, in the order of the problem's accounts."""
    by_id = dict(zip(ids, values, strict=True))
    return tuple(by_id[account] for account in problem.account_ids)
