"""A suggestion is accepted, as it is or modified: which moves still fit, from when on, and whether one person may."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.region_log import Decided
from schemas.rows import SuggestionRow
from schemas.settings import Settings
from streams.handlers.region import agreeing, covering
from streams.handlers.region.expiring import let_go
from streams.handlers.region.moving import move_accounts
from streams.handlers.region.planning import is_pinned
from streams.handlers.region.revising import proposed, remember_refused, revise, said_by
from streams.handlers.region.roster import is_open, owner
from streams.handlers.region.state import AccountState, MoveState, RegionState, SuggestionState, is_live
from streams.handlers.region.voice import Voice

ONE_DAY = timedelta(days=1)


def accept(
    state: RegionState, suggestion: SuggestionState, decision: Decided, day: date, settings: Settings, voice: Voice
) -> date | None:
    """Move what was wanted and still fits; the day from which that counts, None while a second person has to agree.

    Raises RefusedError when no move fits today, or a wanted one never did.
    """
    effective = _effective(state, suggestion, decision, day)
    pairs = _wanted(decision, proposed(suggestion))
    moves = _chosen(state, suggestion, pairs, day, effective)
    if not moves:
        if not _chosen(state, suggestion, list(proposed(suggestion).items()), day, effective):
            let_go(state, suggestion, day, voice)
        raise RefusedError("stale_suggestion", "no listed move fits today's assignments any more", "suggestion_id")
    if agreeing.waits_for_second(state, suggestion, decision, pairs, moves, settings):
        revise(suggestion, "proposed", day, voice, approvals=agreeing.approved(suggestion, decision, pairs))
        return None
    if suggestion.cause == covering.REP_ABSENT:
        covering.begin(state, decision, moves, effective, day, voice)
    else:
        move_accounts(state, decision, moves, effective, "move", day, voice)
    suggestion.applied, suggestion.effective_from = moves, effective
    remember_refused(state, suggestion, day, kept=set(pairs))
    said = said_by(decision)
    if len(moves) < len(pairs):  # said, never silent
        note = f"{len(pairs) - len(moves)} of {len(pairs)} moves left out: moved, closed or pinned meanwhile"
        said["decision_reason"] = "; ".join(filter(None, (decision.reason, note)))
    status = "modified" if decision.kind == "modify" else "approved"
    approvals = agreeing.approved(suggestion, decision, pairs)
    revise(suggestion, status, day, voice, effective_from=effective, approvals=approvals, **said)
    return effective


def _effective(state: RegionState, suggestion: SuggestionState, decision: Decided, day: date) -> date:
    """As decided now or by the first of two persons, else tomorrow, or when the absence begins."""
    first = suggestion.first_approval
    is_cover = suggestion.cause == covering.REP_ABSENT
    usual = covering.first_day(state, suggestion, day) if is_cover else day + ONE_DAY
    return decision.effective_from or (first.effective_from if first else None) or usual


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


def _wanted(decision: Decided, proposed: dict[str, str]) -> list[tuple[str, str]]:
    """(account, rep) as decided: the listed moves of a modification, else all or the listed ones of the proposal."""
    if decision.kind == "modify":
        return list(dict(decision.moves).items())
    listed = dict(decision.moves) or proposed
    for account_id, to_rep in listed.items():
        if proposed.get(account_id) != to_rep:
            raise RefusedError("unknown_move", f"{account_id!r} to {to_rep!r} was not proposed", "moves")
    return [(account_id, to_rep) for account_id, to_rep in proposed.items() if account_id in listed]


def _stands(state: RegionState, account: AccountState, from_rep: str, day: date) -> bool:
    """Whether the account is still where the proposal found it; an orphan ("") still has nobody."""
    return account.rep_id == from_rep if from_rep else not owner(state, account, day)
