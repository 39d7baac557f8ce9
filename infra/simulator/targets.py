"""What the demo company expects of its territories: a quota and a plan of visits for each rep and month, set as a year begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np

from infra.feeds.record import FeedRecord, record_of
from infra.simulator.demand import Orders, day_number, yearly_totals
from infra.simulator.market import VISITS_PER_YEAR, Market
from infra.simulator.places import Floats
from infra.simulator.size import DemoSize
from infra.simulator.territories import Team
from infra.simulator.visits import HOLIDAY_WEEKS
from schemas.events import Target
from schemas.ids import derived
from schemas.topics import TARGETS

SOURCE = "simulator"
STRETCH = 0.04  # asked for beyond the year before
JUDGEMENT = 0.05  # sigma of what the sales direction thinks of a rep, lognormal
QUOTA_STEP = 500  # EUR: quotas are round


def month_targets(size: DemoSize, market: Market, team: Team, orders: Orders) -> Iterator[FeedRecord]:
    """Targets of the months from `start` on: those of a year are told on its first day, by what was known then."""
    rng = np.random.default_rng([size.seed, 6])
    for year in range(size.start.year, size.day(size.weeks).year + 1):
        told_on = max(date(year, 1, 1), size.start)
        per_rep = _year_by_rep(size, market, team, orders, told_on) * (1 + STRETCH)
        per_rep = per_rep * rng.lognormal(0, JUDGEMENT, len(team.ids))
        visits = _visits_by_rep(size, market, team, told_on)
        season, working = _season(size, orders, told_on), _working_share(year)
        for month in range(told_on.month + (told_on.day > 1), 13):
            for j, rep_id in enumerate(team.ids):
                event = Target(
                    event_id=derived("target", rep_id, year, month), occurred_at=datetime.combine(told_on, time(), UTC),
                    rep_id=rep_id, month=date(year, month, 1),
                    revenue=Decimal(QUOTA_STEP * round(per_rep[j] * season[month - 1] / QUOTA_STEP)),
                    visits=float(round(visits[j] * working[month - 1])),
                )  # fmt: skip
                yield record_of(TARGETS, event, source=SOURCE)


def _year_by_rep(size: DemoSize, market: Market, team: Team, orders: Orders, told_on: date) -> Floats:
    """(k,) EUR a year: what the territory ordered in the 364 days before; at the start, what its customers are known for."""
    day = day_number(size, told_on)
    known = np.where(market.prospect | (market.opens_week > 0), 0, market.yearly_eur)
    worth = yearly_totals(orders, len(market), day - 364, day) if day >= 364 else known
    return np.bincount(team.owner, weights=worth, minlength=len(team.ids)).astype(np.float64)


def _visits_by_rep(size: DemoSize, market: Market, team: Team, told_on: date) -> Floats:
    """(k,) visits a year: the frequency of each account that is there by then."""
    there = 7 * market.opens_week <= day_number(size, told_on)
    visits = there * np.array([VISITS_PER_YEAR[segment] for segment in market.segments])
    return np.bincount(team.owner, weights=visits, minlength=len(team.ids)).astype(np.float64)


def _season(size: DemoSize, orders: Orders, told_on: date) -> Floats:
    """(12,) shares of a year's revenue: those of all orders in the year before, equal while there is none."""
    day = day_number(size, told_on)
    if day < 364:
        return np.full(12, 1 / 12)
    inside = (orders.day >= day - 364) & (orders.day < day)
    months = np.array([(size.start + timedelta(days=n)).month - 1 for n in range(day)])
    sums = np.bincount(months[orders.day[inside]], weights=orders.cents[inside], minlength=12)
    shares: Floats = sums / sums.sum()
    return shares


def _working_share(year: int) -> Floats:
    """(12,) shares of a year's working days by month, its holiday weeks left out."""
    days = np.zeros(12)
    for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days):
        day = date(year, 1, 1) + timedelta(days=n)
        days[day.month - 1] += day.weekday() < 5 and day.isocalendar().week not in HOLIDAY_WEEKS
    shares: Floats = days / days.sum()
    return shares
