"""One region: a deterministic fold over its log. Same log, settings and version: same potentials, alerts, suggestions, ids.

Messages take effect on their own day: what is dated ahead waits on the agenda until the calendar gets there. While a
solve is out the calendar stands still, so the answer always meets the region as it was when it asked.
"""

from __future__ import annotations

from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.region_log import AccountDays, AccountSet, Decided, RegionMessage, RepSet, SolveFinished, decode
from schemas.settings import Settings
from schemas.topics import REGION_EVENTS
from streams.handlers.region import agenda, asking, correcting, covering, expiring, news, occasions, planning, roster
from streams.handlers.region.days import SUNDAY, first_day, forget_old_days, hear_days, note_orders
from streams.handlers.region.hearing import remember, was_heard
from streams.handlers.region.learning import Learner
from streams.handlers.region.state import RegionState, Waiting
from streams.handlers.region.voice import Voice
from streams.ports import Record

ONE_DAY = timedelta(days=1)


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
            for totals in hear_days(state, message.days):
                correcting.correct(state, self.learner, totals, voice)
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
            agenda.schedule(state, self.learner, message, self._settings, voice)

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

    def _close_day(self, day: date, voice: Voice) -> None:
        state = self.state
        agenda.begin_day(state, self.learner, day, self._settings, voice)
        note_orders(state, day)
        for account in roster.settle_newcomers(state, day):
            correcting.welcome(state, self.learner, account, day)
        state.closed = day
        for rep_id in roster.newly_left(state, day):
            self.learner.note(news.rep_left(rep_id, state, day, self._settings))
            if any(account.rep_id == rep_id for account in roster.active_accounts(state, day)):
                expiring.give_way(state, day, voice)
        for rep_id in roster.newly_joined(state, day):
            self.learner.note(news.rep_joined(rep_id, state, day))
        covering.end_covers(state, day, voice)
        self.learner.watch_day(state, day)
        if day.weekday() == SUNDAY:
            self._close_week(day, voice)
        fired = self.learner.close_day(state, day, voice)
        expiring.expire(state, day, self._settings, voice, self.learner.open_alerts)
        waiting = sum(1 for suggestion in state.suggestions.values() if suggestion.status == "proposed")
        voice.output.gauges["suggestions_waiting", state.region_id] = float(waiting)
        occasions.maybe_ask(state, self.learner, day, fired, self._settings, voice)
        voice.output.count("days_closed", state.region_id)

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

    def _hear_solution(self, message: SolveFinished, voice: Voice) -> None:
        state, pending = self.state, self.state.pending
        if pending is None or pending.request_id != message.request_id:
            return  # the answer to a question asked again after a crash
        state.pending = None
        if message.failure:
            asking.failed(state, pending, message.failure, voice)
        else:
            made = asking.judge(state, pending, message.solution, self._settings, voice)
            if made is not None:
                self.learner.say_again(made.alert_ids, state, pending.asked_on, voice)
        waiting, state.waiting = state.waiting, []
        for one in waiting:
            record = Record(REGION_EVENTS.name, voice.partition, one.offset, one.timestamp_ms, one.key, one.value)
            try:
                agenda.schedule(state, self.learner, decode(one.value), self._settings, voice)
            except RefusedError as refused:
                voice.bury(record, refused)
