"""The life of a suggestion: proposed, decided, expired. At most one is open in a region."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.events import Assignment
from schemas.region_log import Decided
from schemas.rows import AssignmentChangeRow, MoveRow, SuggestionRow, TerritoryEffect
from schemas.settings import Settings
from schemas.topics import ASSIGNMENTS
from solvers.solution import Move, Solution
from streams.handlers.region.state import AccountState, MoveState, PendingSolve, RegionState, SuggestionState
from streams.handlers.region.voice import Voice, end_of
from streams.ports import Emit

KEPT_SUGGESTIONS = 50


def propose(state: RegionState, pending: PendingSolve, solution: Solution, probability: float, day: date,
            settings: Settings, voice: Voice) -> SuggestionState:  # fmt: skip
    """Publish a verified solution as a suggestion."""
    suggestion_id = voice.derive("suggestion", pending.request_id)
    expires = day + timedelta(days=settings.change.suggestion_expires_days)
    moves = tuple(_move_row(move) for move in solution.moves)
    row = voice.say(
        SuggestionRow,
        day,
        suggestion_id=suggestion_id,
        revision=0,
        status="proposed",
        cause=pending.cause,
        alert_ids=tuple(pending.alert_ids),
        reason=_reason(pending.cause, solution),
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
        probability_positive=probability,
        solver_status=solution.status,
        stopped_by=solution.stopped_by,
        random_state=solution.random_state,
        decided_by="",
        decision_id="",
        decision_reason="",
        moves=moves,
        effects=_effects(solution),
    )
    suggestion = SuggestionState(row.model_dump_json().encode(), suggestion_id, "proposed", day, expires, pending.cause)
    state.suggestions[suggestion_id] = suggestion
    for old in list(state.suggestions)[:-KEPT_SUGGESTIONS]:
        del state.suggestions[old]
    return suggestion


def expire(state: RegionState, day: date, settings: Settings, voice: Voice) -> None:
    """Close open suggestions whose time is over or whose reason is gone."""
    for suggestion in state.suggestions.values():
        if suggestion.status != "proposed":
            continue
        if suggestion.expires_on < day:
            _change(suggestion, "expired", day, voice, decision_reason="nobody decided in time")
        elif suggestion.cause == "corridor" and state.weeks_broken == 0:
            _change(suggestion, "expired", day, voice, decision_reason="the corridor holds again")
        else:
            continue
        state.rest_until = day + timedelta(days=settings.change.suggestion_cooldown_days)


def decide(state: RegionState, decision: Decided, day: date, settings: Settings, voice: Voice) -> None:
    """Apply a manager's decision. Raises RefusedError when it fits nothing that is open; the first decision wins."""
    if decision.kind in ("pin", "unpin"):
        _pin(state, decision)
        return
    suggestion = state.suggestions.get(decision.suggestion_id)
    if suggestion is None:
        raise RefusedError("unknown_suggestion", f"no suggestion {decision.suggestion_id!r} here", "suggestion_id")
    expected = "approved" if decision.kind == "undo" else "proposed"
    if suggestion.status not in (expected, "modified" if decision.kind == "undo" else expected):
        raise RefusedError("stale_decision", f"the suggestion is {suggestion.status}, not {expected}", "suggestion_id")
    said = {"decided_by": decision.decided_by, "decision_id": decision.decision_id, "decision_reason": decision.reason}
    suggestion.decided_on = day
    rest = settings.change.suggestion_cooldown_days
    if decision.kind == "reject":
        _change(suggestion, "rejected", day, voice, **said)
    elif decision.kind == "snooze":
        _change(suggestion, "snoozed", day, voice, **said)
        rest = max((decision.until - day).days, 1) if decision.until else rest
    elif decision.kind == "undo":
        _apply(state, decision, [_reversed(move) for move in suggestion.applied], day, "undo", voice)
        _change(suggestion, "rolled_back", day, voice, **said)
    else:
        moves = _chosen(state, suggestion, decision)
        suggestion.applied = moves
        _apply(state, decision, moves, day, "move", voice)
        status = "modified" if decision.kind == "modify" else "approved"
        _change(
            suggestion, status, day, voice, effective_from=decision.effective_from or day + timedelta(days=1), **said
        )
    state.rest_until = day + timedelta(days=rest)


