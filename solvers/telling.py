"""A solution as the rows people read: its moves with their reasons, and the territories they change."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.rows import BlockedRow, MoveRow, TerritoryEffect, TurningPointRow, VerdictRow
from schemas.verdict_sentences import say
from solvers.solution import Alternative, Move, Solution
from solvers.verdict import Verdict


def move_row(move: Move) -> MoveRow:
    rejected = move.rejected
    return MoveRow(
        account_id=move.account_id,
        from_rep=move.from_rep,
        to_rep=move.to_rep,
        worth_eur=move.worth_eur,
        travel_eur=move.worth.travel_eur,
        change_eur=move.worth.change_eur,
        balance_eur=move.worth.balance_eur,
        overtime_eur=move.worth.overtime_eur,
        travel_km=move.worth.travel_km,
        hours=move.hours,
        potential_eur=move.potential_eur,
        reason=move.reason,
        binding=move.binding,
        alternative=_next_best(rejected) if rejected else "",
        contiguity_eur=move.worth.contiguity_eur,
        overtime_hours=move.worth.overtime_hours,
        deviation_points=move.worth.deviation_points,
        pieces=move.worth.pieces,
    )


def _next_best(rejected: Alternative) -> str:
    return say(f"next.{rejected.why}", rep=rejected.rep_id, worse_eur=rejected.worse_by_eur, rule=rejected.rule)


def turning_points(solution: Solution) -> tuple[TurningPointRow, ...]:
    """Of every move, the most worth first."""
    return tuple(
        TurningPointRow(account_id=move.account_id, pays_from_eur=move.pays_from_eur, pays_to_eur=move.pays_to_eur)
        for move in solution.moves
    )


def blocked(solution: Solution) -> tuple[BlockedRow, ...]:
    """What rules keep from being proposed, the most worth first."""
    return tuple(
        BlockedRow(account_id=one.account_id, to_rep=one.to_rep, worth_eur=one.worth_eur, why=one.why)
        for one in solution.blocked
    )


def verdict_rows(verdicts: Iterable[Verdict]) -> tuple[VerdictRow, ...]:
    return tuple(VerdictRow(rule=one.rule, why=one.detail, relaxation=one.relaxation) for one in verdicts)


def effects(solution: Solution) -> tuple[TerritoryEffect, ...]:
    """The territories that change."""
    return tuple(
        TerritoryEffect(
            rep_id=rep.rep_id,
            potential_before_eur=rep.before.potential_eur,
            potential_after_eur=rep.after.potential_eur,
            hours_before=rep.before.hours,
            hours_after=rep.after.hours,
            accounts_before=rep.before.accounts,
            accounts_after=rep.after.accounts,
            deviation_before=rep.before.deviation,
            deviation_after=rep.after.deviation,
        )
        for rep in solution.reps
        if rep.before != rep.after
    )
