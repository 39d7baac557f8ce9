"""What a region learns: potentials, segments, signals and alerts. Wraps the models; says their rows."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import numpy as np

from models.alert import AlertChange
from models.alerts import AlertBook
from models.causes import CauseContext, KnownEvent
from models.potential import AccountTraits, PotentialModel, WeekOutcome
from models.segmentation import segments
from models.signals import Signal, WeekView
from models.watch import Watch
from schemas.ids import derived
from schemas.region_log import MarketEventSet
from schemas.rows import AlertRow, ModelQualityRow, PotentialRow
from schemas.settings import Settings
from streams.handlers.region import planning, roster
from streams.handlers.region.days import Week
from streams.handlers.region.places import touches, zone_of
from streams.handlers.region.state import AccountState, RegionState
from streams.handlers.region.visits import VisitBook
from streams.handlers.region.voice import Voice

ACTIONABLE = ("demand_shift", "capacity_change")
NAMED_ACCOUNTS = 100
TRAVEL_STEP = 0.1


class LearnerState(msgspec.Struct):
    region_id: str
    potential: bytes
    watch: bytes
    alerts: bytes
    visits: list[float]
    revisions: dict[str, int]
    events: list[tuple[str, str, date, list[tuple[str, str]], bool, float, str]]


class Learner:
    """The models of one region, fed by the fold."""

    version = f"{PotentialModel.version}/{Watch.version}/{AlertBook.version}"

    def __init__(self, settings: Settings, region_id: str) -> None:
        self._settings = settings
        self._region_id = region_id
        self._potential = PotentialModel(settings.potential)
        self._watch = Watch(settings.alerts)
        self._book = AlertBook(settings.alerts, region_id, derived)
        self._visits = VisitBook()
        self._revisions: dict[str, int] = {}
        self._events: list[KnownEvent] = []
        self._signals: list[Signal] | None = None
        self._held: dict[tuple[str, str], float] = {}

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

    def note_account_closed(self, account: AccountState, day: date) -> None:
        scopes = (
            ("account", account.now.account_id),
            ("territory", account.rep_id or ""),
            ("zone", zone_of(account.now)),
        )
        self._note("account_closed", account.now.event_id, day, scopes, account.potential_eur, structural=True)

    def note_rep_left(self, rep_id: str, state: RegionState, day: date) -> None:
        held = [account for account in roster.active_accounts(state, day) if account.rep_id == rep_id]
        risk = self._settings.weights.churn_share * sum(account.potential_eur for account in held)
        event_id = derived(self._region_id, "rep left", rep_id, day)
        self._note(
            "rep_left", event_id, day, (("territory", rep_id),), risk, structural=True, note=f"{len(held)} accounts"
        )

    def note_market_event(self, event: MarketEventSet, state: RegionState) -> None:
        """Remember a market event that reaches accounts of this region; alerts look for it among their causes."""
        day = roster.day_of(event.occurred_at)
        reached = [a for a in roster.active_accounts(state, day) if touches(event, a.now)]
        if not reached:
            return
        everywhere = event.account_id is None and event.radius_km is None
        zones = sorted({zone_of(account.now) for account in reached} - {""})
        scopes = [("zone", zone) for zone in zones] + [("account", a.now.account_id) for a in reached[:NAMED_ACCOUNTS]]
        if everywhere:
            scopes.insert(0, ("region", ""))
        risk = abs(event.expected_effect or 0.0) * sum(account.potential_eur for account in reached)
        note = (
            f"{event.kind.replace('_', ' ')}{': ' + event.note if event.note else ''}, {len(reached)} accounts in reach"
        )
        self._note("market_event", event.market_event_id, day, tuple(scopes), risk, note=note)

    def close_week(self, state: RegionState, sunday: date, voice: Voice) -> None:
        """Learn the week that ends on `sunday` and publish what it changed."""
        week = Week(state, sunday - timedelta(days=6))
        if not state.rows:
            return
        accounts = [state.accounts[account_id] for account_id in state.rows]
        active = np.array([roster.is_active(account, sunday) for account in accounts])
        outcome = self._potential.close_week(week.monday, week.revenue_eur, active)
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
        self._say_week(accounts, active, week, outcome, view, voice)

    def close_day(self, state: RegionState, day: date, voice: Voice) -> list[str]:
        """Step the alerts; ids of those that began to fire and call for rebalancing."""
        if self._signals is None and not self._events:
            return []
        total = sum(account.potential_eur for account in state.accounts.values())
        context = CauseContext(
            region_potential_eur=total, visits_held=self._held, model_drifting=self._potential.quality.drifting()
        )
        changes = self._book.step(day, self._signals, self._events, context)
        self._signals, self._events = None, []
        for change in changes:
            self._say_alert(change, state, day, voice)
        for name in ("pending", "firing", "recovering"):
            open_now = sum(1 for alert in self._book.open_alerts if alert.state == name)
            voice.output.gauges["open_alerts", f"{name}|{self._region_id}"] = float(open_now)
        return [
            change.alert.alert_id
            for change in changes
            if change.alert.state == "firing"
            and change.what in ("opened", "confirmed")
            and change.alert.cause_class in ACTIONABLE
        ]

    def _note(
        self,
        kind: str,
        event_id: str,
        day: date,
        scopes: tuple[tuple[str, str], ...],
        risk: float,
        structural: bool = False,
        note: str = "",
    ) -> None:
        known = tuple(scope for scope in scopes if scope[1] or scope[0] == "region")
        self._events.append(KnownEvent(event_id, kind, day, known, structural, risk, note))  # type: ignore[arg-type]

    def _take_over(self, accounts: list[AccountState], active: np.ndarray[tuple[int], np.dtype[np.bool_]], outcome: WeekOutcome) -> None:  # fmt: skip
        """Potentials and segments as the accounts' present values."""
        potential = np.where(active, outcome.potential, 0.0)
        previous = np.array([account.segment for account in accounts], dtype="U1")
        fixed = {account.row: account.now.segment for account in accounts if account.now.segment}
        letters = segments(potential, previous, self._settings.segments, fixed)
        for row, account in enumerate(accounts):
            account.potential_eur = float(potential[row])
            account.low_eur, account.high_eur = float(outcome.low[row]), float(outcome.high[row])
            if active[row]:
                if account.segment != letters[row]:
                    account.segment = str(letters[row])
                    self.change(account)
            else:
                account.low_eur = account.high_eur = 0.0

    def _view(
        self,
        state: RegionState,
        accounts: list[AccountState],
        active: np.ndarray[tuple[int], np.dtype[np.bool_]],
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
            territory_of=[roster.owner(state, account, sunday) or None for account in accounts],
            segment_of=[account.segment for account in accounts],
            zone_of=[zone_of(account.now) for account in accounts],
        )

    def _say_week(
        self,
        accounts: list[AccountState],
        active: np.ndarray[tuple[int], np.dtype[np.bool_]],
        week: Week,
        outcome: WeekOutcome,
        view: WeekView,
        voice: Voice,
    ) -> None:
        expected = np.nan_to_num(outcome.expected_eur)
        for row in np.flatnonzero(active).tolist():
            account = accounts[row]
            voice.say(
                PotentialRow,
                week.sunday,
                account_id=account.now.account_id,
                week=week.monday,
                potential_eur=_cents(outcome.potential[row]),
                low_eur=_cents(outcome.low[row]),
                high_eur=_cents(outcome.high[row]),
                next_4w_eur=_cents(outcome.estimate_4w[row]),
                next_13w_eur=_cents(outcome.estimate_13w[row]),
                expected_week_eur=_cents(expected[row]),
                actual_week_eur=_cents(week.revenue_eur[row]),
                by_analogy=bool(outcome.by_analogy[row]),
                segment=account.segment,
                rep_id=view.territory_of[row] or "",
            )
        for quality in self._potential.quality_rows():
            voice.say(
                ModelQualityRow,
                week.sunday,
                week=week.monday,
                horizon_weeks=quality.horizon_weeks,
                segment=quality.segment,
                n=quality.forecasts,
                actual_eur=quality.actual_eur,
                error_eur=quality.error_eur,
                absolute_error_eur=quality.abs_error_eur,
                naive_absolute_error_eur=quality.naive_abs_error_eur,
                intervals=quality.intervals,
                covered=quality.covered,
            )
            if not quality.segment and quality.actual_eur > 0:
                voice.output.gauges["forecast_wape", f"{self._region_id}|{quality.horizon_weeks}"] = quality.wape

    def _say_alert(self, change: AlertChange, state: RegionState, day: date, voice: Voice) -> None:
        alert = change.alert
        revision = self._revisions.get(alert.alert_id, -1) + 1
        self._revisions[alert.alert_id] = revision
        if not alert.open:
            del self._revisions[alert.alert_id]
        evidence = {
            "causes": [
                {"class": cause.cause, "score": round(cause.score, 3), "evidence": cause.evidence}
                for cause in alert.causes
            ],
            "detector": alert.detector,
            "sigma": round(alert.deviation_sigma, 3),
            "weeks": alert.sample_weeks,
            "change": change.what,
            **alert.evidence,
        }
        voice.say(
            AlertRow,
            day,
            alert_id=alert.alert_id,
            revision=revision,
            dedup_key=alert.dedup_key,
            group_id=alert.group_id,
            state=alert.state,
            severity=alert.severity,
            cause_class=alert.cause_class,
            scope=alert.kind,
            scope_id=alert.scope_id,
            direction=alert.direction,
            title=alert.title,
            started_on=alert.started,
            detected_on=alert.detected,
            resolved_on=alert.resolved,
            observed_eur=_cents(alert.observed_eur),
            expected_eur=_cents(alert.expected_eur),
            deviation_share=alert.deviation_share,
            eur_at_risk=_cents(alert.eur_at_risk),
            statistic=alert.statistic,
            threshold=alert.threshold,
            sample_size=alert.sample_weeks,
            evidence=msgspec.json.encode(evidence).decode(),
            related_market_events=alert.event_ids,
            accounts=_accounts_of(alert.kind, alert.scope_id, state),
            suggestion_id="",
        )

    def to_bytes(self) -> bytes:
        """Everything but what a closing day leaves behind; taken between days."""
        events = [
            (e.event_id, e.kind, e.day, list(e.scopes), e.structural, e.eur_at_risk, e.note) for e in self._events
        ]
        return msgspec.msgpack.encode(
            LearnerState(
                self._region_id,
                self._potential.to_bytes(),
                self._watch.to_bytes(),
                self._book.to_bytes(),
                self._visits.recent.tolist(),
                self._revisions,
                events,  # type: ignore[arg-type]
            )
        )

    @classmethod
    def from_bytes(cls, settings: Settings, raw: bytes) -> Learner:
        """Raises SnapshotError when the snapshot is of another model version."""
        state = msgspec.msgpack.decode(raw, type=LearnerState)
        learner = cls(settings, state.region_id)
        learner._potential = PotentialModel.from_bytes(settings.potential, state.potential)
        learner._watch = Watch.from_bytes(settings.alerts, state.watch)
        learner._book = AlertBook.from_bytes(settings.alerts, state.region_id, state.alerts, derived)
        learner._visits = VisitBook(state.visits)
        learner._revisions = state.revisions
        learner._events = [KnownEvent(e[0], e[1], e[2], tuple(e[3]), e[4], e[5], e[6]) for e in state.events]  # type: ignore[arg-type]
        return learner


def _traits(account: AccountState) -> AccountTraits:
    now = account.now
    return AccountTraits(now.kind, account.segment or now.segment or "", now.chain, now.lat, now.lon)


def _accounts_of(scope: str, scope_id: str, state: RegionState) -> tuple[str, ...]:
    """The accounts an alert speaks of, up to a hundred."""
    if scope == "account":
        return (scope_id,)
    if scope == "territory":
        found = [a.now.account_id for a in state.accounts.values() if a.rep_id == scope_id]
    elif scope == "zone":
        found = [a.now.account_id for a in state.accounts.values() if zone_of(a.now) == scope_id]
    else:
        found = []
    return tuple(sorted(found)[:NAMED_ACCOUNTS])


def _cents(eur: float) -> float:
    return round(float(eur), 2)
