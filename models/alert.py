"""One alert: what, where, since when, how much, why, and where it stands in its life."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from hashlib import blake2b
from typing import Any, Literal

from models.causes import Cause, CauseClass, KnownEvent
from models.signals import EVENT_DETECTOR, Direction, Scope, Signal

State = Literal["pending", "firing", "recovering", "resolved", "normal"]
Severity = Literal["info", "warning", "critical"]
What = Literal["opened", "confirmed", "updated", "recovering", "resumed", "resolved", "dismissed"]

_WARNING_SHARE, _CRITICAL_SHARE = 0.005, 0.02  # of the region's potential


@dataclass(frozen=True, slots=True)
class Alert:
    """Money in EUR, `eur_at_risk` a year. `metric` is "revenue", or "event" for an alert opened by a known event."""

    alert_id: str
    dedup_key: str
    group_id: str  # the alert of the widest scope with the same cause; itself when alone
    group_count: int
    state: State
    severity: Severity
    cause_class: CauseClass
    causes: tuple[Cause, ...]
    kind: Scope
    scope_id: str
    direction: Direction
    title: str
    metric: str
    started: date  # estimated change
    detected: date
    confirmed: date | None
    last_update: date
    quiet_since: date | None
    resolved: date | None
    observed_eur: float
    expected_eur: float
    deviation_share: float
    deviation_sigma: float
    eur_at_risk: float
    sample_weeks: int
    accounts: int
    detector: str
    statistic: float
    threshold: float
    inside: tuple[tuple[str, str], ...]
    event_ids: tuple[str, ...]
    evidence: dict[str, float | str | bool]

    @property
    def open(self) -> bool:
        return self.state in ("pending", "firing", "recovering")

    @property
    def detection_delay_days(self) -> int:
        return (self.detected - self.started).days

    @property
    def fingerprint(self) -> str:
        """Type and scope: the same for every alert this scope ever had."""
        return derived_id(self.metric, self.kind, self.scope_id)


@dataclass(frozen=True, slots=True)
class AlertChange:
    """The alert after the change, what happened to it, and which fields moved."""

    alert: Alert
    what: What
    changed: tuple[str, ...]


def derived_id(*parts: str) -> str:
    """Sixteen hex digits that only the parts decide, so a replay gives the same ids."""
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def severity_of(eur_at_risk: float, region_potential_eur: float) -> Severity:
    share = eur_at_risk / region_potential_eur if region_potential_eur > 0 else 0.0
    if share >= _CRITICAL_SHARE:
        return "critical"
    return "warning" if share >= _WARNING_SHARE else "info"


def with_signal(alert: Alert, signal: Signal, day: date) -> Alert:
    """The alert with this week's measures; its identity and start stay."""
    return replace(
        alert,
        title=_title(replace(signal, started=alert.started)),
        last_update=day,
        observed_eur=signal.observed_eur,
        expected_eur=signal.expected_eur,
        deviation_share=signal.deviation_share,
        deviation_sigma=signal.deviation_sigma,
        eur_at_risk=signal.eur_at_risk,
        sample_weeks=signal.sample_weeks,
        accounts=signal.accounts,
        detector=signal.detector,
        statistic=signal.statistic,
        threshold=signal.threshold,
        inside=signal.inside,
        evidence=dict(signal.evidence),
    )


def signal_of_event(event: KnownEvent, kind: Scope, scope_id: str) -> Signal:
    """A structural event told in the words of a signal: nothing is measured, nothing is in doubt."""
    return Signal(
        kind=kind,
        scope_id=scope_id,
        direction="rise" if event.kind == "rep_joined" else "drop",
        statistic=1.0,
        threshold=1.0,
        started=event.day,
        observed_eur=0.0,
        expected_eur=0.0,
        deviation_share=0.0,
        deviation_sigma=0.0,
        eur_at_risk=event.eur_at_risk,
        sample_weeks=0,
        accounts=1 if kind == "account" else 0,
        detector="known event",
        inside=tuple(scope for scope in event.scopes if scope != (kind, scope_id)),
        evidence={"event": event.kind, "note": event.note},
    )


def _title(signal: Signal) -> str:
    where = "Region" if signal.kind == "region" else f"{signal.kind.capitalize()} {signal.scope_id}"
    if signal.detector == "known event":
        return f"{where}: {str(signal.evidence['event']).replace('_', ' ')} on {signal.started}"
    if signal.detector == EVENT_DETECTOR:
        expected = signal.evidence["expectation"] == "expected"
        share = f"{signal.deviation_share:+.0%} {'expected' if expected else 'estimated'}"
        return f"{where}: {signal.evidence['told']}, {share}, {signal.eur_at_risk:,.0f} a year"
    if signal.detector == "feed silence":
        return f"{where}: no orders since {signal.started}"
    risk = f"{signal.eur_at_risk:,.0f} a year {'at risk' if signal.direction == 'drop' else 'gained'}"
    if signal.detector == "silence":
        return f"{where}: silent for {signal.sample_weeks} weeks, {risk}"
    way = "below" if signal.direction == "drop" else "above"
    return (
        f"{where}: {abs(signal.deviation_share):.0%} {way} its usual share of the market since {signal.started}, {risk}"
    )


def alert_values(alert: Alert) -> dict[str, Any]:
    """Plain values for a snapshot."""
    values = {f.name: getattr(alert, f.name) for f in fields(alert)}
    for name in _DATES:
        values[name] = values[name].isoformat() if values[name] else None
    values["causes"] = [[c.cause, c.score, c.evidence, list(c.event_ids)] for c in alert.causes]
    return values


def alert_from(values: dict[str, Any]) -> Alert:
    read = dict(values)
    for name in _DATES:
        read[name] = date.fromisoformat(read[name]) if read[name] else None
    read["causes"] = tuple(Cause(c, score, text, tuple(ids)) for c, score, text, ids in read["causes"])
    read["inside"] = tuple((kind, scope_id) for kind, scope_id in read["inside"])
    read["event_ids"] = tuple(read["event_ids"])
    return Alert(**read)


_DATES = ("started", "detected", "confirmed", "last_update", "quiet_since", "resolved")
