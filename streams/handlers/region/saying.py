"""The rows of what a region has learnt: potentials and model quality of a week, and every change of an alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import repeat

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.alert import Alert, AlertChange
from models.quality import QualityRow
from models.week_outcome import WeekOutcome
from schemas.rows import AlertRow, ModelQualityRow
from schemas.topics import POTENTIALS
from streams.handlers.region.days import Week
from streams.handlers.region.places import town_of
from streams.handlers.region.reasoning import ReasonLine, reason_lines
from streams.handlers.region.state import AccountState, RegionState
from streams.handlers.region.voice import Voice

NAMED_ACCOUNTS = 100


class PotentialLine(msgspec.Struct):
    """A `PotentialRow`, field by field, that is written as fast as a large region needs at the end of a week."""

    region_id: str
    as_of: datetime
    model_version: str
    config_version: str
    account_id: str
    week: date
    potential_eur: float
    low_eur: float
    high_eur: float
    next_4w_eur: float
    next_13w_eur: float
    expected_week_eur: float
    actual_week_eur: float
    by_analogy: bool
    segment: str
    rep_id: str
    growth_eur: float
    base_eur: float
    base_by_analogy: bool
    reasons: tuple[ReasonLine, ...]


def say_potentials(
    accounts: Sequence[AccountState],
    active: NDArray[np.bool_],
    week: Week,
    outcome: WeekOutcome,
    territory_of: Sequence[str | None],
    voice: Voice,
) -> None:
    """A row for each active account. All sequences follow the rows of the region."""
    money = np.round(
        [
            outcome.potential, outcome.low, outcome.high, outcome.estimate_4w, outcome.estimate_13w,
            np.nan_to_num(outcome.expected_eur), week.revenue_eur, outcome.growth, outcome.reasons.base,
        ], 2,
    )[:, active]  # fmt: skip
    rows = np.flatnonzero(active)
    said = [accounts[row] for row in rows.tolist()]
    lines = zip(
        *(repeat(version) for version in voice.versions(week.sunday)),
        [account.now.account_id for account in said],
        repeat(week.monday),
        *money[:-2].tolist(),
        outcome.by_analogy[active].tolist(),
        [account.segment for account in said],
        [territory_of[account.row] or "" for account in said],
        *money[-2:].tolist(),
        outcome.reasons.base_by_analogy[active].tolist(),
        reason_lines(outcome, rows, week.sunday),
    )
    voice.repeat_all(POTENTIALS, (PotentialLine(*line) for line in lines))


def say_quality(rows: Sequence[QualityRow], week: Week, voice: Voice) -> None:
    """Forecast errors of the closed week, by horizon and segment."""
    for quality in rows:
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
            voice.output.gauges["forecast_wape", f"{voice.region_id}|{quality.horizon_weeks}"] = quality.wape


def say_alert(change: AlertChange, revision: int, state: RegionState, day: date, voice: Voice) -> None:
    """One change of an alert, as of the end of `day`."""
    alert = change.alert
    town = _town(alert, state)
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
        title=_title(alert, town),
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
        evidence=_evidence(change, town),
        related_market_events=alert.event_ids,
        accounts=_accounts_of(alert, state),
        suggestion_id=_suggestion_of(alert, state),
    )


def _suggestion_of(alert: Alert, state: RegionState) -> str:
    """The newest suggestion that was made of the alert; "" for none."""
    made = (one.suggestion_id for one in reversed(state.suggestions.values()) if alert.alert_id in one.alert_ids)
    return next(made, "")


def _town(alert: Alert, state: RegionState) -> str:
    """The largest place of a zone, for people cannot read a cell's id; "" for other scopes."""
    if alert.kind != "zone":
        return ""
    return town_of(account.now for account in state.accounts.values() if account.zone == alert.scope_id)


def _title(alert: Alert, town: str) -> str:
    return alert.title.replace(f"Zone {alert.scope_id}", f"Zone around {town}", 1) if town else alert.title


def _evidence(change: AlertChange, town: str) -> str:
    alert = change.alert
    causes = [
        {"class": cause.cause, "score": round(cause.score, 3), "evidence": cause.evidence} for cause in alert.causes
    ]
    evidence = {
        "causes": causes,
        "detector": alert.detector,
        "sigma": round(alert.deviation_sigma, 3),
        "weeks": alert.sample_weeks,
        "change": change.what,
        **alert.evidence,
    }
    if town:
        evidence["town"] = town
    return msgspec.json.encode(evidence).decode()


def _accounts_of(alert: Alert, state: RegionState) -> tuple[str, ...]:
    """The accounts an alert speaks of, up to a hundred."""
    if alert.kind == "account":
        return (alert.scope_id,)
    if alert.kind == "territory":
        found = [a.now.account_id for a in state.accounts.values() if a.rep_id == alert.scope_id]
    elif alert.kind == "zone":
        found = [a.now.account_id for a in state.accounts.values() if a.zone == alert.scope_id]
    else:
        found = []
    return tuple(sorted(found)[:NAMED_ACCOUNTS])


def _cents(eur: float) -> float:
    return round(float(eur), 2)
