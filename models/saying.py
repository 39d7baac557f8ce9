"""Findings of the watch, put into signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from models.bank import Standing as RegionStanding
from models.causes import told_event
from models.codes import Codes
from models.event_watch import DECIDED, Expectation
from models.history import Floats
from models.region_streams import PERIOD_WEEKS
from models.signals import EVENT_DETECTOR, Evidence, Scope, Signal, WeekView
from models.standing import Standing

SILENT_FEED = 0.05  # of the forecast revenue; whole markets do not fall by 95 % in a week
_WEEKS_PER_YEAR = 52
_FEWEST_ALIKE = 8  # accounts that ordered
_ALIKE = 0.5  # log points between the quartiles
_FAR = 0.5  # log points: a factor of 1.65
_ERRORS = 2.0  # standard errors of the median by which it must lie beyond that
_MEDIAN_ERROR = 1.2533 / 1.349  # of normal scatter: error of the median by the quartiles' distance, one account


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """What a signal says of its scope beside the finding."""

    kind: Scope
    yearly_eur: float  # what its accounts usually buy
    accounts: int
    inside: tuple[tuple[str, str], ...]


def around_scope(kind: Scope, index: int, codes: Mapping[Scope, Codes], usual: Floats) -> tuple[tuple[str, str], ...]:
    """(kind, id) of what lies around the scope of that number: around a zone the territory that holds most of its revenue,
    around everything the region."""
    if kind != "zone" or "territory" not in codes:
        return (("region", ""),)
    shares = codes["territory"].sums(np.where(codes["zone"].codes == index, usual, 0))
    territory = codes["territory"].ids[int(np.argmax(shares))]
    return (("territory", territory), ("region", "")) if territory else (("region", ""),)


def same_size(sizes: Floats, counts: Floats) -> dict[str, float]:
    """Evidence of a fault of the data: orders of nearly all accounts are the same multiple of their usual ones.

    A market makes customers buy more or less, each in its own way; a feed that is sent twice, or in another currency or
    unit, does the same to every order. sizes, counts: (accounts,) EUR and orders of a day with any in the newest week, against
    the usual ones: sent twice, there are twice as many; in another currency, as many as ever. Of few accounts the median
    strays by chance, so it must be the farther away.
    """
    if sizes.size < _FEWEST_ALIKE:
        return {}
    low, middle, high = np.quantile(np.log(sizes), [0.25, 0.5, 0.75])
    error = _MEDIAN_ERROR * (high - low) / np.sqrt(sizes.size)
    if high - low >= _ALIKE or abs(middle) - _ERRORS * error <= _FAR:
        return {}
    return {"every_order_times": round(float(np.exp(middle)), 2), "orders_times": round(float(np.median(counts)), 2)}


def scope_signal(
    one: Standing, scope: ScopeFacts, money: tuple[float, float], order_days: tuple[Floats, Floats]
) -> Signal:
    """`money`: EUR sold and EUR usual since the change; `order_days`: as `same_size` has them."""
    warned = one.warned
    name = "silent_together" if warned.cause_class == "data_fault" else "found"
    watched = {"watched": f"by the {warned.period}"} if warned.rhythm else {}
    evidence: Evidence = {name: warned.evidence, **watched, **same_size(*order_days)}
    return Signal(
        kind=scope.kind,
        scope_id=warned.scope_id,
        direction=warned.direction,
        statistic=warned.statistic,
        threshold=warned.threshold,
        started=warned.started_on,
        observed_eur=money[0],
        expected_eur=money[1],
        deviation_share=one.deviation,
        deviation_sigma=warned.sigma,
        eur_at_risk=abs(one.deviation) * scope.yearly_eur,
        sample_weeks=one.weeks,
        accounts=scope.accounts,
        detector=warned.detector or "many at once",
        inside=scope.inside,
        evidence=evidence,
        shown_days=one.days,
    )


def region_signal(view: WeekView, found: tuple[RegionStanding, int], scope: ScopeFacts) -> Signal:
    """`found`: the alarm of the region and the weeks since its last closed fortnight."""
    standing, open_weeks = found
    weeks = standing.periods * PERIOD_WEEKS
    return Signal(
        kind="region",
        scope_id="",
        direction="drop" if standing.side == 0 else "rise",
        statistic=standing.statistic,
        threshold=standing.threshold,
        started=view.week - timedelta(weeks=max(weeks - 1, 0) + open_weeks),
        observed_eur=standing.observed,
        expected_eur=standing.expected,
        deviation_share=standing.deviation,
        deviation_sigma=standing.sigma,
        eur_at_risk=abs(standing.deviation) * scope.yearly_eur,
        sample_weeks=weeks,
        accounts=scope.accounts,
        detector="shiryaev-roberts fortnightly",
        inside=scope.inside,
        evidence={"against": standing.scope_id},
    )


def feed_silence(view: WeekView) -> Signal:
    """No orders from anywhere: a fact about the feed, not about the market."""
    forecast = float(np.nansum(np.where(view.active, view.expected, 0)))
    observed = float(np.nansum(view.observed))
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


def event_signal(one: Expectation, yearly_eur: float, kind: Scope) -> Signal:
    """`yearly_eur`: what the accounts in reach usually buy without the event."""
    news = one.news
    told = told_event(news.subject, news.day, news.note)
    return Signal(
        kind=kind,
        scope_id=news.scope[1],
        direction="drop" if one.effect < 0 else "rise",
        statistic=one.evidence,
        threshold=DECIDED,
        started=news.day,
        observed_eur=one.eur_seen,
        expected_eur=one.eur_usual,
        deviation_share=one.estimate,
        deviation_sigma=0.0,
        eur_at_risk=abs(one.estimate) * yearly_eur,
        sample_weeks=one.weeks,
        accounts=len(news.rows),
        detector=EVENT_DETECTOR,
        inside=news.inside,
        evidence={
            "expectation": one.verdict, "expected_effect": round(one.effect, 3), "event": news.subject, "told": told,
            "estimated_effect": round(one.estimate, 3), "accounts_in_reach": len(news.rows),
        },
        event_id=news.event_id,
    )  # fmt: skip


def account_signal(
    one: Standing, day: date, weekly: float, usual_gap_days: float, around: tuple[tuple[str, str], ...]
) -> Signal:
    """`weekly`: EUR the account usually buys in a week."""
    warned = one.warned
    silent_weeks = (day - warned.started_on).days // 7 + 1 if not warned.rhythm else 0
    weeks = silent_weeks or one.weeks
    return Signal(
        kind="account",
        scope_id=warned.scope_id,
        direction=warned.direction,
        statistic=warned.statistic,
        threshold=warned.threshold,
        started=warned.started_on,
        observed_eur=weekly * weeks * (1 + one.deviation),
        expected_eur=weekly * weeks,
        deviation_share=one.deviation,
        deviation_sigma=warned.sigma,
        eur_at_risk=abs(one.deviation) * weekly * _WEEKS_PER_YEAR,
        sample_weeks=weeks,
        accounts=1,
        detector="silence" if silent_weeks else warned.detector,
        inside=around,
        evidence={"silent_weeks": silent_weeks, "usual_gap_weeks": round(usual_gap_days / 7, 2), "found": warned.evidence},
    )  # fmt: skip
