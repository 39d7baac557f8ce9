"""What becomes of a suggestion: decided by a manager, or expired; and the pins on accounts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.events import ALERT_DECISIONS, Assignment
from schemas.region_log import Decided
from schemas.rows import AssignmentChangeRow, SuggestionRow
from schemas.settings import Settings
from schemas.topics import ASSIGNMENTS
from streams.handlers.region import agreeing, covering
from streams.handlers.region.planning import is_pinned, standing
from streams.handlers.region.roster import has_orphans, is_open, owner
from streams.handlers.region.state import AccountState, MoveState, RefusedMove, RegionState, SuggestionState, is_live
from streams.handlers.region.voice import Voice, end_of
from streams.ports import Emit

ONE_DAY = timedelta(days=1)


def expire(state: RegionState, day: date, settings: Settings, voice: Voice, open_alerts: Collection[str]) -> None:
    """Close open suggestions whose time is over or whose reason is gone."""
    for suggestion in state.suggestions.values():
        if suggestion.status != "proposed":
            continue
        if suggestion.expires_on < day:
            _change(suggestion, "expired", day, voice, decision_reason="nobody decided in time")
        elif suggestion.cause == "corridor" and state.weeks_broken == 0:
            _change(suggestion, "expired", day, voice, decision_reason="the corridor holds again")
        elif suggestion.cause == "alert" and state.weeks_broken == 0 and not _alerts(suggestion) & set(open_alerts):
            _change(suggestion, "expired", day, voice, decision_reason="its alerts are over and the corridor holds")
        elif suggestion.cause == "override" and standing(state, day).worst <= settings.corridor.tolerance:
            _change(suggestion, "expired", day, voice, decision_reason="the corridor holds again")
        elif suggestion.cause == "rep_left" and not has_orphans(state, day):
            _change(suggestion, "expired", day, voice, decision_reason="every account has a rep again")
        elif suggestion.cause == covering.REP_ABSENT and covering.is_over(state, suggestion, day):
            _change(suggestion, "expired", day, voice, decision_reason="nobody is absent any more")
        else:
            continue
        if suggestion.cause != covering.REP_ABSENT and not has_orphans(state, day):  # these cannot wait
            state.rest_until = day + timedelta(days=settings.change.suggestion_cooldown_days)


def give_way(state: RegionState, day: date, voice: Voice) -> None:
    """A rep has left accounts behind: they wait neither for a plan that did not know it nor for the end of a rest."""
    for suggestion in state.suggestions.values():
        if suggestion.status == "proposed":
            _change(suggestion, "expired", day, voice, decision_reason="a rep has left: another plan is needed")
    state.covers_asked.clear()
    state.rest_until = None


def renew_covers(state: RegionState, day: date, voice: Voice) -> None:
    """One more rep is absent, or may not stand in: an open suggestion of cover gives way to one for all of them."""
    for suggestion in state.suggestions.values():
        if suggestion.status == "proposed" and suggestion.cause == covering.REP_ABSENT:
            _change(suggestion, "expired", day, voice, decision_reason="one more rep is absent: another plan is needed")


def decide(state: RegionState, decision: Decided, day: date, settings: Settings, voice: Voice) -> None:
    """Apply a manager's decision. Raises RefusedError when it fits nothing that is open; the first decision wins.

    What people do with an alert is kept as a fact and changes nothing here; a verdict on it goes to the learner.
    """
    if decision.kind in ALERT_DECISIONS:
        return
    if decision.kind in ("pin", "unpin"):
        _pin(state, decision)
        return
    suggestion = state.suggestions.get(decision.suggestion_id)
    if suggestion is None:
        raise RefusedError("unknown_suggestion", f"no suggestion {decision.suggestion_id!r} here", "suggestion_id")
    if decision.kind == "challenge":
        _change(suggestion, suggestion.status, day, voice, challenges=agreeing.challenged(suggestion, decision))
        return
    expected = "approved" if decision.kind == "undo" else "proposed"
    if suggestion.status not in (expected, "modified" if decision.kind == "undo" else expected):
        raise RefusedError("stale_decision", f"the suggestion is {suggestion.status}, not {expected}", "suggestion_id")
    said = {"decided_by": decision.decided_by, "decision_id": decision.decision_id, "decision_reason": decision.reason}
    rest, rests_from = settings.change.suggestion_cooldown_days, day
    is_cover = suggestion.cause == covering.REP_ABSENT
    if decision.kind == "reject":
        _refuse(state, suggestion, day, kept=set())
        _change(suggestion, "rejected", day, voice, **said)
    elif decision.kind == "snooze":
        _change(suggestion, "snoozed", day, voice, **said)
        rest = max((decision.until - day).days, 1) if decision.until else rest
    elif decision.kind == "undo":
        effective = _undone_from(suggestion, decision, day)
        rests_from = max(day, effective)
        back = _undone(state, suggestion)
        if is_cover:
            covering.take_back(state, decision, back, day, voice)
        else:
            _apply(state, decision, back, effective, "undo", day, voice)
        _refuse(state, suggestion, day, kept=set())
        _change(suggestion, "rolled_back", day, voice, **said)
    else:
        first = suggestion.first_approval
        usual = covering.first_day(state, suggestion, day) if is_cover else day + ONE_DAY
        effective = decision.effective_from or (first.effective_from if first else None) or usual
        rests_from = max(day, effective)
        pairs = _wanted(decision, _proposed(suggestion))
        moves = _chosen(state, suggestion, pairs, day, effective)
        if not moves:
            if not _chosen(state, suggestion, list(_proposed(suggestion).items()), day, effective):
                _let_go(state, suggestion, day, voice)
            raise RefusedError("stale_suggestion", "no listed move fits today's assignments any more", "suggestion_id")
        if agreeing.waits_for_second(state, suggestion, decision, pairs, moves, settings):
            _change(suggestion, "proposed", day, voice, approvals=agreeing.approved(suggestion, decision, pairs))
            return
        if is_cover:
            covering.begin(state, decision, moves, effective, day, voice)
        else:
            _apply(state, decision, moves, effective, "move", day, voice)
        suggestion.applied, suggestion.effective_from = moves, effective
        _refuse(state, suggestion, day, kept=set(pairs))
        if len(moves) < len(pairs):  # said, never silent
            note = f"{len(pairs) - len(moves)} of {len(pairs)} moves left out: moved, closed or pinned meanwhile"
            said["decision_reason"] = "; ".join(filter(None, (decision.reason, note)))
        status = "modified" if decision.kind == "modify" else "approved"
        approvals = agreeing.approved(suggestion, decision, pairs)
        _change(suggestion, status, day, voice, effective_from=effective, approvals=approvals, **said)
    suggestion.decided_on = day
    if not is_cover:
        state.rest_until = rests_from + timedelta(days=rest)


def _chosen(
    state: RegionState, suggestion: SuggestionState, pairs: list[tuple[str, str]], day: date, effective: date
) -> list[MoveState]:
    """The moves of an acceptance that still fit today's assignment and pins. Raises RefusedError for what never fitted."""
    from_rep = {m.account_id: m.from_rep for m in SuggestionRow.model_validate_json(suggestion.row).moves}
    moves = []
    for account_id, to_rep in pairs:
        account, rep = state.accounts.get(account_id), state.reps.get(to_rep)
        if account is None or rep is None or not is_live(rep, effective):
            raise RefusedError("unknown_move", f"{account_id!r} to {to_rep!r}: no such account or rep here", "moves")
        if account_id in from_rep and not _stands(state, account, from_rep[account_id], day):
            continue  # it has moved meanwhile
        if is_open(account) and not is_pinned(account, day) and account.rep_id != to_rep:
            moves.append(MoveState(account_id, account.rep_id or "", to_rep))
    return moves


