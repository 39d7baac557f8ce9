"""Orders: each account's own rhythm and size, moved by season, growth, the market and the shocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from infra.simulator.market import KIND_WAVES, Ints, Market
from infra.simulator.places import Floats
from infra.simulator.shocks import Shock, demand_factor
from infra.simulator.size import DemoSize

RHYTHM_SHAPE = 3.0  # gaps between orders are gamma: more regular than chance, less than a clock
ORDER_RATE_POWER = 0.35  # larger accounts order more often, but less than in proportion
WEEKDAY_SHIFT = np.array([0, 0, 0, 0, 0, -1, 1])  # nobody orders at the weekend: Saturday becomes Friday, Sunday Monday


@dataclass(frozen=True, slots=True)
class Orders:
    """m orders as columns, by time; `minute` counts from midnight UTC."""

    account: Ints
    day: Ints
    minute: Ints
    cents: Ints


def make_orders(size: DemoSize, market: Market, shocks: tuple[Shock, ...]) -> Orders:
    """Draw all orders. The expected revenue of an account and day is its worth times `demand`; a shock thins the orders
    and shrinks them in equal measure, growth makes them larger.
    """
    rng = np.random.default_rng([size.seed, 3])
    customers = np.flatnonzero(~market.prospect)
    rate = size.orders_per_week * (market.yearly_eur / size.mean_eur) ** ORDER_RATE_POWER
    rate = np.clip(rate * size.orders_per_week / rate[customers].mean(), 0.05, 2.0)
    account, day = _rhythm(size, market, customers, rate, rng)
    shock = demand_factor(shocks, market, size.days, size.start)[day, account]
    kept = rng.random(len(day)) < np.sqrt(np.minimum(shock, 1))
    account, day, shock = account[kept], day[kept], shock[kept]
    wave = _Demand(size, market, rng)
    mean_eur = market.yearly_eur[account] / 52 / rate[account] * wave(account, day)
    noise = rng.lognormal(-(size.order_noise**2) / 2, size.order_noise, len(day))
    cents = np.maximum(100, np.round(100 * mean_eur * np.where(shock < 1, np.sqrt(shock), shock) * noise))
    minute = rng.integers(7 * 60, 17 * 60, len(day))
    order = np.lexsort((account, minute, day))
    return Orders(account[order], day[order], minute[order], cents[order].astype(np.int64))


def _rhythm(
    size: DemoSize, market: Market, customers: Ints, rate: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Days of order of all accounts: a gamma renewal process each, from the week the account opens."""
    accounts, days = [], []
    for i in customers:
        expected = rate[i] * size.weeks
        gaps = rng.gamma(RHYTHM_SHAPE, 7 / rate[i] / RHYTHM_SHAPE, int(expected * 1.5 + 20))
        times = 7 * market.opens_week[i] + np.cumsum(gaps) - gaps[0] * rng.random()
        found = times[times < size.days - 1].astype(np.int64)
        found = np.clip(found + WEEKDAY_SHIFT[found % 7], 0, size.days - 1)
        accounts.append(np.full(len(found), i, dtype=np.int64))
        days.append(found)
    return np.concatenate(accounts), np.concatenate(days)


class _Demand:
    """Season of the kind, own growth and the market's wander, as a factor on the worth at the start."""

    def __init__(self, size: DemoSize, market: Market, rng: np.random.Generator) -> None:
        steps = rng.normal(0, size.market_noise, size.weeks + 1)
        log_market = np.zeros(size.weeks + 1)
        for week in range(1, size.weeks + 1):
            log_market[week] = 0.8 * log_market[week - 1] + steps[week]
        self._market_factor = np.exp(log_market)
        self._growth = market.growth
        self._kind = market.kind
        self._strength = np.array([strength for strength, _ in KIND_WAVES])
        self._peak = np.array([peak for _, peak in KIND_WAVES])
        self._first_day = size.start.timetuple().tm_yday

    def __call__(self, account: Ints, day: Ints) -> Floats:
        kind = self._kind[account]
        month = (self._first_day + day) / 365.25 * 12 + 1
        season = 1 + self._strength[kind] * np.cos(2 * np.pi * (month - self._peak[kind]) / 12)
        factor: Floats = season * np.exp(self._growth[account] * day / 365.25) * self._market_factor[day // 7]
        return factor


def yearly_totals(orders: Orders, accounts: int, first: int, last: int) -> Floats:
    """(accounts,) EUR ordered from day `first` up to, not including, day `last`."""
    inside = (orders.day >= first) & (orders.day < last)
    totals = np.bincount(orders.account[inside], weights=orders.cents[inside] / 100, minlength=accounts)
    return totals.astype(np.float64)


def day_number(size: DemoSize, day: date) -> int:
    return (day - size.start).days
