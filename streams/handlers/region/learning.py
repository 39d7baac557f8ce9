"""What a region learns: potentials, segments, signals and alerts. Wraps the models; `saying` makes their rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.alert import Alert, AlertChange
from models.alerts import AlertBook
from models.causes import CauseContext, KnownEvent
from models.event_watch import MarketNews
from models.potential import PotentialModel
from models.segmentation import segments
from models.signals import SCOPES, Signal, WeekView
from models.traits import AccountTraits
from models.verdicts import Verdicts
from models.watch import Watch
from models.week_outcome import WeekOutcome
from schemas.ids import derived
from schemas.settings import Settings
from streams.handlers.region import news, planning, roster
from streams.handlers.region.days import SUNDAY, Week
from streams.handlers.region.saying import say_alert, say_potentials, say_quality
from streams.handlers.region.state import AccountState, RegionState
from streams.handlers.region.visits import VisitBook
from streams.handlers.region.voice import Voice

ACTIONABLE = ("demand_shift", "capacity_change")
TRAVEL_STEP = 0.1


class LearnerState(msgspec.Struct):
    """What the learner keeps beside its models."""

    region_id: str
    visits: list[float]
    revisions: dict[str, int]
    events: list[tuple[str, str, date, list[tuple[str, str]], bool, float, str]]
    held: list[tuple[str, str, float]]
    verdicts: dict[str, tuple[str, str]] = {}
    fired: list[str] = []


class Learner:
    """The models of one region, fed by the fold."""

    version = f"{PotentialModel.version}/{Watch.version}/{AlertBook.version}"
    packed_parts = ("potential", "watch")
    """Those of `to_parts` that are arrays, a row for each account."""

    def __init__(self, settings: Settings, region_id: str) -> None:
        self._settings = settings
        self._region_id = region_id
        self._potential = PotentialModel(settings.potential)
        self._watch = Watch(settings.alerts)
        self._book = AlertBook(settings.alerts, region_id, derived)
        self._visits = VisitBook()
        self._revisions: dict[str, int] = {}
        self._verdicts = Verdicts()
        self._events: list[KnownEvent] = []
        self._signals: list[Signal] | None = None  # of the week that closes today
        self._news: list[Signal] = []  # of the day that closes
        self._held: dict[tuple[str, str], float] = {}
        self._fired: list[str] = []  # alerts of measured changes, since the last Sunday

    def add(self, account: AccountState) -> None:
        """A new account takes the next row."""
        row = self._potential.add(_traits(account))
        if row != account.row:
            raise RuntimeError(f"account {account.now.account_id} has row {account.row} but the model gave {row}")

    def change(self, account: AccountState) -> None:
        self._potential.change_traits(account.row, _traits(account))

    def correct(self, account: AccountState, day: date, eur: float) -> None:
        """Late money of a closed day."""
        self._potential.correct(account.row, day - timedelta(days=day.weekday()), eur)

    def note(self, event: KnownEvent) -> None:
        """Remember what happened until the day is closed."""
        self._events.append(event)

    def expect(self, news: MarketNews | None, state: RegionState) -> None:
        """A market event changes what is expected of the accounts in its reach."""
        if news is not None:
            self._watch.hear(news, state.rows)

    def watch_day(self, state: RegionState, day: date) -> None:
        """Show the watch who ordered on the day; what it finds is told when the day is closed."""
        ordered = sorted(
            (state.accounts[totals.account_id].row, totals.revenue_cents, totals.orders)
            for totals in state.days.get(day.toordinal(), {}).values()
            if totals.orders > 0 and totals.account_id in state.accounts
        )
        rows = np.array([row for row, _, _ in ordered], dtype=np.intp)
        eur = np.array([cents for _, cents, _ in ordered], dtype=np.float64) / 100
        count = np.array([orders for _, _, orders in ordered], dtype=np.float64)

        def around(row: int) -> tuple[tuple[str, str], ...]:
            account = state.accounts[state.rows[row]]
            known = (("zone", account.zone), ("territory", account.rep_id or ""))
            return (*(scope for scope in known if scope[1]), ("region", ""))

        self._news = self._watch.close_day(day, state.rows, rows, eur, around, count)

    def close_week(self, state: RegionState, sunday: date, voice: Voice) -> None:
        """Learn the week that ends on `sunday` and publish what it changed."""
        week = Week(state, sunday - timedelta(days=6))
        if not state.rows:
            return
        accounts = [state.accounts[account_id] for account_id in state.rows]
        active = np.array([roster.is_active(account, sunday) for account in accounts])
        believed = self._watch.believed(week.monday)
        outcome = self._potential.close_week(week.monday, week.revenue_eur, active, believed)
        self._take_over(accounts, active, outcome)
        total_visits = float(week.visits.sum())
        if total_visits > 0:
            minutes = week.travel_minutes / total_visits
            state.travel_minutes_per_visit += TRAVEL_STEP * (minutes - state.travel_minutes_per_visit)
        view = self._view(state, accounts, active, week, outcome, sunday)
        self._visits.close_week(week.visits)
        target = np.array([planning.yearly_visits(account, self._settings) for account in accounts]) * active
        self._held = self._visits.held(target, {"territory": view.territory_of, "zone": view.zone_of})
        self._signals = self._watch.close_week(view)
        say_potentials(accounts, active, week, outcome, view.territory_of, voice)
        say_quality(self._potential.quality_rows(), week, voice)

    def close_day(self, state: RegionState, day: date, voice: Voice) -> list[str]:
        """Step the alerts; ids of those that call for rebalancing: of facts when they fire, of measured changes that have
        fired in the week, and call for it still, on its Sunday, for the corridor is judged by the week."""
        settled = news.settled(self._book.open_alerts, state, day)
        if self._signals is None and not self._news and not self._events and not settled:
            return []
        total = sum(state.accounts[account_id].potential_eur for account_id in state.rows)
        context = CauseContext(
            region_potential_eur=total, visits_held=self._held, model_drifting=self._potential.quality.drifting()
        )
        changes = self._book.step(day, self._signals, self._events, context, self._news)
        self._signals, self._events, self._news = None, [], []
        changes += [change for alert_id in settled for change in self._book.resolve(alert_id, day)]
        for change in changes:
            say_alert(change, self._revision_of(change.alert), state, day, voice)
            self._verdicts.remember(change.alert.alert_id, change.alert.kind)
        for name in ("pending", "firing", "recovering"):
            open_now = sum(1 for alert in self._book.open_alerts if alert.state == name)
            voice.output.gauges["open_alerts", f"{name}|{self._region_id}"] = float(open_now)
        fired = [
            change.alert
            for change in changes
            if change.alert.state == "firing"
            and change.what in ("opened", "confirmed")
            and change.alert.cause_class in ACTIONABLE
        ]
        if day.weekday() != SUNDAY:
            self._fired += [alert.alert_id for alert in fired if alert.metric != "event"]
            return [alert.alert_id for alert in fired if alert.metric == "event"]
        calling = {a.alert_id for a in self._book.open_alerts if a.state == "firing" and a.cause_class in ACTIONABLE}
        earlier, self._fired = [alert_id for alert_id in self._fired if alert_id in calling], []
        return [*earlier, *(alert.alert_id for alert in fired)]

    def say_again(self, alert_ids: Collection[str], state: RegionState, day: date, voice: Voice) -> None:
        """A suggestion was made of these alerts: those that are open are told anew, with its name."""
        for alert in self._book.open_alerts:
            if alert.alert_id in alert_ids:
                say_alert(AlertChange(alert, "updated", ()), self._revision_of(alert), state, day, voice)

    def mark(self, alert_id: str, verdict: str) -> bool:
        """People say what an alert was; the watch keeps to the budget that leaves. False for an alert nobody remembers."""
        known = self._verdicts.mark(alert_id, verdict)
        if known:
            self._watch.keep_to({kind: self._verdicts.budget(kind) for kind in SCOPES})
        return known

    @property
    def open_alerts(self) -> frozenset[str]:
        """Ids of the alerts that are not over."""
        return frozenset(alert.alert_id for alert in self._book.open_alerts)

    def _revision_of(self, alert: Alert) -> int:
        """Counts the changes of an alert from 0; a closed one is forgotten."""
        revision = self._revisions.get(alert.alert_id, -1) + 1
        self._revisions[alert.alert_id] = revision
        if not alert.open:
            del self._revisions[alert.alert_id]
        return revision

    def _take_over(self, accounts: list[AccountState], active: NDArray[np.bool_], outcome: WeekOutcome) -> None:  # fmt: skip
        """Potentials and segments as the accounts' present values."""
        potential = np.where(active, outcome.potential, 0.0)
        previous = np.array([account.segment for account in accounts], dtype="U1")
        fixed = {account.row: account.now.segment for account in accounts if account.now.segment}
        letters = segments(potential, previous, self._settings.segments, fixed)
        low, high = np.where(active, outcome.low, 0.0), np.where(active, outcome.high, 0.0)
        values = zip(accounts, potential.tolist(), low.tolist(), high.tolist(), strict=True)
        for account, *eur in values:
            account.potential_eur, account.low_eur, account.high_eur = eur
        for row in np.flatnonzero(active & (letters != previous)).tolist():
            accounts[row].segment = str(letters[row])
            self.change(accounts[row])

    def _view(
        self,
        state: RegionState,
        accounts: list[AccountState],
        active: NDArray[np.bool_],
        week: Week,
        outcome: WeekOutcome,
        sunday: date,
    ) -> WeekView:
        return WeekView(
            week=week.monday,
            observed=week.revenue_eur,
            expected=outcome.expected_eur,
            scale=outcome.scale_eur,
            potential=np.where(active, outcome.potential, 0.0),
            active=active,
            account_ids=state.rows,
            territory_of=[owner or None for owner in roster.owners(state, accounts, sunday)],
            segment_of=[account.segment for account in accounts],
            zone_of=[account.zone for account in accounts],
        )

    def to_parts(self) -> dict[str, bytes]:
        """Everything but what a closing day leaves behind, by part; taken between days."""
        events = [
            (e.event_id, e.kind, e.day, list(e.scopes), e.structural, e.eur_at_risk, e.note) for e in self._events
        ]
        own = LearnerState(
            self._region_id,
            self._visits.recent.tolist(),
            self._revisions,
            events,  # type: ignore[arg-type]
            [(kind, scope_id, share) for (kind, scope_id), share in self._held.items()],
            self._verdicts.known,
            self._fired,
        )
        return {
            "own": msgspec.msgpack.encode(own),
            "potential": self._potential.to_bytes(),
            "watch": self._watch.to_bytes(),
            "alerts": self._book.to_bytes(),
        }

    @classmethod
    def from_parts(cls, settings: Settings, parts: Mapping[str, bytes]) -> Learner:
        """Raises SnapshotError when a part is of another model version."""
        state = msgspec.msgpack.decode(parts["own"], type=LearnerState)
        learner = cls(settings, state.region_id)
        learner._potential = PotentialModel.from_bytes(settings.potential, parts["potential"])
        learner._watch = Watch.from_bytes(settings.alerts, parts["watch"])
        learner._book = AlertBook.from_bytes(settings.alerts, state.region_id, parts["alerts"], derived)
        learner._visits = VisitBook(state.visits)
        learner._revisions = state.revisions
        learner._verdicts = Verdicts(state.verdicts)
        learner._fired = state.fired
        learner._events = [KnownEvent(e[0], e[1], e[2], tuple(e[3]), e[4], e[5], e[6]) for e in state.events]  # type: ignore[arg-type]
        learner._held = {(kind, scope_id): share for kind, scope_id, share in state.held}
        return learner


def _traits(account: AccountState) -> AccountTraits:
    now = account.now
    return AccountTraits(now.kind, account.segment or now.segment or "", now.chain, now.lat, now.lon)
