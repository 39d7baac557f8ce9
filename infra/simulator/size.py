"""How large the demo company is and how long it lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class DemoSize:
    """All figures of the simulation. The same size and seed give the same bytes.

    Money is EUR a year, times are weeks from `start` (a Monday), distances km.
    """

    seed: int = 7
    accounts: int = 1_500
    reps_per_region: int = 8
    start: date = date(2024, 1, 1)
    history_weeks: int = 104
    live_weeks: int = 34
    prospect_share: float = 0.03
    opened_later_share: float = 0.04
    mean_eur: float = 21_000.0
    spread: float = 0.85  # sigma of the lognormal yearly revenue
    orders_per_week: float = 0.37
    order_noise: float = 0.22  # sigma of the lognormal size of an order
    market_noise: float = 0.015  # weekly step of what the whole market does
    growth_per_year: float = 0.03
    opportunities: int = 240
    min_town_population: int = 5_000

    @property
    def weeks(self) -> int:
        return self.history_weeks + self.live_weeks

    @property
    def days(self) -> int:
        return 7 * self.weeks

    def day(self, week: float) -> date:
        """The date of a (fractional) week of the simulation."""
        return self.start + timedelta(days=round(7 * week))


SMALL = DemoSize(accounts=80, reps_per_region=2, history_weeks=20, live_weeks=34, opportunities=10)
