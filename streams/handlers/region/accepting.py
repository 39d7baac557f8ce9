"""A suggestion is accepted, as it is or modified: which moves still fit, from when on, and whether one person may."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.region_log import Decided
from schemas.settings import Settings
from schemas.verdict_sentences import say
from solvers.verdict import some
from streams.handlers.region import agreeing, covering
from streams.handlers.region.expiring import let_go
from streams.handlers.region.fitting import fitting, over_budget
from streams.handlers.region.moving import move_accounts
from streams.handlers.region.revising import UNDECIDED, proposed, remember_refused, revise, said_by
from streams.handlers.region.state import RegionState, SuggestionState
from streams.handlers.region.voice import Voice

ONE_DAY = timedelta(days=1)


def accept(
    state: RegionState, suggestion: SuggestionState, decision: Decided, day: date, settings: Settings, voice: Voice
) -> date | None:
    """Move what was wanted and still fits; the day from which that counts, None while a second person has to agree.

    Raises RefusedError when no move fits today, a wanted one never did, or all together are more than the change budget has.
    """
    effective = _effective(state, suggestion, decision, day)
    pairs = _wanted(decision, proposed(suggestion))
    moves, left_out = fitting(state, suggestion, pairs, day, effective, settings)
    too_much = over_budget(state, suggestion, moves, day, settings)
    if not moves or too_much:
        _let_go_if_overtaken(state, suggestion, day, effective, settings, voice)
    if not moves:
        raise RefusedError(
            "stale_suggestion", say("accept.stale", held_ones=some(left_out) or "none is listed"), "suggestion_id"
        )
    if too_much:
        raise RefusedError("over_budget", too_much, "moves")
    if agreeing.waits_for_second(state, suggestion, decision, pairs, moves, settings):
        approvals = agreeing.approved(suggestion, decision, pairs)
        revise(
            suggestion, "proposed", day, voice, approvals=approvals, **UNDECIDED
        )  # a snooze is over: one of two wants it
        return None
    if suggestion.cause == covering.REP_ABSENT:
        covering.begin(state, decision, moves, effective, day, voice)
    else:
        move_accounts(state, decision, moves, effective, "move", day, voice)
    suggestion.applied, suggestion.effective_from = moves, effective
    remember_refused(state, suggestion, day, kept=set(pairs))
    said = said_by(decision)
    if left_out:  # said, never silent
        note = say("accept.left_out", count=len(left_out), asked=len(pairs), held_ones=some(left_out))
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


def _let_go_if_overtaken(
    state: RegionState, suggestion: SuggestionState, day: date, effective: date, settings: Settings, voice: Voice
) -> None:
    """No single move of it can be made any more, whatever is chosen: another plan is needed, and no decision to wait for."""
    fit, _ = fitting(state, suggestion, list(proposed(suggestion).items()), day, effective, settings)
    if not fit:
        let_go(state, suggestion, day, voice, "no move fits today's assignments any more")
    elif all(over_budget(state, suggestion, [move], day, settings) for move in fit):
        let_go(state, suggestion, day, voice, "what is left of the change budget allows no move any more")


def _wanted(decision: Decided, proposed: dict[str, str]) -> list[tuple[str, str]]:
    """(account, rep) as decided: the listed moves of a modification, else all or the listed ones of the proposal."""
    if decision.kind == "modify":
        return list(dict(decision.moves).items())
    listed = dict(decision.moves) or proposed
    for account_id, to_rep in listed.items():
        if proposed.get(account_id) != to_rep:
            raise RefusedError("unknown_move", f"{account_id!r} to {to_rep!r} was not proposed", "moves")
    return [(account_id, to_rep) for account_id, to_rep in proposed.items() if account_id in listed]
