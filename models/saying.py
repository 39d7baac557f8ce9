"""Findings of the watch, put into signals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from models.account_watch import AccountFinding
from models.bank import Standing
from models.signals import Scope, Signal, WeekView

PERIOD_WEEKS = 2  # fortnights: half the noise of weeks, and the drop is found no later
SILENT_FEED = 0.05  # of the forecast revenue; whole markets do not fall by 95 % in a week
_WEEKS_PER_YEAR = 52


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """What a signal says of its scope beside the finding."""

    kind: Scope
    yearly_eur: float  # what its accounts usually buy
    accounts: int
    inside: tuple[tuple[str, str], ...]
    open_weeks: int  # weeks since the last closed fortnight


def scope_signal(view: WeekView, standing: Standing, scope: ScopeFacts) -> Signal:
    kind = scope.kind
    weeks = standing.periods * PERIOD_WEEKS
    return Signal(
        kind=kind,
        scope_id="" if kind == "region" else standing.scope_id,
        direction="drop" if standing.side == 0 else "rise",
        statistic=standing.statistic,
        threshold=standing.threshold,
        started=view.week - timedelta(weeks=max(weeks - 1, 0) + scope.open_weeks),
        observed_eur=standing.observed,
        expected_eur=standing.expected,
        deviation_share=standing.deviation,
        deviation_sigma=standing.sigma,
        eur_at_risk=abs(standing.deviation) * scope.yearly_eur,
        sample_weeks=weeks,
        accounts=scope.accounts,
        detector="cusum k=0.5 fortnightly" if kind in ("territory", "zone") else "shiryaev-roberts fortnightly",
        inside=scope.inside,
        evidence={"against": standing.scope_id} if kind == "region" else {},
    )


def feed_silence(view: WeekView) -> Signal:
    """No orders from anywhere: a fact about the feed, not about the market."""
    forecast = float(np.nansum(np.where(view.active, view.expected, 0)))
    observed = float(view.observed.sum())
    share = observed / forecast - 1
    return Signal(
        kind="region",
        scope_id="",
        direction="drop",
        statistic=-share,
        threshold=1 - SILENT_FEED,
        started=view.week,
        observed_eur=observed,
        expected_eur=forecast,
        deviation_share=share,
        deviation_sigma=-5.0,
        eur_at_risk=float(view.potential[view.active].sum()) * -share,
        sample_weeks=1,
        accounts=int(view.active.sum()),
        detector="feed silence",
        evidence={"feed_silent": True},
    )


def account_signal(view: WeekView, one: AccountFinding, weekly: float, around: tuple[tuple[str, str], ...]) -> Signal:
    """`weekly`: EUR the account usually buys in a week."""
    return Signal(
        kind="account",
        scope_id=view.account_ids[one.row],
        direction="drop",
        statistic=one.statistic,
        threshold=one.threshold,
        started=view.week - timedelta(weeks=max(one.weeks - 1, 0)),
        observed_eur=weekly * one.weeks * (1 + one.deviation),
        expected_eur=weekly * one.weeks,
        deviation_share=one.deviation,
        deviation_sigma=one.sigma,
        eur_at_risk=-one.deviation * weekly * _WEEKS_PER_YEAR,
        sample_weeks=one.weeks,
        accounts=1,
        detector="silence" if one.silent_weeks else "cusum k=0.25 weekly",
        inside=around,
        evidence={"silent_weeks": one.silent_weeks, "usual_gap_weeks": round(one.usual_gap_weeks, 2)},
    )
