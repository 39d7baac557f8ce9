"""Which moves of an acceptance still fit: judged by what planning goes by, since the world moves on while a suggestion waits."""

from __future__ import annotations

from datetime import date

from schemas.errors import RefusedError
from schemas.rows import SuggestionRow
from schemas.settings import Settings
from schemas.verdict_sentences import say
from streams.handlers.region import budget, covering
from streams.handlers.region.planning import held_because, is_pinned
from streams.handlers.region.roster import is_open, live_reps, owner
from streams.handlers.region.state import AccountState, MoveState, RegionState, SuggestionState, is_live

CENT = 0.01
"""As much as the judge of plans lets pass: sums over the moves in another order."""


def fitting(
    state: RegionState, suggestion: SuggestionState, pairs: list[tuple[str, str]], day: date, effective: date,
    settings: Settings,
) -> tuple[list[MoveState], list[str]]:  # fmt: skip
    """The moves that may still be made, and the accounts of the others with what stands against them.

    Raises RefusedError for what never fitted.
    """
    from_rep = {m.account_id: m.from_rep for m in SuggestionRow.model_validate_json(suggestion.row).moves}
    moves, left_out = [], []
    for account_id, to_rep in pairs:
        account, rep = state.accounts.get(account_id), state.reps.get(to_rep)
        if account is None or rep is None or not is_live(rep, effective):
            raise RefusedError("unknown_move", f"{account_id!r} to {to_rep!r}: no such account or rep here", "moves")
        against = _moved_meanwhile(state, account, from_rep.get(account_id), to_rep, day)
        against = against or _held(state, suggestion, account, day, settings)
        if against:
            left_out.append(say("each.keeper", account=account_id, held_because=against))
        else:
            moves.append(MoveState(account_id, account.rep_id or "", to_rep))
    return moves, left_out


def _moved_meanwhile(state: RegionState, account: AccountState, from_rep: str | None, to_rep: str, day: date) -> str:
    """Why the account is not where the move would take it from; "" if it is. An orphan (from "") still has nobody."""
    if not is_open(account):
        return say("held.closed")
    stands = from_rep is None or (account.rep_id == from_rep if from_rep else not owner(state, account, day))
    if stands and account.rep_id != to_rep:
        return ""
    return say("held.with", rep=account.rep_id) if account.rep_id else say("held.nobody")


def _held(state: RegionState, suggestion: SuggestionState, account: AccountState, day: date, settings: Settings) -> str:
    """Why the account may not move today, as planning has it; an orphan has to go somewhere, and a cover is no move."""
    if suggestion.cause == covering.REP_ABSENT:
        return held_because(account, day, settings) if is_pinned(account, day) else ""
    return held_because(account, day, settings) if owner(state, account, day) else ""


def over_budget(
    state: RegionState, suggestion: SuggestionState, moves: list[MoveState], day: date, settings: Settings
) -> str:
    """What is wrong with so much change at once, "" if nothing is; whom nobody serves counts as little as in a plan.

    The moves weigh what they did in the plan, and the budget is a share of no less than the potential was then: a plan is
    not refused because a week has estimated everything anew, but because others have spent the budget meanwhile.
    """
    if suggestion.cause == covering.REP_ABSENT:
        return ""
    planned = {m.account_id: m.potential_eur for m in SuggestionRow.model_validate_json(suggestion.row).moves}
    wanted, by_rep = 0.0, dict.fromkeys((rep_id for move in moves for rep_id in (move.from_rep, move.to_rep)), 0.0)
    for move in moves:
        account = state.accounts[move.account_id]
        if owner(state, account, day):
            eur = planned.get(move.account_id, account.potential_eur)
            wanted += eur
            by_rep[move.from_rep] += eur
            by_rep[move.to_rep] += eur
    total_eur = max(budget.total_potential(state, day), suggestion.total_eur)
    left = budget.left(state, day, total_eur, settings)
    if wanted > left + CENT:
        return say("accept.over_budget", wanted_eur=wanted, left_eur=left)
    reps = live_reps(state, day)
    for rep, allowed in zip(reps, budget.left_by_rep(state, reps, day, total_eur, settings).tolist(), strict=True):
        if by_rep.get(rep.rep_id, 0.0) > allowed + CENT:
            return say("accept.over_rep_budget", rep=rep.rep_id, wanted_eur=by_rep[rep.rep_id], left_eur=allowed)
    return ""
