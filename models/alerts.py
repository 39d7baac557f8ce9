"""The life of alerts: pending until confirmed, firing, recovering, resolved; one open alert per scope and direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any, ClassVar

from models.alert import (
    Alert,
    AlertChange,
    State,
    What,
    alert_from,
    alert_values,
    derived_id,
    severity_of,
    signal_of_event,
    with_signal,
)
from models.causes import CauseContext, KnownEvent, causes_of
from models.signals import Direction, Scope, Signal
from models.snapshot import pack, unpack
from schemas.settings import Alerts

EVENTS_REMEMBERED = timedelta(weeks=26)
_MOST_EVENTS = 500
_STRUCTURAL_STANDS = timedelta(
    days=90
)  # unless resolved before: by then the territory has been settled or the loss is old
_WORTH_SAYING = 0.05  # change of the deviation
_SCOPES: tuple[Scope, ...] = ("account", "territory", "region", "zone", "segment")


class AlertBook:
    """All open alerts of one region. `derive` makes an id of parts; the same history gives the same ids."""

    version: ClassVar[str] = "alerts-1"

    def __init__(self, settings: Alerts, region_id: str, derive: Callable[..., str] = derived_id) -> None:
        self._settings = settings
        self._region_id = region_id
        self._derive = derive
        self._open: dict[str, Alert] = {}
        self._events: dict[str, KnownEvent] = {}

    @property
    def open_alerts(self) -> Sequence[Alert]:
        """Pending, firing and recovering alerts, by dedup key."""
        return [self._open[key] for key in sorted(self._open)]

    def step(
        self,
        day: date,
        signals: Sequence[Signal] | None,
        events: Sequence[KnownEvent],
        context: CauseContext,
        news: Sequence[Signal] = (),
    ) -> list[AlertChange]:
        """What changed by the end of `day`.

        signals: those of a week that closed today, None when none did (absence then means nothing);
        events: those not told before; an event told twice counts once;
        news: signals of today alone, told between the weeks; their absence says nothing.
        """
        new_events = [e for e in events if e.event_id not in self._events]
        self._remember(day, new_events)
        before = dict(self._open)
        what: dict[str, What] = {}
        gone: list[AlertChange] = []
        for event in new_events:
            if event.structural:
                self._open_for_event(day, event, context, what)
        for signal in news:
            self._see(day, _key_of(signal), signal, context, what)
        if signals is not None:
            present = {_key_of(s): s for s in signals}
            for key, signal in present.items():
                self._see(day, key, signal, context, what)
            if not any(s.evidence.get("feed_silent") is True for s in signals):  # then absence is no evidence
                for key in sorted(set(self._open) - set(present)):
                    gone.extend(self._miss(day, key, what))
        gone.extend(self._age_structural(day))
        self._group()
        return [*self._changes(before, what), *gone]

    def resolve(self, alert_id: str, day: date) -> list[AlertChange]:
        """A person or a decision has settled it; nothing when it is not open."""
        found = [key for key, alert in self._open.items() if alert.alert_id == alert_id]
        return [self._close(key, day, "resolved") for key in found]

    def _remember(self, day: date, new_events: Sequence[KnownEvent]) -> None:
        self._events |= {event.event_id: event for event in new_events}
        recent = [e for e in self._events.values() if e.day >= day - EVENTS_REMEMBERED]
        self._events = {event.event_id: event for event in recent[-_MOST_EVENTS:]}

    def _open_for_event(self, day: date, event: KnownEvent, context: CauseContext, what: dict[str, What]) -> None:
        scope = next((s for s in event.scopes if s[0] in _SCOPES), None)
        if scope is None:
            return
        kind = next(k for k in _SCOPES if k == scope[0])
        signal = signal_of_event(event, kind, scope[1])
        key = _key(kind, scope[1], signal.direction, event.kind)
        if key not in self._open:
            alert = self._opened(day, key, signal, context, "event")
            self._open[key] = replace(alert, state="firing", confirmed=day)
            what[key] = "opened"

    def _see(self, day: date, key: str, signal: Signal, context: CauseContext, what: dict[str, What]) -> None:
        alert = self._open.get(key)
        if alert is None:
            large = abs(signal.deviation_share) >= self._settings.min_effect_share  # which NaN never is
            if not large:
                return
            self._open[key] = alert = self._opened(day, key, signal, context, "event" if signal.event_id else "revenue")
            what[key] = "opened"
        else:
            alert = self._judged(with_signal(alert, signal, day), signal, context)
        if alert.state == "recovering":
            alert = replace(alert, state="firing", quiet_since=None)
            what[key] = "resumed"
        if alert.state == "pending" and self._confirmed(day, alert, signal):
            alert = replace(alert, state="firing", confirmed=day)
            what[key] = "opened" if what.get(key) == "opened" else "confirmed"
        self._open[key] = alert

    def _confirmed(self, day: date, alert: Alert, signal: Signal) -> bool:
        """Seen in enough weeks, or days, one after the other; a stopped feed is a fact at once, and an event when its test says so."""
        if signal.event_id:
            return signal.evidence.get("expectation") == "confirmed"
        if signal.shown_days:
            return signal.shown_days >= self._settings.confirm_days
        weeks = (day - alert.detected).days // 7 + 1
        return weeks >= self._settings.confirm_weeks or signal.evidence.get("feed_silent") is True

    def _miss(self, day: date, key: str, what: dict[str, What]) -> list[AlertChange]:
        alert = self._open[key]
        if _structural(alert):
            return []
        if alert.state == "pending":
            return [self._close(key, day, "dismissed")]
        if alert.quiet_since is None:
            self._open[key] = replace(alert, state="recovering", quiet_since=day, last_update=day)
            what[key] = "recovering"
            alert = self._open[key]
        if alert.quiet_since and (day - alert.quiet_since).days // 7 + 1 >= self._settings.recover_weeks:
            what.pop(key, None)
            return [self._close(key, day, "resolved")]
        return []

    def _age_structural(self, day: date) -> list[AlertChange]:
        old = [k for k, a in self._open.items() if _structural(a) and day - a.detected >= _STRUCTURAL_STANDS]
        return [self._close(key, day, "resolved") for key in sorted(old)]

    def _close(self, key: str, day: date, what: What) -> AlertChange:
        alert = self._open.pop(key)
        state: State = "normal" if what == "dismissed" else "resolved"
        closed = replace(alert, state=state, resolved=day, last_update=day)
        return AlertChange(closed, what, ("state", "resolved"))

    def _opened(self, day: date, key: str, signal: Signal, context: CauseContext, metric: str) -> Alert:
        alert_id = self._derive(self._region_id, key, signal.started.isoformat(), day.isoformat())
        blank = Alert(
            alert_id=alert_id,
            dedup_key=key,
            group_id=alert_id,
            group_count=1,
            state="pending",
            severity="info",
            cause_class="demand_shift",
            causes=(),
            kind=signal.kind,
            scope_id=signal.scope_id or self._region_id,
            direction=signal.direction,
            title="",
            metric=metric,
            started=signal.started,
            detected=day,
            confirmed=None,
            last_update=day,
            quiet_since=None,
            resolved=None,
            observed_eur=0.0,
            expected_eur=0.0,
            deviation_share=0.0,
            deviation_sigma=0.0,
            eur_at_risk=0.0,
            sample_weeks=0,
            accounts=0,
            detector="",
            statistic=0.0,
            threshold=0.0,
            inside=(),
            event_ids=(),
            evidence={},
        )
        return self._judged(with_signal(blank, signal, day), signal, context)

    def _judged(self, alert: Alert, signal: Signal, context: CauseContext) -> Alert:
        """Severity and causes from what is known today."""
        causes = causes_of(replace(signal, started=alert.started), self._events.values(), context)
        event_ids = tuple(sorted({event_id for cause in causes for event_id in cause.event_ids}))
        return replace(
            alert,
            severity=severity_of(alert.eur_at_risk, context.region_potential_eur),
            causes=causes,
            cause_class=causes[0].cause,
            event_ids=event_ids,
        )

    def _group(self) -> None:
        """Alerts that share a known event, or lie one inside the other in one direction, carry the id of the widest."""
        roots = {key: self._root(alert) for key, alert in self._open.items()}
        sizes: dict[str, int] = {}
        for root in roots.values():
            sizes[root] = sizes.get(root, 0) + 1
        for key, root in roots.items():
            self._open[key] = replace(self._open[key], group_id=root, group_count=sizes[root])

    def _root(self, alert: Alert) -> str:
        for key in sorted(self._open):
            one = self._open[key]
            if one.metric == "event" and set(one.event_ids) & set(alert.event_ids):
                return one.alert_id
        for kind, scope_id in reversed(alert.inside):
            around = self._open.get(_key(kind, scope_id, alert.direction))
            if around is not None and around.alert_id != alert.alert_id:
                return around.alert_id
        return alert.alert_id

    def _changes(self, before: dict[str, Alert], what: dict[str, What]) -> list[AlertChange]:
        changes = []
        for key in sorted(self._open):
            old, new = before.get(key), self._open[key]
            moved = tuple(f.name for f in fields(Alert) if old is None or getattr(old, f.name) != getattr(new, f.name))
            if key in what:
                changes.append(AlertChange(new, what[key], moved))
            elif old is not None and _worth_saying(old, new):
                changes.append(AlertChange(new, "updated", moved))
        return changes

    def to_bytes(self) -> bytes:
        events = [
            [e.event_id, e.kind, e.day.isoformat(), list(e.scopes), e.structural, e.eur_at_risk, e.note]
            for e in self._events.values()
        ]
        values = {"open": [alert_values(alert) for alert in self._open.values()], "events": events}
        return pack("alert book", self.version, values, {})

    @classmethod
    def from_bytes(
        cls, settings: Alerts, region_id: str, data: bytes, derive: Callable[..., str] = derived_id
    ) -> AlertBook:
        """Raises SnapshotError on the bytes of another version."""
        values, _ = unpack("alert book", cls.version, data)
        book = cls(settings, region_id, derive)
        book._open = {one["dedup_key"]: alert_from(one) for one in values["open"]}
        book._events = {event[0]: _event_from(event) for event in values["events"]}
        return book


def _event_from(v: list[Any]) -> KnownEvent:
    scopes = tuple((kind, scope_id) for kind, scope_id in v[3])
    return KnownEvent(v[0], v[1], date.fromisoformat(v[2]), scopes, v[4], v[5], v[6])


def _key(kind: str, scope_id: str, direction: Direction, event: str = "") -> str:
    return "|".join(part for part in (kind, scope_id, direction, event) if part)


def _key_of(signal: Signal) -> str:
    return _key(signal.kind, signal.scope_id, signal.direction, signal.event_id)


def _structural(alert: Alert) -> bool:
    """Opened by a fact that needs no measuring, such as a rep who left."""
    return alert.metric == "event" and "expectation" not in alert.evidence


def _worth_saying(old: Alert, new: Alert) -> bool:
    named = ("severity", "cause_class", "group_id", "event_ids")
    drifted = abs(new.deviation_share - old.deviation_share) >= _WORTH_SAYING
    return drifted or any(getattr(old, name) != getattr(new, name) for name in named)
