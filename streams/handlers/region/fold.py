"""One region: a deterministic fold over its log. Same log, settings and version: same potentials, alerts, suggestions, ids.

Messages take effect on their own day: what is dated ahead waits on the agenda until the calendar gets there. While a
solve is out the calendar stands still, so the answer always meets the region as it was when it asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.region_log import (
    AccountDays,
    AccountSet,
    AssignmentSet,
    DayTotals,
    DealSet,
    Decided,
    MarketEventSet,
    RegionMessage,
    RepSet,
    SolveFinished,
    decode,
)
from schemas.settings import Settings
from schemas.topics import REGION_EVENTS
from streams.handlers.region import asking, covering, deciding, expiring, news, planning, roster
from streams.handlers.region.days import first_day, forget_old_days, hear_days, note_order, note_orders, replace_day
from streams.handlers.region.hearing import remember, was_heard
from streams.handlers.region.learning import Learner
from streams.handlers.region.roster import day_of
from streams.handlers.region.state import NO_ROW, AccountState, RegionState, Waiting
from streams.handlers.region.voice import Voice
from streams.ports import Record

ONE_DAY = timedelta(days=1)
SUNDAY = 6


class Region:
    """The state of a region and what it does with each message."""

    def __init__(self, state: RegionState, learner: Learner, settings: Settings) -> None:
        self.state = state
        self.learner = learner
        self._settings = settings

    def hear(self, message: RegionMessage, record: Record, voice: Voice) -> None:
        """Apply one message of the log, brought by `record`. Raises RefusedError for what fits nothing here."""
        if was_heard(self.state, message):
            voice.output.count("repeated", self.state.region_id)
            return
        try:
            self._hear_first(message, record, voice)
        finally:
            remember(self.state, message)

    def _hear_first(self, message: RegionMessage, record: Record, voice: Voice) -> None:
        state = self.state
        if isinstance(message, AccountDays):
            self._hear_days(message.days, voice)
        elif isinstance(message, AccountSet) and message.account_id not in state.accounts:
            if not message.left:
                roster.enter(state, message)
        elif isinstance(message, SolveFinished):
            self._hear_solution(message, voice)
        elif isinstance(message, RepSet):
            roster.set_rep(state, message)
        elif isinstance(message, Decided) and state.pending is not None:
            state.waiting.append(Waiting(record.offset, record.timestamp_ms, record.key or b"", record.value or b""))
        else:
            self._schedule(message, voice)

    def close_days(self, through: date, voice: Voice) -> None:
        """Close every day up to `through`, unless the calendar waits for a solve."""
        state = self.state
        if state.closed is None:
            start = first_day(state)
            if start is None:
                return
            state.closed = start - timedelta(days=start.weekday() + 1)
        while state.pending is None and state.closed < through:
            self._close_day(state.closed + ONE_DAY, voice)

    def _schedule(self, message: RegionMessage, voice: Voice) -> None:
        """Now if its day is over already, else when the calendar gets there."""
        if isinstance(message, AssignmentSet) and message.account_id not in self.state.accounts:
            raise RefusedError("unknown_account", f"no account {message.account_id!r} in this region", "account_id")
        day = _effective_day(message)
        closed = self.state.closed
        if day is None or (closed is not None and day <= closed):
            self._take_effect(message, voice)
        else:
            self.state.agenda.setdefault(day.toordinal(), []).append(message)

    def _take_effect(self, message: RegionMessage, voice: Voice) -> None:
        state = self.state
        if isinstance(message, AccountSet):
            account = state.accounts[message.account_id]
            was_open = account.now.status == "active" and not account.now.left
            roster.describe(account, message)
            if account.row != NO_ROW:
                self.learner.change(account)
            if was_open and (message.status == "closed" or message.left):
                self.learner.note(news.account_closed(account, day_of(message.occurred_at)))
        elif isinstance(message, DealSet):
            roster.set_deal(state, message)
        elif isinstance(message, AssignmentSet):
            by_hand = roster.assign(state.accounts[message.account_id], message)
            state.overridden = state.overridden or by_hand
        elif isinstance(message, MarketEventSet):
            event = news.market_event(message, state)
            if event is not None:
                self.learner.note(event)
                self.learner.expect(news.expectation(message, state), state)
        elif isinstance(message, Decided) and message.kind == "mark":
            if not self.learner.mark(message.alert_id, message.verdict):
                raise RefusedError("unknown_alert", f"no alert {message.alert_id!r} is remembered here", "alert_id")
        elif isinstance(message, Decided):
            deciding.decide(state, message, state.closed or day_of(message.occurred_at), self._settings, voice)

    def _hear_days(self, days: Sequence[DayTotals], voice: Voice) -> None:
        for totals in hear_days(self.state, days):
            self._correct(totals, voice)

    def _correct(self, totals: DayTotals, voice: Voice) -> None:
        """Totals of a day that is closed: what they change is learnt."""
        state = self.state
        delta = replace_day(state, totals)
        account = state.accounts.get(totals.account_id)
        if delta is None:
            voice.output.count("too_late_days", state.region_id)
        elif account is not None:
            day = date.fromordinal(totals.day)
            if totals.orders:
                note_order(account, day)
            if delta and account.row != NO_ROW:
                self.learner.correct(account, day, delta / 100)
                voice.output.count("corrections", state.region_id)

    def _close_day(self, day: date, voice: Voice) -> None:
        state = self.state
        for ordinal in sorted(o for o in state.agenda if o <= day.toordinal()):
            for message in sorted(state.agenda.pop(ordinal), key=_turn):
                self._take_effect(message, voice)
        note_orders(state, day)
        for account in roster.settle_newcomers(state, day):
            self._welcome(account, day)
        state.closed = day
        for rep_id in roster.newly_left(state, day):
            self.learner.note(news.rep_left(rep_id, state, day, self._settings))
            if any(account.rep_id == rep_id for account in roster.active_accounts(state, day)):
                expiring.give_way(state, day, voice)
        covering.end_covers(state, day, voice)
        self.learner.watch_day(state, day)
        if day.weekday() == SUNDAY:
            self._close_week(day, voice)
        fired = self.learner.close_day(state, day, voice)
        expiring.expire(state, day, self._settings, voice, self.learner.open_alerts)
        waiting = sum(1 for suggestion in state.suggestions.values() if suggestion.status == "proposed")
        voice.output.gauges["suggestions_waiting", state.region_id] = float(waiting)
        self._maybe_ask(day, fired, voice)
        voice.output.count("days_closed", state.region_id)

    def _welcome(self, account: AccountState, day: date) -> None:
        """The account has its row: what it ordered on days that closed without it is learnt late."""
        self.learner.add(account)
        if account.first_order is None or account.first_order >= day:
            return
        for ordinal in sorted(ordinal for ordinal in self.state.days if ordinal < day.toordinal()):
            totals = self.state.days[ordinal].get(account.now.account_id)
            if totals is not None:
                self.learner.correct(account, date.fromordinal(ordinal), totals.revenue_cents / 100)

    def _close_week(self, sunday: date, voice: Voice) -> None:
        state = self.state
        self.learner.close_week(state, sunday, voice)
        state.weeks_closed += 1
        forget_old_days(state)
        if planning.has_territories(state, sunday):
            worst = planning.standing(state, sunday).worst
            broken = worst > self._settings.corridor.tolerance
            state.weeks_broken = state.weeks_broken + 1 if broken else 0
            voice.output.gauges["worst_deviation", state.region_id] = worst
        voice.output.count("weeks_closed", state.region_id)

    def _maybe_ask(self, day: date, fired: list[str], voice: Voice) -> None:
        """Ask for a plan when there is a persistent cause and nothing else is in the way."""
        state = self.state
        if self._asked_for_cover(day, voice):
            return
        orphaned = roster.has_orphans(state, day)
        overridden = self._is_overridden(day)
        persistent = state.weeks_broken >= self._settings.corridor.persistence_weeks
        out_of_corridor = state.weeks_broken > 0
        if not (orphaned or overridden or (day.weekday() == SUNDAY and (persistent or (fired and out_of_corridor)))):
            return
        if not planning.may_ask(state, day, orphaned, self._settings):
            return
        cause = "rep_left" if orphaned else "override" if overridden else "alert" if fired else "corridor"
        state.overridden = False
        asking.ask(state, day, cause, fired, self._settings, voice)

    def _is_overridden(self, day: date) -> bool:
        """Whether the CRM has given accounts to other reps and the corridor is broken: what would restore it is offered at once."""
        state = self.state
        if state.overridden:
            state.overridden = planning.standing(state, day).worst > self._settings.corridor.tolerance
        return state.overridden

    def _asked_for_cover(self, day: date, voice: Voice) -> bool:
        """Ask who stands in for reps who will be absent: at once, whatever else waits for a decision."""
        state = self.state
        absent = covering.to_cover(state, day, self._settings)
        if not absent or state.pending is not None:
            return False
        for rep in absent:
            self.learner.note(news.rep_absent(rep, state, day))
        expiring.renew_covers(state, day, voice)
        covering.remember_asked(state, absent)
        asking.ask(state, day, covering.REP_ABSENT, [], self._settings, voice)
        return True

    def _hear_solution(self, message: SolveFinished, voice: Voice) -> None:
        state, pending = self.state, self.state.pending
        if pending is None or pending.request_id != message.request_id:
            return  # the answer to a question asked again after a crash
        state.pending = None
        if message.failure:
            asking.failed(state, pending, message.failure, voice)
        else:
            asking.judge(state, pending, message.solution, self._settings, voice)
        waiting, state.waiting = state.waiting, []
        for one in waiting:
            record = Record(REGION_EVENTS.name, voice.partition, one.offset, one.timestamp_ms, one.key, one.value)
            try:
                self._schedule(decode(one.value), voice)
            except RefusedError as refused:
                voice.bury(record, refused)


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
