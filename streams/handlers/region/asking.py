"""Asking for a plan and judging the answer. In between the region's calendar stands still."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.settings import Settings
from solvers.problem import Problem, ProblemError
from solvers.solution import Solution
from solvers.verdicts import verdicts
from solvers.verify_claims import verify_solution
from streams.handlers.region import covering, planning, proposing
from streams.handlers.region.solving import decode_answer, posed
from streams.handlers.region.state import PendingSolve, RegionState, SuggestionState
from streams.handlers.region.voice import Voice
from streams.ports import SolveRequest

FRUITLESS_REST_DAYS = 28
SOLVE_EVALUATIONS = 20_000_000
SOLVE_SECONDS = 60.0


def ask(state: RegionState, day: date, cause: str, alert_ids: list[str], settings: Settings, voice: Voice) -> None:
    """Pose the problem of the day; a region that has none rests."""
    covers = cause == covering.REP_ABSENT
    try:
        problem, accounts = (covering if covers else planning).problem_of(state, day, settings)
    except ProblemError as error:
        voice.output.count("unsolvable", state.region_id)
        _rest(state, cause, day)
        voice.output.notes.append(f"region {state.region_id}, {day}: no plan can be asked for: {error}")
        return
    places = planning.places_of(state, problem, accounts)
    job = planning.SolveJob(
        problem=problem.to_bytes(),
        refused=[] if covers else planning.refused_moves(state, problem, day, settings),
        low_eur=[account.low_eur for account in accounts],
        high_eur=[account.high_eur for account in accounts],
        evaluations=SOLVE_EVALUATIONS,
        seconds=SOLVE_SECONDS,
        random_state=settings.random_seed,
        places=places.accounts.tolist(),
        homes=places.homes.tolist(),
        covers=covers,
        market_swing=settings.change.market_swing,
        currency="EUR" if settings.company.currency == "auto" else settings.company.currency,
    )
    request_id = voice.derive("solve", day, cause)
    raw = planning.encode_job(job)
    state.pending = PendingSolve(request_id, cause, alert_ids, day, raw)
    voice.output.solves.append(SolveRequest(state.region_id, voice.partition, request_id, raw))


def failed(state: RegionState, pending: PendingSolve, failure: str, voice: Voice) -> None:
    """No answer came; the region rests."""
    voice.output.count("solves_failed", state.region_id)
    voice.output.notes.append(f"region {state.region_id}: the solve of {pending.asked_on} failed: {failure}")
    _rest(state, pending.cause, pending.asked_on)


def judge(state: RegionState, pending: PendingSolve, raw: bytes, settings: Settings, voice: Voice) -> SuggestionState | None:  # fmt: skip
    """Publish the plan if it is what was asked and earns enough; the suggestion that was made of it."""
    answer = decode_answer(raw)
    solution = Solution.from_bytes(answer.solution)
    job = planning.decode_job(pending.problem)
    refused = {(account, rep) for account, rep, _ in job.refused}
    problem = posed(Problem.from_bytes(job.problem), answer.relief, [pair for pair in answer.barred if pair in refused])
    if solution.stopped_by in ("clock", "failure"):
        voice.output.count("solves_cut_short", f"{solution.stopped_by}|{state.region_id}")
    violations = verify_solution(problem, solution)
    if violations:
        voice.output.count("solves_refuted", state.region_id)
        voice.output.notes.append(f"region {state.region_id}: a plan was refuted: {violations[0]}")
    has_orphans = any(not move.from_rep for move in solution.moves)
    worthwhile = solution.saving_eur >= settings.change.min_worth or has_orphans
    if answer.probability_positive < settings.change.min_probability and not has_orphans and solution.moves:
        worthwhile = False
        voice.output.notes.append(
            f"region {state.region_id}: a plan of {len(solution.moves)} moves earns more than it costs with probability "
            f"{answer.probability_positive:.2f} only (change.min_probability)"
        )
    found = problem.noticed if pending.cause == covering.REP_ABSENT else verdicts(problem)
    what = "a plan" if solution.moves else "no plan"
    voice.output.notes += [f"region {state.region_id}: {what}: {verdict}" for verdict in found]
    if violations or not solution.moves or not worthwhile:
        _rest(state, pending.cause, pending.asked_on)
        voice.output.count("solves_fruitless", state.region_id)
        return None
    voice.output.count("suggestions", state.region_id)
    return proposing.propose(state, pending, solution, answer, found, pending.asked_on, settings, voice)


def _rest(state: RegionState, cause: str, day: date) -> None:
    """No other plan for a while; a cover that cannot be had says nothing about territories."""
    if cause != covering.REP_ABSENT:
        state.rest_until = day + timedelta(days=FRUITLESS_REST_DAYS)
