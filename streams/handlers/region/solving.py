"""One solve, from bytes to bytes: it runs in another process, so that the event loop never waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from pydantic import TypeAdapter

from schemas.rows import IntervalRow, ScenarioRow, TravelCheckRow
from solvers.budget import Budget
from solvers.frontier import COUNTS, frontier
from solvers.futures import totals
from solvers.intervals import intervals
from solvers.limited import rebalance_within
from solvers.objective import Costs, costs_of, repriced
from solvers.orphans import baseline
from solvers.places import Places
from solvers.problem import Floats, Problem, ProblemError
from solvers.relief import Relief, relief_of, relieved
from solvers.roads import Roads
from solvers.scenarios import scenarios
from solvers.solution import Solution
from solvers.travel_check import travel_check
from streams.handlers.region.planning import SolveJob, decode_job

SCENARIOS = 200
Z90 = 1.2816
"""Half the width of an 80 % interval of a normal distribution, in standard deviations."""


class FrontierPoint(msgspec.Struct, frozen=True):
    """The best plan found with at most `moves` moves, and what none can beat; EUR a year, deviation in percent.

    `changes` are its moves: account and rep.
    """

    moves: int
    plan_eur: float
    bound_eur: float
    balance_eur: float
    max_deviation_percent: float
    changes: tuple[tuple[str, str], ...] = ()


class SolveAnswer(msgspec.Struct, frozen=True):
    """The solution, the share of sampled potentials under which it earns more than it costs, what other numbers of moves
    would buy, and as JSON the reference scenarios, the travel of the territories that change, and between which values
    the figures lie under those potentials. `relief`: what rules had to give, without which there is no plan; `barred`: refused moves
    (account, rep: indices of the problem) that are not worth enough to come back."""

    solution: bytes
    probability_positive: float
    frontier: tuple[FrontierPoint, ...] = ()
    scenarios: bytes = b"[]"
    travel_checks: bytes = b"[]"
    intervals: bytes = b"[]"
    relief: Relief = Relief()
    barred: tuple[tuple[int, int], ...] = ()


_scenario_rows = TypeAdapter(tuple[ScenarioRow, ...])
_check_rows = TypeAdapter(tuple[TravelCheckRow, ...])
_interval_rows = TypeAdapter(tuple[IntervalRow, ...])
encode_answer = msgspec.msgpack.Encoder().encode
decode_answer = msgspec.msgpack.Decoder(SolveAnswer).decode


def solve(raw: bytes, roads: Roads | None = None) -> bytes:
    """Solve a `SolveJob`; the answer is a `SolveAnswer`. Deterministic unless the emergency clock strikes.

    Travel is checked by the distances of `roads`, else by straight lines.
    """
    job = decode_job(raw)
    asked = Problem.from_bytes(job.problem)
    relief = relief_of(asked)
    solution, barred = _honouring_refusals(relieved(asked, relief), job)
    problem = posed(asked, relief, barred)
    sampled = sample(problem, solution, job)
    answer = SolveAnswer(
        solution.to_bytes(),
        sampled.probability_positive,
        frontier_of(problem, solution, job),
        _scenario_rows.dump_json(scenarios_of(problem, solution, job)),
        _check_rows.dump_json(
            travel_check(problem, solution, _places(job), roads) if solution.moves and job.places else ()
        ),
        _interval_rows.dump_json(sampled.intervals),
        relief,
        barred,
    )
    return encode_answer(answer)


def frontier_of(problem: Problem, solution: Solution, job: SolveJob) -> tuple[FrontierPoint, ...]:
    """What 1, 2, 3, 5, ... moves would buy, up to the most that one suggestion may have; nothing for an empty plan or a cover."""
    if not solution.moves or job.covers:
        return ()
    most = problem.max_moves if problem.max_moves is not None else COUNTS[-1]
    budget = Budget(job.evaluations, job.seconds, job.random_state)
    proposed = dict(zip(solution.account_ids, solution.assignment, strict=True))
    points = frontier(problem, budget, [*(count for count in COUNTS if count < most), most], proposed)
    return tuple(
        FrontierPoint(p.moves, p.plan_eur, p.bound_eur, p.balance_eur, p.max_deviation_percent, p.changes)
        for p in points
    )


def scenarios_of(problem: Problem, solution: Solution, job: SolveJob) -> tuple[ScenarioRow, ...]:
    """The reference scenarios under the same rules; none for an empty plan or a cover."""
    if not solution.moves or job.covers:
        return ()
    places = _places(job) if job.places else None
    budget = Budget(job.evaluations, job.seconds, job.random_state)
    return scenarios(problem, solution, budget, places)


def read_scenarios(raw: bytes) -> tuple[ScenarioRow, ...]:
    """Those of a `SolveAnswer`."""
    return _scenario_rows.validate_json(raw)


def read_travel_checks(raw: bytes) -> tuple[TravelCheckRow, ...]:
    """Those of a `SolveAnswer`."""
    return _check_rows.validate_json(raw)


def read_intervals(raw: bytes) -> tuple[IntervalRow, ...]:
    """Those of a `SolveAnswer`."""
    return _interval_rows.validate_json(raw)


def _places(job: SolveJob) -> Places:
    return Places(_pairs(job.places), _pairs(job.homes))


def _pairs(places: list[tuple[float, float]]) -> Floats:
    return np.array(places, dtype=np.float64).reshape(-1, 2)


def posed(asked: Problem, relief: Relief, barred: Sequence[tuple[int, int]]) -> Problem:
    """The problem that was solved in the end: its rules gave so much, and without these pairs of account and rep."""
    problem = relieved(asked, relief)
    if not barred:
        return problem
    everyone = np.ones((problem.accounts, problem.reps), np.bool_)
    eligible = everyone if problem.eligible is None else problem.eligible.copy()
    eligible[tuple(np.array(barred).T)] = False
    return replace(problem, eligible=eligible)


def _honouring_refusals(problem: Problem, job: SolveJob) -> tuple[Solution, tuple[tuple[int, int], ...]]:
    """A refused move comes back only when it is worth enough, or an account of nobody has no other way; else the next best
    plan does without it. The plan, and the moves it does without."""
    refused = {(account, rep): least_eur for account, rep, least_eur in job.refused}
    index = {account_id: i for i, account_id in enumerate(problem.account_ids)}
    rep = {rep_id: j for j, rep_id in enumerate(problem.rep_ids)}
    barred: tuple[tuple[int, int], ...] = ()
    while True:
        stricter = posed(problem, Relief(), barred)
        solution = rebalance_within(stricter, Budget(job.evaluations, job.seconds, job.random_state), job.currency)
        repeated = tuple(
            pair
            for move in solution.moves
            if move.worth_eur < refused.get(pair := (index[move.account_id], rep[move.to_rep]), 0.0)
        )
        if not repeated:
            return solution, barred
        if _may_do_without(problem, (*barred, *repeated)):
            barred = (*barred, *repeated)
            continue
        fewer = {pair: eur for pair, eur in refused.items() if not problem.orphan[pair[0]]}
        if fewer == refused:
            return solution, barred
        refused = fewer  # an account of nobody would have no way


def _may_do_without(problem: Problem, barred: Sequence[tuple[int, int]]) -> bool:
    """Whether the accounts of nobody can be placed by the rules without these pairs."""
    try:
        return relief_of(posed(problem, Relief(), barred)) == Relief()
    except ProblemError:
        return False


@dataclass(frozen=True, slots=True)
class Sampled:
    """A plan under sampled potentials: the share of them in which it beats doing nothing, and its figures."""

    probability_positive: float
    intervals: tuple[IntervalRow, ...]


def sample(problem: Problem, solution: Solution, job: SolveJob) -> Sampled:
    """Potentials are drawn log-normally from their intervals.

    What the plan is worth is told against one plan of doing nothing, that of the expected potentials. Its probability is
    the stricter one: accounts of nobody would go to the cheapest rep under the very potentials drawn.

    A part of each interval is what the market does to all accounts of the region together: a factor of `market_swing`, drawn
    once a scenario. What is left of the interval is the account's own, so that the two together are as wide as before; an
    interval narrower than the swing is widened to it.
    """
    rng = np.random.default_rng(job.random_state)
    low, high = np.maximum(job.low_eur, 1.0), np.maximum(job.high_eur, 1.0)
    sigma = np.maximum(np.log(high / low), 0.0) / (2 * Z90)
    own = np.sqrt(np.maximum(sigma**2 - job.market_swing**2, 0.0))
    of_all = np.random.default_rng([job.random_state, SCENARIOS]).standard_normal(SCENARIOS)
    market = np.exp(job.market_swing * of_all - job.market_swing**2 / 2)
    index = {rep: j for j, rep in enumerate(problem.rep_ids)}
    plan = np.array([index[rep] for rep in solution.assignment], dtype=np.int64)
    costs = costs_of(problem)
    draws = np.empty((SCENARIOS, problem.accounts))
    for s, factor in enumerate(market.tolist()):
        draws[s] = factor * problem.potential * np.exp(own * rng.standard_normal(problem.accounts) - own**2 / 2)
    cost, nothing = totals(costs, plan, draws), totals(costs, baseline(costs), draws)
    probability = float(np.mean(cost < (_placed_anew(costs, draws) if problem.orphan.any() else nothing)))
    return Sampled(probability, intervals(problem, plan, draws, nothing - cost) if solution.moves else ())


def _placed_anew(costs: Costs, draws: Floats) -> Floats:
    """(s,) EUR a year of doing nothing but giving each account of nobody to the rep who is cheapest under the very draw."""
    found = []
    for drawn in draws:
        priced = repriced(costs, drawn)
        found.append(priced.total(baseline(priced)))
    return np.array(found)
