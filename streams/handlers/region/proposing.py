"""A verified plan becomes a suggestion: its row, with every move, its reason and the territories before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from schemas.rows import FrontierMoveRow, FrontierRow, SuggestionRow
from schemas.settings import Settings
from solvers.solution import Solution
from solvers.telling import blocked, effects, move_row, turning_points, verdict_rows
from solvers.verdict import Verdict
from streams.handlers.region import budget, covering
from streams.handlers.region.solving import (
    FrontierPoint,
    SolveAnswer,
    read_intervals,
    read_scenarios,
    read_travel_checks,
)
from streams.handlers.region.state import PendingSolve, RegionState, SuggestionState
from streams.handlers.region.voice import Voice

KEPT_SUGGESTIONS = 50


def propose(state: RegionState, pending: PendingSolve, solution: Solution, answer: SolveAnswer, verdicts: Sequence[Verdict],
            day: date, settings: Settings, voice: Voice) -> SuggestionState:  # fmt: skip
    """Publish a verified solution as a suggestion, with what limits it."""
    suggestion_id = voice.derive("suggestion", pending.request_id)
    expires = day + timedelta(days=settings.change.suggestion_expires_days)
    moves = tuple(move_row(move) for move in solution.moves)
    reason = _reason(pending.cause, solution)
    if pending.cause == covering.REP_ABSENT:
        moves = tuple(covering.told(state, move) for move in moves)
        reason = covering.reason(state, moves)
    row = voice.say(
        SuggestionRow,
        day,
        suggestion_id=suggestion_id,
        revision=0,
        status="proposed",
        cause=pending.cause,
        alert_ids=tuple(pending.alert_ids),
        reason=reason,
        created_on=day,
        expires_on=expires,
        effective_from=None,
        objective_before_eur=solution.before.total_eur,
        objective_after_eur=solution.after.total_eur,
        worth_eur=solution.saving_eur,
        bound_eur=solution.bound_eur,
        gap_share=solution.gap,
        spread_before=solution.spread_before.std_percent / 100,
        spread_after=solution.spread_after.std_percent / 100,
        max_deviation_before=solution.spread_before.max_deviation_percent / 100,
        max_deviation_after=solution.spread_after.max_deviation_percent / 100,
        travel_km_before=solution.before.travel_km,
        travel_km_after=solution.after.travel_km,
        potential_moved_eur=sum(move.potential_eur for move in solution.moves),
        probability_positive=answer.probability_positive,
        solver_status=solution.status,
        stopped_by=solution.stopped_by,
        random_state=solution.random_state,
        decided_by="",
        decision_id="",
        decision_reason="",
        moves=moves,
        effects=effects(solution),
        frontier=tuple(_frontier_row(point) for point in answer.frontier),
        frontier_moves=tuple(
            FrontierMoveRow(move_limit=point.moves, account_id=account_id, to_rep=to_rep)
            for point in answer.frontier
            for account_id, to_rep in point.changes
        ),
        scenarios=read_scenarios(answer.scenarios),
        travel_checks=read_travel_checks(answer.travel_checks),
        turning_points=() if pending.cause == covering.REP_ABSENT else turning_points(solution),
        blocked=() if pending.cause == covering.REP_ABSENT else blocked(solution),
        intervals=read_intervals(answer.intervals),
        verdicts=verdict_rows(verdicts),
    )
    suggestion = SuggestionState(
        row.model_dump_json().encode(), suggestion_id, "proposed", day, expires, pending.cause,
        total_eur=budget.total_potential(state, day), alert_ids=pending.alert_ids,
    )  # fmt: skip
    state.suggestions[suggestion_id] = suggestion
    for old in list(state.suggestions)[:-KEPT_SUGGESTIONS]:
        del state.suggestions[old]
    return suggestion


def _frontier_row(point: FrontierPoint) -> FrontierRow:
    return FrontierRow(
        move_limit=point.moves,
        objective_eur=point.plan_eur,
        bound_eur=point.bound_eur,
        balance_eur=point.balance_eur,
        max_deviation=point.max_deviation_percent / 100,
    )


def _reason(cause: str, solution: Solution) -> str:
    before, after = solution.spread_before.max_deviation_percent, solution.spread_after.max_deviation_percent
    why = {
        "corridor": "a territory has been outside the corridor for weeks",
        "rep_left": "a rep has left and the accounts need a new one",
        "rep_joined": "a rep has joined and has less than a fair share",
        "account_closed": "accounts have closed and the balance is gone",
        "override": "accounts were given to other reps by hand and the balance is gone",
        "alert": "a confirmed shift of the market has put territories out of balance",
    }.get(cause, cause)
    return (
        f"{why}: {len(solution.moves)} moves bring the largest deviation from {before:.1f} % to {after:.1f} % "
        f"and are worth {solution.saving_eur:,.0f} a year"
    )
