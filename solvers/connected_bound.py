"""A bound that knows the graph: where no territory may fall into more pieces, whoever is far from a territory comes alone to no rep.

If territory r keeps any account that it has today, an account a it gets hangs on those through others it gets. So for every
set S of accounts that divides a from r's accounts of today

    x_ar <= sum of x_br over b in S,

and a price u >= 0 on each such cut keeps the Lagrangian of `bound` a bound: u is added to the cost of (a, r), taken from that
of every (b, r). Prices of reps and cuts are raised together (L-BFGS on the smoothed Lagrangian); cuts are found where the soft
plan is torn, again and again: Validi, Buchanan and Lykhovyd (Operations Research 70, 2022) cut integer plans likewise.

Where today's territories are in pieces, or more pieces are allowed, a plan may have as many in all. A part of r that touches
none of r's accounts of today is one of them, so only so many reps can break cuts: the prices of all cuts of the reps with the
dearest ones are taken off the bound.

A plan in which some r keeps none of its accounts is no subject of r's cuts. It costs at least what the bound without cuts
says once all of them are gone, and the least of these limits the result (`_within_limits`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from solvers.bound import Bound, Prices, certificate, priced_pairs
from solvers.contiguity import pieces
from solvers.dual import SOFT, Hull, best_prices
from solvers.objective import Costs
from solvers.problem import Floats
from solvers.walk import lists
from solvers.whole_bound import whole_bound

TEMPERATURES = (10.0, 10.0, 10.0, 10.0, 5.0, 5.0, 3.0, 3.0, 2.0, 2.0)  # EUR, one for each search for cuts
REACH = 1_000.0  # EUR a pair may be dearer than the cheapest of its account and still be priced on the way
MOST_PAIRS = 1_000_000  # of account and rep: beyond that it would take longer than the search for plans
AGAIN = (10.0, 1.0)  # EUR, temperatures of the prices where a rep keeps none
ITERATIONS = 40  # of the climb between two searches for cuts
ROUNDS = 12  # of the climb with whole accounts after it
TIES, TORN = 0.02, 0.2  # shares of a soft plan: what ties, and what must be tied
SCALE = (300.0, 300.0, 30.0)  # EUR of load, of hours and of a cut: steps of the climb


def connected_bound(costs: Costs, bound: Bound, expired: Callable[[], bool] = lambda: False) -> Bound:
    """The same bound, or a higher one that holds for plans without a new piece; its prices and plan stay. Deterministic."""
    p = costs.problem
    if p.contiguity != "hard" or p.edges is None or not len(p.edges) or costs.fixed.size > MOST_PAIRS:
        return bound
    loose = pieces(p, p.current, ~p.orphan) + p.more_pieces
    if loose >= p.reps:
        return bound
    climb, best = _Climb(costs, bound), (costs, bound, 0.0)
    for temperature in TEMPERATURES:
        if expired() or not climb.find(temperature):
            break
        best = max(best, (*climb.go(temperature), climb.toll(loose)), key=lambda one: one[1].value - one[2])
    with_cuts, proved, toll = best
    if proved is bound:
        return bound
    value = max(bound.value, whole_bound(with_cuts, proved, expired, ROUNDS).value - toll)
    return replace(bound, value=_within_limits(costs, bound, value, expired))


def _within_limits(costs: Costs, bound: Bound, value: float, expired: Callable[[], bool]) -> float:
    """The value, or less if a plan that takes from some rep all accounts of today may cost less, EUR a year."""
    p, unlimited = costs.problem, replace(costs, problem=replace(costs.problem, max_moves=None))
    free = bound.value if p.max_moves is None else certificate(unlimited, bound.prices).value
    priced = priced_pairs(costs, bound.prices.potential, bound.prices.hours)
    best = priced.min(1)
    for j in range(p.reps):
        own = np.flatnonzero(p.current == j)
        others = np.where(np.arange(p.reps) == j, np.inf, priced[own]).min(1)
        limit = free + float((others - best[own]).sum())
        if not len(own) or max(limit, bound.value) >= value:
            continue
        without = costs.fixed.copy()
        without[own, j] = np.inf
        gone = best_prices(replace(costs, fixed=without), bound.prices, expired, AGAIN)
        value = min(value, max(limit, gone.value, bound.value))
    return value


class _Climb:
    """Prices of reps and cuts on the way up."""

    def __init__(self, costs: Costs, bound: Bound) -> None:
        p = costs.problem
        self.costs, self.move = costs, bound.prices.move
        self.price, self.wage = bound.prices.potential, bound.prices.hours
        self.near_start, self.near = lists(p.accounts, p.edges)
        self.balance, self.overtime = Hull(costs.balance, p.potential.sum()), Hull(costs.overtime, p.hours.sum())
        self.kept = self._reduced(self.price, self.wage) <= REACH
        self.cuts: dict[tuple[int, int, tuple[int, ...]], None] = {}
        self.worth = np.zeros(0)  # EUR of each cut
        self.matrix = csr_matrix((0, costs.fixed.size))
        self._choose()

    def _reduced(self, price: Floats, wage: Floats) -> Floats:
        priced = priced_pairs(self.costs, price, wage) + self.move * self.costs.changes
        return np.asarray(priced - priced.min(1, keepdims=True))

    def _choose(self) -> None:
        """The pairs that are priced on the way, as flat lists in the order of the accounts, and the cuts among them."""
        p = self.costs.problem
        self.account, self.rep = np.nonzero(self.kept)
        self.first = np.searchsorted(self.account, np.arange(p.accounts))
        self.fixed = self.costs.fixed[self.account, self.rep] + self.move * self.costs.changes[self.account, self.rep]
        self.potential, self.hours = p.potential[self.account], p.hours[self.account]
        self.chosen = csr_matrix(self.matrix[:, self.account * p.reps + self.rep])

    def find(self, temperature: float) -> bool:
        """Add the cuts that the soft plan breaks; whether there are any cuts now."""
        from solvers.cuts import torn

        p = self.costs.problem
        shares = np.zeros((p.reps, p.accounts))
        shares[self.rep, self.account] = self._look(self.price, self.wage, self.worth, temperature)[1]
        found = torn(self.near_start, self.near, p.current, shares, TIES, TORN)
        before = len(self.cuts)
        for c, (i, j) in enumerate(zip(found.account.tolist(), found.rep.tolist(), strict=True)):
            ring = found.ring[found.start[c] : found.start[c + 1]]
            ring = ring[self.costs.allowed[ring, j]]
            self.cuts[i, j, tuple(ring.tolist())] = None
            self.kept[ring, j] = True
        if len(self.cuts) > before:
            self.worth = np.concatenate([self.worth, np.zeros(len(self.cuts) - before)])
            self.matrix = _matrix(list(self.cuts), p.reps, self.costs.fixed.size)
            self._choose()
        return bool(self.cuts)

    def go(self, temperature: float) -> tuple[Costs, Bound]:
        """Climb; the costs with the cuts, and what is proved of them."""
        p, k = self.costs.problem, self.costs.problem.reps
        steps = np.concatenate(
            [
                np.full(k, SCALE[0] * k / p.potential.sum()),
                np.full(k, SCALE[1] * k / max(p.hours.sum(), 1.0)),
                np.full(len(self.worth), SCALE[2]),
            ]
        )
        steep, dearest = self.costs.balance.steepest, self.costs.overtime.steepest
        low = np.concatenate([np.full(k, -steep), np.zeros(k + len(self.worth))])
        high = np.concatenate([np.full(k, steep), np.full(k, dearest), np.full(len(self.worth), np.inf)])

        def below(at: Floats) -> tuple[float, Floats]:
            x = at * steps
            value, share, load, hours = self._look(x[:k], x[k : 2 * k], x[2 * k :], temperature)
            slope = np.concatenate(
                [
                    np.bincount(self.rep, share * self.potential, k) - load,
                    np.bincount(self.rep, share * self.hours, k) - hours,
                    self.chosen @ share,
                ]
            )
            return -value, -slope * steps

        start = np.concatenate([self.price, self.wage, self.worth]) / steps
        bounds = list(zip(low / steps, high / steps, strict=True))
        found = minimize(
            below, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": ITERATIONS, "maxcor": 20}
        )
        x = found.x * steps
        self.price, self.wage, self.worth = x[:k], x[k : 2 * k], x[2 * k :]
        fixed = self.costs.fixed + (self.matrix.T @ self.worth).reshape(self.costs.fixed.shape)
        costs = replace(self.costs, fixed=fixed)
        return costs, certificate(costs, Prices(self.price, self.wage, self.move))

    def toll(self, loose: int) -> float:
        """EUR that the cuts may wrongly charge a plan with so many pieces beyond one for each territory."""
        of_rep = np.bincount([j for _, j, _ in self.cuts], self.worth, self.costs.problem.reps)
        return float(np.sort(of_rep)[len(of_rep) - loose :].sum())

    def _look(
        self, price: Floats, wage: Floats, worth: Floats, temperature: float
    ) -> tuple[float, Floats, Floats, Floats]:
        """The smoothed Lagrangian, EUR; shares of the chosen pairs; (k,) mean load and hours of the reps' own choice."""
        priced = self.fixed + price[self.rep] * self.potential + wage[self.rep] * self.hours
        if len(worth):
            priced = priced + self.chosen.T @ worth
        least = np.minimum.reduceat(priced, self.first)
        share = np.exp((least[self.account] - priced) / temperature)
        mass = np.add.reduceat(share, self.first)
        balance = self.balance.soft(price, SOFT * temperature)
        overtime = self.overtime.soft(wage, SOFT * temperature)
        value = float((least - temperature * np.log(mass)).sum()) + balance[0] + overtime[0]
        return value, share / mass[self.account], balance[1], overtime[1]


def _matrix(cuts: list[tuple[int, int, tuple[int, ...]]], reps: int, pairs: int) -> csr_matrix:
    """(cuts, pairs) 1 at the pair of a cut, -1 at those it needs."""
    start = np.cumsum([0, *(len(ring) + 1 for _, _, ring in cuts)])
    column = np.array([one * reps + j for i, j, ring in cuts for one in (i, *ring)], np.int64)
    value = np.full(len(column), -1.0)
    value[start[:-1]] = 1.0
    return csr_matrix((value, column, start), (len(cuts), pairs))
