"""Why the scopes of a history deviate: what its files tell beside orders, heard and weighed by the stream's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from infra.importers.assemble import FIRST_KNOWN
from models.alerts import EVENTS_REMEMBERED
from models.causes import CauseContext, KnownEvent, causes_of
from models.codes import Codes
from models.company_watch import CompanyWatch
from models.event_watch import EventWatch, Expectation
from models.history import Floats
from models.saying import ScopeFacts, account_signal, around_scope, event_signal, scope_signal
from models.segmentation import segments
from models.signals import SCOPES, Scope, Signal
from models.standing import Standing
from models.warned import Warned
from schemas.region_log import AssignmentSet, MarketEventSet, RepSet
from schemas.settings import Settings
from streams.cli.backtest.alert_files import COMPANY, Message, Told
from streams.cli.backtest.alert_history import History
from streams.handlers.activity.roster import account_message, created_account
from streams.handlers.region import news, planning, roster
from streams.handlers.region.days import note_order
from streams.handlers.region.state import AccountState, RegionState
from streams.handlers.region.visits import VisitBook

WEEKS_PER_YEAR = 52


@dataclass(slots=True)
class Line:
    """One line of the output. `state` of what orders told "found", of a fact such as a rep who left "known", of a market event
    "expected" and then "confirmed" or "withdrawn"."""

    warned: Warned
    state: str = "found"
    decided_on: date | None = None


class Causes:
    """Per day `begin_day`, then the watch, then `judged`; on Sundays `begin_week`, the watch, `close_week`, `judged`."""

    def __init__(self, history: History, told: Told, settings: Settings) -> None:
        self._settings = settings
        self._told = told
        self._scope_of = dict(history.scope_of)
        self._codes: dict[Scope, Codes] = {kind: Codes(names) for kind, names in history.scope_of.items()}
        self._events = EventWatch()
        self._visits = VisitBook()
        self._known: list[KnownEvent] = []
        self._held: dict[tuple[str, str], float] = {}
        self._expected: dict[str, Line] = {}
        self._accounts = [self._entered(row, account_id) for row, account_id in enumerate(history.account_ids)]
        accounts = {account.now.account_id: account for account in self._accounts}
        self._state = RegionState(
            COMPANY, accounts=accounts
        )  # its rows are who has ordered: the others are yet to come

    def _entered(self, row: int, account_id: str) -> AccountState:
        base = self._settings.company.base_region
        told = self._told.accounts.get(account_id) or created_account(account_id, FIRST_KNOWN, base)
        zone, territory = (
            self._scope_of[kind][row] if kind in self._scope_of else "" for kind in ("zone", "territory")
        )
        return AccountState(account_message(told, 0, base), row, zone, territory or None)

    def begin_day(self, day: date, watch: CompanyWatch, ordered: NDArray[np.intp]) -> list[Line]:
        """What takes effect on the day, before its orders (of those accounts) are shown to the watch."""
        for ordinal in sorted(ordinal for ordinal in self._told.messages if ordinal <= day.toordinal()):
            for message in self._told.messages.pop(ordinal):
                self._take_effect(message, watch)
        for row in ordered.tolist():
            if self._accounts[row].last_order is None:
                self._state.rows.append(self._accounts[row].now.account_id)
            note_order(self._accounts[row], day)
        left = [
            news.rep_left(rep_id, self._state, day, self._settings) for rep_id in roster.newly_left(self._state, day)
        ]
        joined = [news.rep_joined(rep_id, self._state, day) for rep_id in roster.newly_joined(self._state, day)]
        self._known = [one for one in [*self._known, *left, *joined] if one.day >= day - EVENTS_REMEMBERED]
        facts = [
            Warned("territory", one.scopes[0][1], day, one.day, "drop", 0.0, "capacity_change", f"rep left: {one.note}")
            for one in left
            if one.eur_at_risk > 0
        ]
        return [
            *(Line(one, "known") for one in facts),
            *(self._raised(one, day, watch) for one in self._events.fresh()),
        ]

    def _take_effect(self, message: Message, watch: CompanyWatch) -> None:
        match message:
            case RepSet():
                roster.set_rep(self._state, message)
            case AssignmentSet():
                account = self._state.accounts.get(message.account_id)
                if account is not None:
                    roster.assign(account, message)
            case MarketEventSet():
                region = self._region(message.region_id)
                event, expected = news.market_event(message, region), news.expectation(message, region)
                self._known += [event] if event is not None else []
                if expected is not None:
                    self._events.hear(expected, watch)

    def _region(self, region_id: str | None) -> RegionState:
        """Those who hear of an event: all, or the accounts of a region."""
        if region_id is None:
            return self._state
        ours = {name: self._state.accounts[name] for name in self._state.rows}
        accounts = {name: one for name, one in ours.items() if one.now.region_id == region_id}
        return RegionState(region_id, accounts=accounts, rows=list(accounts))

    def _raised(self, one: Expectation, day: date, watch: CompanyWatch) -> Line:
        line = self._expected[one.news.event_id] = Line(self._of_event(one, day, watch), "expected")
        return line

    def begin_week(self, sunday: date, watch: CompanyWatch) -> Mapping[Scope, Sequence[str | None]]:
        """Each account's scopes on that Sunday. How the visit frequency was kept is known by then."""
        active = np.array([one.last_order is not None and roster.is_active(one, sunday) for one in self._accounts])
        potential = np.where(active, WEEKS_PER_YEAR * watch.usual.eur, 0.0)
        fixed = {account.row: account.now.segment for account in self._accounts if account.now.segment}
        before = np.array([account.segment for account in self._accounts], dtype="U1")
        letters = segments(potential, before, self._settings.segments, fixed)
        for account, letter, eur in zip(self._accounts, letters.tolist(), potential.tolist(), strict=True):
            account.segment, account.potential_eur = letter, eur
        if any(account.assigned_from for account in self._accounts):
            self._scope_of["territory"] = self._owners(sunday)
            self._codes["territory"] = Codes(self._scope_of["territory"])
        self._visits.close_week(self._visited(sunday))
        target = np.array([planning.yearly_visits(account, self._settings) for account in self._accounts]) * active
        self._held = self._visits.held(target, {k: v for k, v in self._scope_of.items() if k in ("territory", "zone")})
        return self._scope_of

    def _owners(self, sunday: date) -> list[str]:
        if self._state.reps:
            return roster.owners(self._state, self._accounts, sunday)
        return [account.rep_id or "" for account in self._accounts]

    def _visited(self, sunday: date) -> Floats:
        made = np.zeros(len(self._accounts))
        for ordinal in range(sunday.toordinal() - 6, sunday.toordinal() + 1):
            for account_id, count in self._told.visits.pop(ordinal, {}).items():
                if account_id in self._state.accounts:
                    made[self._state.accounts[account_id].row] += count
        return made

    def close_week(self, sunday: date, watch: CompanyWatch) -> None:
        """Market events are judged by the week that the watch has just closed."""
        self._events.close_week(sunday - timedelta(days=6), watch)
        believed = {one.news.event_id: one for one in self._events.all()}
        for event_id, line in list(self._expected.items()):
            one = believed.get(event_id)
            if one is not None and one.verdict == "expected":
                continue
            line.state, line.decided_on = "confirmed" if one else "withdrawn", sunday
            if one:
                line.warned = self._of_event(one, line.warned.detected_on, watch)
            del self._expected[event_id]

    def _of_event(self, one: Expectation, day: date, watch: CompanyWatch) -> Warned:
        kind = next(kind for kind in SCOPES if kind == one.news.scope[0])
        signal = event_signal(one, WEEKS_PER_YEAR * float(watch.usual.eur[list(one.news.rows)].sum()), kind)
        cause = causes_of(signal, self._known, self._context())[0]
        said = f"{cause.evidence}; {one.effect:+.0%} expected" + (
            f", {one.estimate:+.0%} estimated" if one.weeks else ""
        )
        return Warned(kind, one.news.scope[1], day, one.news.day, signal.direction, one.estimate, cause.cause, said)

    def judged(self, found: Sequence[Warned], watch: CompanyWatch) -> list[Warned]:
        """The alarms of a day or week with the cause that explains each best."""
        return [one if one.withdrawn or one.cause_class == "data_fault" else self._judged(one, watch) for one in found]

    def _judged(self, one: Warned, watch: CompanyWatch) -> Warned:
        cause = causes_of(self._signal(one, watch), self._known, self._context())[0]
        if cause.cause == one.cause_class and not cause.event_ids:
            return one
        return replace(one, cause_class=cause.cause, evidence=f"{cause.evidence}; {one.evidence}")

    def _signal(self, one: Warned, watch: CompanyWatch) -> Signal:
        standing = Standing(one, 1, one.shift, one.shift)
        codes, usual = self._codes, watch.usual.eur
        if one.scope == "account":
            around = [(k, codes[k].ids[codes[k].codes[one.row]]) for k in ("zone", "territory") if k in codes]
            inside = (*(pair for pair in around if pair[1]), ("region", ""))
            gap = float(watch.rhythms.gap[one.row])
            return account_signal(standing, one.detected_on, float(usual[one.row]), gap, inside)
        own = codes.get(one.scope)
        if own is None or one.scope_id not in own.ids:  # many accounts of all kinds at once
            nobody = np.zeros(0, np.intp)
            return scope_signal(
                standing, ScopeFacts(one.scope, 0.0, 0, (("region", ""),)), (0.0, 0.0), watch.order_days(nobody)
            )
        number = own.ids.index(one.scope_id)
        rows = np.flatnonzero(own.codes == number)
        facts = ScopeFacts(
            one.scope,
            WEEKS_PER_YEAR * float(usual[rows].sum()),
            rows.size,
            around_scope(one.scope, number, codes, usual),
        )
        return scope_signal(standing, facts, (0.0, 0.0), watch.order_days(rows))

    def _context(self) -> CauseContext:
        return CauseContext(sum(account.potential_eur for account in self._accounts), visits_held=self._held)
