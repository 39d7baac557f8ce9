"""A rep who is absent for a time: colleagues cover the accounts, and the territories stay as they are.

A cover is no assignment. It begins with a manager's decision, is told to the CRM, and ends by itself when the rep is back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from schemas.errors import RefusedError
from schemas.region_log import Decided, RepSet
from schemas.rows import AssignmentChangeRow, MoveRow, SuggestionRow
from schemas.settings import Settings
from solvers.problem import Problem
from streams.handlers.region import planning
from streams.handlers.region.roster import active_accounts, is_open, live_reps
from streams.handlers.region.state import (
    AccountState,
    Cover,
    MoveState,
    RegionState,
    SuggestionState,
    is_absent,
    is_live,
)
from streams.handlers.region.voice import Voice

REP_ABSENT: Final = "rep_absent"
"""The cause of a suggestion of cover."""
ONE_DAY = timedelta(days=1)


def to_cover(state: RegionState, day: date, settings: Settings) -> list[RepSet]:
    """Reps whose absence runs or is near, who hold accounts, and for whom nobody was asked in this absence, or in vain."""
    held = {account.rep_id for account in active_accounts(state, day)}
    in_vain = _proposed_in_vain(state, day)
    return [
        rep
        for rep in _away(state, day, settings)
        if rep.rep_id in held and (rep.rep_id in in_vain or state.covers_asked.get(rep.rep_id) != rep.absent_from)
    ]


def remember_asked(state: RegionState, reps: list[RepSet]) -> None:
    """One question for each absence; absences that are over are forgotten."""
    for rep in reps:
        if rep.absent_from is not None:
            state.covers_asked[rep.rep_id] = rep.absent_from
    known = {rep_id: rep.absent_from for rep_id, rep in state.reps.items()}
    state.covers_asked = {rep_id: day for rep_id, day in state.covers_asked.items() if known.get(rep_id) == day}


def problem_of(state: RegionState, day: date, settings: Settings) -> tuple[Problem, list[AccountState]]:
    """Who stands in for whom: the accounts of the absent ones need somebody, all others stay.

    An account that is covered already counts as its substitute's. Raises ProblemError.
    """
    absent = _away(state, day, settings)
    away = {rep.rep_id for rep in absent}
    begins = max(day + ONE_DAY, min((rep.absent_from for rep in absent if rep.absent_from), default=day))
    reps = [rep for rep in live_reps(state, begins) if rep.rep_id not in away]
    there = {rep.rep_id: j for j, rep in enumerate(reps)}
    everyone = [a for a in active_accounts(state, day) if a.rep_id in there or a.rep_id in away]
    has = [(_substitute(state, account) or account.rep_id) in there for account in everyone]
    accounts, left_out = planning.servable(everyone, has, reps, begins)
    serving = [_substitute(state, account) or account.rep_id or "" for account in accounts]
    held = [f"only accounts of {', '.join(sorted(away))} are covered" if rep_id in there else "" for rep_id in serving]
    current = np.array([there.get(rep_id, -1) for rep_id in serving], dtype=np.int64)
    return replace(planning.pose(state, day, settings, reps, accounts, current, held), noticed=left_out), accounts


def first_day(state: RegionState, suggestion: SuggestionState, day: date) -> date:
    """The first day of the first absence that the suggestion covers, tomorrow at the earliest."""
    begins = [rep.absent_from for rep in _covered_reps(state, suggestion) if rep.absent_from is not None]
    return max(day + ONE_DAY, min(begins, default=day))


def is_over(state: RegionState, suggestion: SuggestionState, day: date) -> bool:
    """Whether all whom it would cover are back, or will not be away."""
    tomorrow = day + ONE_DAY
    return not any(rep.absent_to and rep.absent_to >= tomorrow for rep in _covered_reps(state, suggestion))


def told(state: RegionState, move: MoveRow) -> MoveRow:
    """A move of the plan as a cover: from the rep who is absent, and why."""
    home = state.reps[state.accounts[move.account_id].rep_id or ""]
    return move.model_copy(
        update={
            "from_rep": home.rep_id,
            "reason": f"{move.to_rep} stands in for {home.rep_id}, absent from {home.absent_from} to {home.absent_to}",
        }
    )


def reason(state: RegionState, moves: Sequence[MoveRow]) -> str:
    """Why the suggestion is made, in a sentence."""
    homes = sorted({move.from_rep for move in moves})
    absences = [f"{rep_id} from {state.reps[rep_id].absent_from} to {state.reps[rep_id].absent_to}" for rep_id in homes]
    return f"absent: {', '.join(absences)}; colleagues stand in for {len(moves)} accounts, the territories stay as they are"


def begin(state: RegionState, decision: Decided, moves: list[MoveState], since: date, day: date, voice: Voice) -> None:
    """Colleagues stand in from `since` on. Raises RefusedError for accounts of reps who are not absent then."""
    homes = {move.from_rep for move in moves}
    there = sorted(rep_id for rep_id in homes if rep_id not in state.reps or not is_absent(state.reps[rep_id], since))
    if there:
        who = ", ".join(rep_id or "nobody" for rep_id in there)
        raise RefusedError("stale_suggestion", f"no cover for {who}: not absent on {since}", "effective_from")
    for move in moves:
        state.covers[move.account_id] = Cover(move.to_rep, move.from_rep, since, decision.suggestion_id)
        _say("cover", move, since, day, voice, decision.suggestion_id, decision.decision_id)


def take_back(state: RegionState, decision: Decided, moves: list[MoveState], day: date, voice: Voice) -> None:
    """An undone suggestion: its covers end tomorrow, or never begin."""
    for move in moves:  # the way back: from the substitute
        cover = state.covers.pop(move.account_id, None)
        if cover is not None:
            back = MoveState(move.account_id, cover.rep_id, move.to_rep)
            when = max(day + ONE_DAY, cover.since)
            _say("cover_end", back, when, day, voice, decision.suggestion_id, decision.decision_id)


def end_covers(state: RegionState, day: date, voice: Voice) -> None:
    """End the covers that nobody needs tomorrow, or nobody gives: who cannot stand in any more is replaced by a new plan."""
    for account_id, cover in list(state.covers.items()):
        when = max(day + ONE_DAY, cover.since)
        account, home, other = state.accounts.get(account_id), state.reps.get(cover.home), state.reps.get(cover.rep_id)
        stands = account is not None and is_open(account) and account.rep_id == cover.home
        needed = stands and home is not None and is_live(home, when) and is_absent(home, when)
        given = _is_there(other, when)
        if needed and given:
            continue
        del state.covers[account_id]
        if needed:
            state.covers_asked.pop(cover.home, None)
        serves = (account.rep_id or "") if account is not None else ""
        _say("cover_end", MoveState(account_id, cover.rep_id, serves), when, day, voice, cover.suggestion_id)


def _is_there(rep: RepSet | None, day: date) -> bool:
    return rep is not None and is_live(rep, day) and not is_absent(rep, day)


def _proposed_in_vain(state: RegionState, day: date) -> set[str]:
    """Reps for whom somebody is proposed to stand in, in a suggestion that waits, who cannot."""
    return {
        move.from_rep
        for suggestion in state.suggestions.values()
        if suggestion.status == "proposed" and suggestion.cause == REP_ABSENT
        for move in SuggestionRow.model_validate_json(suggestion.row).moves
        if not _is_there(state.reps.get(move.to_rep), first_day(state, suggestion, day))
    }


def _away(state: RegionState, day: date, settings: Settings) -> list[RepSet]:
    """Live reps whose absence is not over by tomorrow and begins within the lead."""
    soon = day + timedelta(days=settings.change.cover_lead_days)
    return [
        rep
        for rep in live_reps(state, day + ONE_DAY)
        if rep.absent_from is not None and rep.absent_to is not None and rep.absent_from <= soon and rep.absent_to > day
    ]


def _substitute(state: RegionState, account: AccountState) -> str:
    cover = state.covers.get(account.now.account_id)
    return cover.rep_id if cover is not None else ""


def _covered_reps(state: RegionState, suggestion: SuggestionState) -> list[RepSet]:
    homes = {move.from_rep for move in SuggestionRow.model_validate_json(suggestion.row).moves}
    return [state.reps[rep_id] for rep_id in sorted(homes) if rep_id in state.reps]


def _say(
    kind: str, move: MoveState, since: date, day: date, voice: Voice, suggestion_id: str, decision_id: str = ""
) -> None:
    """An outbox row: the CRM is told who serves the account from that day on. Without a decision a cover ends by itself."""
    voice.say(
        AssignmentChangeRow,
        day,
        change_id=voice.derive(kind, decision_id or suggestion_id, move.account_id, since),
        account_id=move.account_id,
        from_rep=move.from_rep,
        to_rep=move.to_rep,
        valid_from=since,
        suggestion_id=suggestion_id,
        decision_id=decision_id,
        kind=kind,
    )
