"""From the bound's plan and today's to the best plan found: walks that cool down, then changes that earn too little undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from solvers.bound import Bound, priced_pairs
from solvers.budget import FAILURES, Meter
from solvers.contiguity import pieces
from solvers.objective import Costs
from solvers.problem import ORPHAN, Bools, Floats, Ints, Problem
from solvers.walk import Walk

GAIN = 0.01  # EUR a year below which a change is noise
CHUNK = 500_000  # proposals between two looks at the clock
STEPS_PER_ACCOUNT = 2_500  # proposals per account that has a choice, in one walk
LEAST_STEPS = 20_000
SMALL = 20_000  # pairs of account and rep up to which wider walks are worth their time
MIDDLING = 500_000  # up to which longer ones are


@dataclass(frozen=True, slots=True)
class Cooling:
    """One walk. Amounts are shares of the mean potential, so that any currency and size of account is searched alike."""

    reach: float  # pairs at most this much dearer than the cheapest at the bound's prices take part
    hot: float
    cold: float
    effort: float = 1.0  # multiple of the usual number of proposals
    borders: bool = False  # shifts of borders alone, whatever the reach: for territories that must hang together


COLD = (Cooling(0.005, 0.010, 0.0004, 2.0), Cooling(0.003, 0.004, 0.00005, 1.0))
LONGER = (Cooling(0.005, 0.010, 0.0004, 3.0), Cooling(0.003, 0.004, 0.00005, 1.5))  # where the time allows it
WIDE = (Cooling(0.1, 0.01, 0.001, 2.0), Cooling(0.02, 0.005, 0.0001, 1.0))
WARM = (Cooling(0.004, 0.003, 0.00005, 0.6),)
LIMITED = (Cooling(0.1, 0.005, 0.0002, 0.3), Cooling(0.1, 0.001, 0.00005, 0.1))
RULED = (Cooling(0.1, 0.01, 0.0005, 2.0), Cooling(0.02, 0.003, 0.00005, 1.0))  # where the graph bars most ways
BORDERS = (Cooling(0.1, 0.02, 0.0003, 0.2, borders=True),)
BORDERS_AGAIN = (Cooling(0.1, 0.004, 0.0003, 0.04, borders=True),)  # from the plan of a like problem
BORDER_STEPS = 3_000_000  # proposals of such a walk at most: each takes forty times as long as one of the others
BORDERS_OF_FEW = (*RULED, Cooling(0.1, 0.02, 0.0003, borders=True))

FEW = (
    Cooling(0.1, 0.02, 0.0005, 0.8),
    Cooling(0.1, 0.01, 0.0005, 0.8),
    Cooling(0.02, 0.003, 0.00005, 0.5),
)  # few moves, and pieces have a price
FEW_STEPS = 10_000_000  # proposals of all its walks together at most: where pieces are priced each takes twice the time


def improve(
    costs: Costs,
    bound: Bound,
    starts: list[Ints],
    meter: Meter,
    hurdle: float,
    coolings: tuple[Cooling, ...] = (),
) -> Ints:
    """The best complete plan (n,) reached; never worse than the best start within the limit on moves.

    `starts` (at least one) are complete plans that keep every rule. `hurdle` EUR are asked of each changed account.
    `coolings`: the walks to make; those that suit the problem if none are named.
    """
    score = _Score(costs, hurdle)
    best = min(starts, key=score)
    priced = priced_pairs(costs, bound.prices.potential, bound.prices.hours) + bound.prices.move * costs.changes
    for number, cooling in enumerate(coolings or _coolings(costs)):
        if meter.exhausted(0):
            break
        try:
            found = _walk(costs, best, priced, cooling, meter, hurdle, number)
        except FAILURES:
            meter.failed = True
            break
        best = min((best, found), key=score)
    return best


def _coolings(costs: Costs) -> tuple[Cooling, ...]:
    if costs.problem.contiguity == "preferred" and costs.problem.max_moves is not None:
        return _shortened(FEW, costs, FEW_STEPS)
    if costs.problem.contiguity == "hard":
        return _shortened(BORDERS, costs, BORDER_STEPS) if costs.fixed.size > SMALL else BORDERS_OF_FEW
    if costs.problem.contiguity != "off":
        return RULED
    if costs.fixed.size <= SMALL:
        return WIDE + COLD
    if costs.problem.max_moves is not None:
        return LIMITED
    return LONGER if costs.fixed.size <= MIDDLING else COLD


def again(costs: Costs) -> tuple[Cooling, ...]:
    """The walks from the plan of a like problem."""
    return WARM if costs.problem.contiguity != "hard" else BORDERS_AGAIN


def _shortened(coolings: tuple[Cooling, ...], costs: Costs, most: int) -> tuple[Cooling, ...]:
    """Walks shortened alike where they would be too long together: each that is begun had better cool down."""
    usual = STEPS_PER_ACCOUNT * int((costs.allowed.sum(1) > 1).sum())
    share = min(1.0, most / max(sum(one.effort for one in coolings) * usual, 1.0))
    return tuple(replace(one, effort=one.effort * share) for one in coolings)


class _Score:
    """EUR of a plan with the hurdles; inf beyond the limit on moves."""

    def __init__(self, costs: Costs, hurdle: float) -> None:
        self.costs, self.hurdle = costs, hurdle

    def __call__(self, plan: Ints) -> float:
        terms, most = self.costs.terms(plan), self.costs.problem.max_moves
        if most is not None and terms.accounts_changed > most:
            return np.inf
        return terms.total_eur + self.hurdle * terms.accounts_changed


def _walk(
    costs: Costs, start: Ints, priced: Floats, cooling: Cooling, meter: Meter, hurdle: float, number: int
) -> Ints:
    scale = max(float(costs.problem.potential.mean()), 1.0)
    candidates = costs.allowed if cooling.borders else _within(priced, cooling.reach * scale)
    walk = Walk(costs, start, candidates, meter.budget.random_state + number, hurdle)
    wanted = int(cooling.effort * max(STEPS_PER_ACCOUNT * walk.free, LEAST_STEPS)) if walk.free else 0
    steps = min(wanted, meter.left)
    done = 0
    while done < steps and not meter.clock_expired():
        chunk = min(CHUNK, steps - done)
        walk.go(*_temperatures(cooling, scale, done / wanted, (done + chunk) / wanted), chunk, cooling.borders)
        done += chunk
    meter.exhausted(done if done < wanted else done - 1)
    return walk.plan


def _temperatures(cooling: Cooling, scale: float, begin: float, end: float) -> tuple[float, float]:
    """Geometric cooling between two shares of the way."""
    ratio = cooling.cold / cooling.hot
    return scale * cooling.hot * ratio**begin, scale * cooling.hot * ratio**end


def _within(priced: Floats, reach: float) -> Bools:
    return np.asarray(priced <= priced.min(1, keepdims=True) + reach)


def cheapest_insertion(costs: Costs, assignment: Ints) -> Ints:
    """Give every orphan of `assignment` (n,) a rep, each where it costs least at that moment.

    The largest first; where contiguity counts, first those that touch a territory they may join.
    """
    plan = assignment.copy()
    load, hours = costs.loads(plan)
    p = costs.problem
    touching = _Touching(costs) if p.contiguity != "off" else None
    waiting = sorted(np.flatnonzero(plan == ORPHAN).tolist(), key=lambda i: -p.potential[i])
    while waiting:
        i, near = touching.next_of(waiting, plan) if touching else (waiting[0], None)
        waiting.remove(i)
        balance = costs.balance(load + p.potential[i]) - costs.balance(load)
        overtime = costs.overtime(hours + p.hours[i]) - costs.overtime(hours)
        cost = costs.fixed[i] + balance + overtime
        if (free := ~_barred(p, plan, i)).any() and np.isfinite(cost[free]).any():
            cost = np.where(free, cost, np.inf)
        if near is not None and np.isfinite(cost[near]).any():
            cost = np.where(near, cost, np.inf)
        j = int(cost.argmin())
        plan[i] = j
        load[j] += p.potential[i]
        hours[j] += p.hours[i]
    return plan


def _barred(p: Problem, plan: Ints, account: int) -> Bools:
    """(k,) reps who serve somebody from beyond a barrier, or as many accounts as they may."""
    barred = np.zeros(p.reps, np.bool_)
    if p.apart is not None and len(p.apart):
        beyond = plan[p.apart[(p.apart == account).any(axis=1)]]
        barred[beyond[beyond != ORPHAN]] = True
    if p.most_accounts is not None:
        barred |= np.bincount(plan[plan != ORPHAN], minlength=p.reps) >= p.most_accounts
    return barred


class _Touching:
    """Which territories an account touches in the neighbour graph."""

    def __init__(self, costs: Costs) -> None:
        self.costs, self.near = costs, [list[int]() for _ in range(costs.problem.accounts)]
        for a, b in costs.problem.edges.tolist() if costs.problem.edges is not None else ():
            self.near[a].append(b)
            self.near[b].append(a)

    def next_of(self, waiting: list[int], plan: Ints) -> tuple[int, Bools | None]:
        """The first account that touches a territory it may join, and (k,) which; else the first with None."""
        for i in waiting:
            reps = plan[self.near[i]]
            touched = np.zeros(self.costs.problem.reps, np.bool_)
            touched[reps[reps >= 0]] = True
            if (touched & self.costs.allowed[i]).any():
                return i, touched
        return waiting[0], None


def worthwhile(costs: Costs, plan: Ints, otherwise: Ints) -> Ints:
    """`plan` (n,) without the changes that earn too little given the others; `otherwise` if nothing is gained."""
    kept = without_low_worth(costs, plan, otherwise)
    return kept if costs.total(kept) <= costs.total(otherwise) else otherwise


def without_low_worth(costs: Costs, plan: Ints, reference: Ints) -> Ints:
    """`plan` (n,) with changes undone, the least worth first, until each that is left earns what is asked.

    Where rules bind changes to each other (a graph, a barrier, numbers of accounts) a change is only undone alone if
    the rules still hold, as far as they hold in `reference`.
    """
    kept = plan.copy()
    stuck: set[int] = set()
    while True:
        changed = np.flatnonzero(costs.changes[np.arange(len(kept)), kept])
        changed = changed[[int(i) not in stuck for i in changed]] if stuck else changed
        if not len(changed):
            return kept
        worth = worths(costs, kept, changed)
        least = int(worth.argmin())
        if worth[least] >= costs.problem.min_move_worth:
            return kept
        account = int(changed[least])
        undone = kept.copy()
        undone[account] = costs.problem.current[account]
        if keeps_rules(costs, undone, reference):
            kept = undone
            stuck.clear()  # what held them may be gone
        else:
            stuck.add(account)


def keeps_today(costs: Costs, plan: Ints) -> bool:
    """Whether a complete plan keeps the rules that bind accounts to each other, as far as they hold today."""
    p, served = costs.problem, costs.problem.current >= 0
    if p.contiguity == "hard" and pieces(p, plan) > pieces(p, p.current, served) + p.more_pieces:
        return False
    if p.apart is not None and len(p.apart):
        a, b = p.apart[:, 0], p.apart[:, 1]
        if ((plan[a] == plan[b]) & ~((p.current[a] == p.current[b]) & served[a])).any():
            return False
    count, before = np.bincount(plan, minlength=p.reps), np.bincount(p.current[served], minlength=p.reps)
    most = p.accounts if p.most_accounts is None else p.most_accounts
    return bool((count >= np.minimum(p.least_accounts, before)).all() and (count <= np.maximum(most, before)).all())


def keeps_rules(costs: Costs, plan: Ints, baseline: Ints) -> bool:
    """Whether the rules that bind accounts to each other hold, as far as they hold in `baseline`."""
    p = costs.problem
    if p.contiguity == "hard" and costs.terms(plan).pieces > costs.terms(baseline).pieces:
        return False
    if p.apart is not None and len(p.apart):
        together = (plan[p.apart[:, 0]] == plan[p.apart[:, 1]]) & (baseline[p.apart[:, 0]] != baseline[p.apart[:, 1]])
        if together.any():
            return False
    count, before = np.bincount(plan, minlength=p.reps), np.bincount(baseline, minlength=p.reps)
    most = p.accounts if p.most_accounts is None else p.most_accounts
    return bool((count >= np.minimum(p.least_accounts, before)).all() and (count <= np.maximum(most, before)).all())


def worths(costs: Costs, plan: Ints, accounts: Ints) -> Floats:
    """EUR the total would rise if each of these served accounts alone went back to its rep of today."""
    p, home, now = costs.problem, costs.problem.current[accounts], plan[accounts]
    load, hours = costs.loads(plan)
    worth = costs.fixed[accounts, home] - costs.fixed[accounts, now]
    for penalty, held, amount in (
        (costs.balance, load, p.potential[accounts]),
        (costs.overtime, hours, p.hours[accounts]),
    ):
        worth = worth + penalty.of(held[home] + amount, home) - penalty.of(held[home], home)
        worth = worth + penalty.of(held[now] - amount, now) - penalty.of(held[now], now)
    if p.contiguity == "preferred":
        worth = worth + [_pieces_saved(costs, plan, int(i)) for i in accounts]
    return np.asarray(worth)


def _pieces_saved(costs: Costs, plan: Ints, account: int) -> float:
    """EUR of the pieces by which the plan is better than with the account back at its rep of today."""
    back = plan.copy()
    back[account] = costs.problem.current[account]
    return costs.terms(back).contiguity_eur - costs.terms(plan).contiguity_eur
