"""A realistic log of one large region, day by day, from a seed: what profiles and benchmarks of the region stage fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from schemas.ids import derived
from schemas.region_log import AccountDays, AccountSet, AssignmentSet, DayClosed, DayTotals, RegionMessage, RepSet
from schemas.topics import ACTIVITY_PARTITIONS, DAY_MARKERS

MONDAY = date(2024, 1, 1)
FIELD_DAYS = 5
ENTERED = datetime.combine(MONDAY - timedelta(days=30), time(12), UTC)


@dataclass(frozen=True, slots=True)
class LargeRegion:
    """Accounts with 1 to 3 orders a month of log-normal size, on workdays; every account is visited every other month."""

    region_id: str
    accounts: int = 20_000
    reps: int = 200
    seed: int = 7

    def roster(self) -> Iterator[RegionMessage]:
        """Reps, accounts and assignments: a rep for each strip of a square degree grid."""
        rng = np.random.default_rng(self.seed)
        places = rng.random((self.accounts, 2)) * [4.0, 6.0] + [45.0, 0.0]
        for j in range(self.reps):
            lon = 6.0 * (j + 0.5) / self.reps
            yield RepSet(self.region_id, f"r{j:03d}", derived("rep", j), ENTERED, home_lat=47.0, home_lon=lon)
        for i, (lat, lon) in enumerate(places.tolist()):
            yield AccountSet(
                self.region_id, account_name(i), derived("account", i), i % ACTIVITY_PARTITIONS, ENTERED,
                lat=lat, lon=lon, chain=f"c{i % 40}",
            )  # fmt: skip
        for i, lon in enumerate(places[:, 1].tolist()):
            rep = f"r{min(int(lon / 6.0 * self.reps), self.reps - 1):03d}"
            yield AssignmentSet(
                self.region_id, account_name(i), rep, ENTERED.date(), derived("assignment", i), "import"
            )

    def days(self, first: int, count: int) -> Iterator[tuple[date, list[RegionMessage]]]:
        """(day, its messages), counted from 0: the batches of every activity partition, then its mark."""
        own = np.random.default_rng(self.seed + 1)
        monthly = own.uniform(1.0, 3.0, self.accounts)
        size = own.lognormal(6.0, 1.0, self.accounts)
        for index in range(first, first + count):
            day = MONDAY + timedelta(days=index)
            rng = np.random.default_rng([self.seed, index])
            yield day, [*self._account_days(day, rng, monthly, size), *self.marks(day)]

    def marks(self, day: date) -> Iterator[RegionMessage]:
        return (DayClosed(partition, day) for partition in range(DAY_MARKERS))

    def _account_days(
        self, day: date, rng: np.random.Generator, monthly: np.ndarray, size: np.ndarray
    ) -> Iterator[RegionMessage]:
        if day.weekday() >= FIELD_DAYS:
            return
        share = monthly * 12 / (52 * FIELD_DAYS)
        ordered = rng.random(self.accounts) < share
        visited = rng.random(self.accounts) < 6 / (52 * FIELD_DAYS)
        cents = (100 * size * rng.lognormal(0.0, 0.5, self.accounts)).astype(np.int64)
        ordinal = day.toordinal()
        for partition in range(ACTIVITY_PARTITIONS):
            rows = np.flatnonzero((ordered | visited)[partition::ACTIVITY_PARTITIONS]) * ACTIVITY_PARTITIONS + partition
            totals = tuple(
                DayTotals(
                    account_name(row), ordinal, int(cents[row]) if ordered[row] else 0, int(ordered[row]),
                    int(visited[row]), 30.0 * int(visited[row]), 20.0 * int(visited[row]),
                )
                for row in rows.tolist()
            )  # fmt: skip
            yield AccountDays(self.region_id, totals)


def account_name(row: int) -> str:
    return f"account-{row:06d}"