def _let_go(state: RegionState, suggestion: SuggestionState, day: date, voice: Voice) -> None:
    """A suggestion that the world has overtaken: it closes, and the region may ask anew at once."""
    _change(suggestion, "expired", day, voice, decision_reason="no move fits today's assignments any more")
    state.rest_until = None


def _refuse(state: RegionState, suggestion: SuggestionState, day: date, kept: set[tuple[str, str]]) -> None:
    """Remember the proposed moves that the manager did not want; who shall not stand in may still take over for good."""
    if suggestion.cause == covering.REP_ABSENT:
        return
    for move in SuggestionRow.model_validate_json(suggestion.row).moves:
        if (move.account_id, move.to_rep) not in kept:
            state.refused.append(RefusedMove(move.account_id, move.to_rep, day, move.worth_eur))


def _alerts(suggestion: SuggestionState) -> set[str]:
    return set(SuggestionRow.model_validate_json(suggestion.row).alert_ids)


def _proposed(suggestion: SuggestionState) -> dict[str, str]:
    """Account -> the rep it was proposed for."""
    return {move.account_id: move.to_rep for move in SuggestionRow.model_validate_json(suggestion.row).moves}


def _stands(state: RegionState, account: AccountState, from_rep: str, day: date) -> bool:
    """Whether the account is still where the proposal found it; an orphan ("") still has nobody."""
    return account.rep_id == from_rep if from_rep else not owner(state, account, day)


def _wanted(decision: Decided, proposed: dict[str, str]) -> list[tuple[str, str]]:
    """(account, rep) as decided: the listed moves of a modification, else all or the listed ones of the proposal."""
    if decision.kind == "modify":
        return list(dict(decision.moves).items())
    listed = dict(decision.moves) or proposed
    for account_id, to_rep in listed.items():
        if proposed.get(account_id) != to_rep:
            raise RefusedError("unknown_move", f"{account_id!r} to {to_rep!r} was not proposed", "moves")
    return [(account_id, to_rep) for account_id, to_rep in proposed.items() if account_id in listed]


def _undone(state: RegionState, suggestion: SuggestionState) -> list[MoveState]:
    """The way back of every account that has not gone elsewhere or closed since. Raises RefusedError when none is left."""
    back = [
        MoveState(move.account_id, move.to_rep, move.from_rep)
        for move in suggestion.applied
        if (state.accounts[move.account_id].rep_id or "") in (move.from_rep, move.to_rep)
        and is_open(state.accounts[move.account_id])
    ]
    if not back:
        raise RefusedError("stale_suggestion", "every account of it has moved on since", "suggestion_id")
    return back


def _undone_from(suggestion: SuggestionState, decision: Decided, day: date) -> date:
    """Never before the moves themselves, which may still lie ahead: they would come into force after their undoing."""
    first = decision.effective_from or day + ONE_DAY
    return max(first, suggestion.effective_from or first)


def _apply(state: RegionState, decision: Decided, moves: list[MoveState], effective: date, kind: str, day: date,
           voice: Voice) -> None:  # fmt: skip
    """Write the outbox rows and the assignments that come back through the log."""
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
        if owner(state, account, day):  # whom a rep has left behind has to go somewhere
            state.moved_by_rep += [
                (effective, rep, account.potential_eur) for rep in (move.from_rep, move.to_rep) if rep
            ]


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