def _chosen(state: RegionState, suggestion: SuggestionState, decision: Decided) -> list[MoveState]:
    """The moves of an acceptance that still fit today's assignment and pins. Raises RefusedError if none does."""
    proposed = {m.account_id: m for m in SuggestionRow.model_validate_json(suggestion.row).moves}
    if decision.kind == "modify":
        wanted = list(decision.moves)
    else:
        listed = {account_id for account_id, _ in decision.moves} or set(proposed)
        wanted = [(m.account_id, m.to_rep) for m in proposed.values() if m.account_id in listed]
    moves = []
    for account_id, to_rep in wanted:
        account = state.accounts.get(account_id)
        if account is None or to_rep not in state.reps:
            raise RefusedError("unknown_move", f"{account_id!r} to {to_rep!r}: no such account or rep here", "moves")
        offered = proposed.get(account_id)
        if offered is not None and offered.from_rep and (account.rep_id or "") != offered.from_rep:
            continue  # it has moved meanwhile
        if account.pinned_until is None and account.rep_id != to_rep:
            moves.append(MoveState(account_id, account.rep_id or "", to_rep))
    if not moves:
        raise RefusedError("stale_suggestion", "no listed move fits today's assignments any more", "suggestion_id")
    return moves


def _apply(state: RegionState, decision: Decided, moves: list[MoveState], day: date, kind: str, voice: Voice) -> None:
    """Write the outbox rows and the assignments that come back through the log."""
    effective = decision.effective_from or day + timedelta(days=1)
    for move in moves:
        account = state.accounts[move.account_id]
        voice.say(
            AssignmentChangeRow,
            day,
            change_id=voice.derive("change", decision.decision_id, move.account_id),
            account_id=move.account_id,
            from_rep=move.from_rep,
            to_rep=move.to_rep,
            valid_from=effective,
            suggestion_id=decision.suggestion_id,
            decision_id=decision.decision_id,
            kind=kind,
        )
        voice.output.emits.append(_assignment(account, move, decision, effective, voice))
        state.moved_eur.append((effective, account.potential_eur))


def _assignment(account: AccountState, move: MoveState, decision: Decided, effective: date, voice: Voice) -> Emit:
    event = Assignment(
        event_id=voice.derive("assignment", decision.decision_id, move.account_id),
        occurred_at=decision.occurred_at,
        account_id=move.account_id,
        rep_id=move.to_rep or None,
        valid_from=effective,
        source="decision",
        suggestion_id=decision.suggestion_id,
    )
    value = event.model_dump_json().encode()
    return Emit(ASSIGNMENTS.name, account.now.source_partition, move.account_id.encode(), value)


def _pin(state: RegionState, decision: Decided) -> None:
    account = state.accounts.get(decision.account_id or "")
    if account is None:
        raise RefusedError("unknown_account", f"no account {decision.account_id!r} in this region", "account_id")
    account.pinned_until = (decision.until or date.max) if decision.kind == "pin" else None
    account.pin_reason = decision.reason if decision.kind == "pin" else ""


def _change(suggestion: SuggestionState, status: str, day: date, voice: Voice, **fields: object) -> None:
    row = SuggestionRow.model_validate_json(suggestion.row)
    changes = {"status": status, "revision": row.revision + 1, "as_of": end_of(day), **fields}
    row = row.model_copy(update=changes)
    suggestion.row, suggestion.status = row.model_dump_json().encode(), status
    voice.repeat(row)


def _reversed(move: MoveState) -> MoveState:
    return MoveState(move.account_id, move.to_rep, move.from_rep)


def _move_row(move: Move) -> MoveRow:
    rejected = move.rejected
    alternative = f"{rejected.rep_id} ({rejected.why}, {rejected.worse_by_eur:,.0f} worse)" if rejected else ""
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
        alternative=alternative,
    )


def _effects(solution: Solution) -> tuple[TerritoryEffect, ...]:
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


def _reason(cause: str, solution: Solution) -> str:
    before, after = solution.spread_before.max_deviation_percent, solution.spread_after.max_deviation_percent
    why = {
        "corridor": "a territory has been outside the corridor for weeks",
        "rep_left": "a rep has left and the accounts need a new one",
        "alert": "a confirmed shift of the market has put territories out of balance",
    }.get(cause, cause)
    return (
        f"{why}: {len(solution.moves)} moves bring the largest deviation from {before:.1f} % to {after:.1f} % "
        f"and are worth {solution.saving_eur:,.0f} a year"
    )
