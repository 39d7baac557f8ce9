"""Messages take effect on their own day: what is dated ahead waits until the calendar gets there."""

from __future__ import annotations

from datetime import date

from schemas.errors import RefusedError
from schemas.region_log import AccountSet, AssignmentSet, DealSet, Decided, MarketEventSet, RegionMessage
from schemas.settings import Settings
from streams.handlers.region import deciding, news, roster
from streams.handlers.region.learning import Learner
from streams.handlers.region.roster import day_of
from streams.handlers.region.state import NO_ROW, RegionState
from streams.handlers.region.voice import Voice


def schedule(state: RegionState, learner: Learner, message: RegionMessage, settings: Settings, voice: Voice) -> None:
    """It takes effect now if its day is over already, else when the calendar gets there. Raises RefusedError."""
    if isinstance(message, AssignmentSet) and message.account_id not in state.accounts:
        raise RefusedError("unknown_account", f"no account {message.account_id!r} in this region", "account_id")
    day = _effective_day(message)
    closed = state.closed
    if day is None or (closed is not None and day <= closed):
        _take_effect(state, learner, message, settings, voice)
    else:
        state.agenda.setdefault(day.toordinal(), []).append(message)


def begin_day(state: RegionState, learner: Learner, day: date, settings: Settings, voice: Voice) -> None:
    """What waited for this day, or for one before it, takes effect."""
    for ordinal in sorted(o for o in state.agenda if o <= day.toordinal()):
        for message in sorted(state.agenda.pop(ordinal), key=_turn):
            _take_effect(state, learner, message, settings, voice)


def _take_effect(
    state: RegionState, learner: Learner, message: RegionMessage, settings: Settings, voice: Voice
) -> None:
    if isinstance(message, AccountSet):
        account = state.accounts[message.account_id]
        was_open = account.now.status == "active" and not account.now.left
        roster.describe(account, message)
        if account.row != NO_ROW:
            learner.change(account)
        if was_open and (message.status == "closed" or message.left):
            state.lost_accounts = True
            learner.note(news.account_closed(account, day_of(message.occurred_at)))
    elif isinstance(message, DealSet):
        roster.set_deal(state, message)
    elif isinstance(message, AssignmentSet):
        by_hand = roster.assign(state.accounts[message.account_id], message)
        state.overridden = state.overridden or by_hand
    elif isinstance(message, MarketEventSet):
        event = news.market_event(message, state)
        if event is not None:
            learner.note(event)
            learner.expect(news.expectation(message, state), state)
    elif isinstance(message, Decided) and message.kind == "mark":
        if not learner.mark(message.alert_id, message.verdict):
            raise RefusedError("unknown_alert", f"no alert {message.alert_id!r} is remembered here", "alert_id")
    elif isinstance(message, Decided):
        deciding.decide(state, message, state.closed or day_of(message.occurred_at), settings, voice)


def _turn(message: RegionMessage) -> tuple[str, str]:
    """The order in which a day's messages take effect, whatever the one in which they came; an account's own keep theirs."""
    match message:
        case AccountSet() | AssignmentSet() | DealSet():
            return type(message).__name__, message.account_id
        case MarketEventSet():
            return type(message).__name__, message.market_event_id
        case _:
            return "", ""


def _effective_day(message: RegionMessage) -> date | None:
    """The day from which a message counts; None: at once."""
    if isinstance(message, AssignmentSet):
        return message.valid_from
    if isinstance(message, AccountSet | MarketEventSet | DealSet):
        return day_of(message.occurred_at)
    return None
