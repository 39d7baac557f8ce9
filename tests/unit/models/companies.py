"""Small companies for the tests of the models: accounts with sizes, places and weekly orders from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from models.history import Floats
from models.potential import PotentialModel
from models.signals import Signal, WeekView
from models.traits import AccountTraits
from models.watch import Watch
from schemas.settings import Potential

MONDAY = date(2020, 1, 6)


def week(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


def traits(chain: str = "corner", lat: float | None = 48.0, lon: float | None = 2.0) -> AccountTraits:
    return AccountTraits(kind="shop", segment="B", chain=chain, lat=lat, lon=lon)


@dataclass
class Company:
    """n accounts in territories T0.. of four zones each; every account orders in a share of the weeks."""

    accounts: int = 40
    territories: int = 4
    seed: int = 7
    noise: float = 0.3  # of an order, log
    spread: float = 0.8  # of the accounts' sizes, log
    order_share: float = 0.7  # of the weeks
    season: float = 0.2  # amplitude
    rng: np.random.Generator = field(init=False)
    size: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.size = np.exp(self.rng.normal(5.5, self.spread, self.accounts))

    @property
    def territory_of(self) -> list[str | None]:
        return [f"T{i % self.territories}" for i in range(self.accounts)]

    @property
    def zone_of(self) -> list[str]:
        return [f"Z{i % (4 * self.territories)}" for i in range(self.accounts)]

    def revenue(self, weeks: int) -> Floats:
        """(weeks, n) EUR with a yearly season."""
        season = 1 + self.season * np.sin(2 * np.pi * np.arange(weeks) / 52)[:, None]
        lumps = np.exp(self.rng.normal(0, self.noise, (weeks, self.accounts)))
        return np.where(self.rng.random((weeks, self.accounts)) < self.order_share, self.size * season * lumps, 0.0)

    def model(self) -> PotentialModel:
        model = PotentialModel(Potential())
        for i in range(self.accounts):
            model.add(traits(chain=f"chain{i % 3}", lat=48 + i / 100, lon=2 + i / 70))
        return model

    def shown(self, watch: Watch, view: WeekView, count: Floats | None = None) -> list[Signal]:
        """The week shown to a watch: all orders come on its Sunday. `count`: (n,) orders of each account that has any."""
        rows = np.flatnonzero(view.observed > 0)
        sunday = view.week + timedelta(days=6)
        news = watch.close_day(
            sunday,
            view.account_ids,
            rows,
            view.observed[rows],
            lambda _: (("region", ""),),
            None if count is None else count[rows],
        )
        return [*news, *watch.close_week(view)]

    def views(self, revenue: Floats) -> Iterator[WeekView]:
        """Weeks as the watch sees them; the forecast is the account's size."""
        segments = np.where(self.size > np.median(self.size), "A", "C").tolist() if self.accounts else []
        for number, observed in enumerate(revenue):
            yield WeekView(
                week=week(number),
                observed=observed,
                expected=self.order_share * self.size,
                scale=0.5 * self.size,
                potential=52 * self.order_share * self.size,
                active=np.ones(self.accounts, bool),
                account_ids=[f"a{i}" for i in range(self.accounts)],
                territory_of=self.territory_of,
                segment_of=segments,
                zone_of=self.zone_of,
            )
