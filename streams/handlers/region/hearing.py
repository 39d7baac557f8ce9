"""What was heard before. A crash upstream may write a stretch of the log again, cut differently and among other messages.

Totals are absolute and need no memory. Everything else would take effect a second time, if only until its successor is
repeated, too; should a week close in between, it would be learnt. So each id counts once.
"""

from __future__ import annotations

from schemas.ids import short_hash
from schemas.region_log import AccountSet, AssignmentSet, DealSet, Decided, MarketEventSet, RegionMessage, RepSet
from streams.handlers.region.state import RegionState

KEPT_OF_ACCOUNT = 16
KEPT_OF_REGION = 2_000
"""Far more than one crash repeats. Bounds the memory of a region for ever."""
DIGEST_BYTES = 8


def was_heard(state: RegionState, message: RegionMessage) -> bool:
    """Whether this very message had its effect, or was refused, before."""
    digest = _digest(message)
    if digest is None:
        return False
    account = (
        state.accounts.get(message.account_id) if isinstance(message, AccountSet | AssignmentSet | DealSet) else None
    )
    return digest in state.heard or (account is not None and digest in account.heard)


def remember(state: RegionState, message: RegionMessage) -> None:
    """With its account if that is known here, else with the region; the oldest are forgotten."""
    digest = _digest(message)
    if digest is None or (isinstance(message, RepSet) and not _concerns(state, message)):
        return
    account = state.accounts.get(message.account_id) if isinstance(message, AccountSet | AssignmentSet) else None
    if account is not None:
        account.heard = [*account.heard[1 - KEPT_OF_ACCOUNT :], digest]
    else:
        state.heard[digest] = None
        if len(state.heard) > KEPT_OF_REGION:
            del state.heard[next(iter(state.heard))]


def _concerns(state: RegionState, rep: RepSet) -> bool:
    """Every region hears of every rep; most mean nothing to it."""
    return rep.region_id == state.region_id or rep.rep_id in state.moved_reps


def _digest(message: RegionMessage) -> bytes | None:
    """Of what makes the message that one message; None where repeating it changes nothing."""
    match message:
        case AccountSet():
            name = f"account|{message.event_id}|{message.left}"
        case AssignmentSet():
            name = f"assignment|{message.event_id}"
        case RepSet():
            name = f"rep|{message.event_id}"
        case MarketEventSet():
            name = f"market|{message.event_id}"
        case DealSet():
            name = f"deal|{message.event_id}"
        case Decided():
            name = f"decision|{message.decision_id}"
        case _:
            return None
    return short_hash(name.encode(), DIGEST_BYTES)
