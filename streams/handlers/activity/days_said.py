"""The account days that a batch of events touches: folded, and said epoch by epoch with their totals at its end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from schemas.region_log import AccountDays, DayTotals
from streams.handlers.activity.book import account_days, day_totals
from streams.handlers.activity.heard import Dated
from streams.handlers.activity.ordering import runs, stable_order
from streams.handlers.activity.pages import EPOCH_ORDINAL, Totals
from streams.handlers.activity.places import Places
from streams.handlers.activity.repetitions import Sighted
from streams.handlers.activity.times import Ints


@dataclass(slots=True)
class DaysSaid:
    """Account days in the order (epoch, day, account): one entry each in the columns.

    `cents` and `orders` are what the epoch adds; `numbers[starts[i]:starts[i + 1]]` are the events of entry i by offset.
    """

    places: Places
    sighted: Sighted
    minutes: list[tuple[float, float]] | None
    epoch_starts: list[int]
    page_keys: list[int]
    codes: list[int]
    days: list[int]
    cents: list[int]
    orders: list[int]
    numbers: list[int]
    starts: list[int]

    @classmethod
    def of(cls, dated: Dated, places: Places, sighted: Sighted, epochs: Ints) -> DaysSaid:
        """New events change the days; those that come again let them be said again."""
        touched = np.flatnonzero(sighted.new | sighted.again)
        days, codes = places.days[touched], places.codes[touched]
        first_day = int(days.min(initial=0))
        span = int(days.max(initial=0)) - first_day + 1
        keys = (epochs[touched] * span + (days - first_day)) * len(places.accounts) + codes
        order = stable_order(keys)
        numbers = touched[order]
        _, starts = runs(keys[order])
        heads = numbers[starts]
        counted = sighted.new[numbers]
        cents = np.add.reduceat(dated.cents[numbers] * counted, starts) if len(starts) else starts
        orders = np.add.reduceat(dated.orders[numbers] * counted, starts) if len(starts) else starts
        return cls(
            places,
            sighted,
            dated.minutes,
            np.searchsorted(epochs[heads], np.arange(int(epochs.max(initial=0)) + 2)).tolist(),
            places.page_keys[heads].tolist(),
            places.codes[heads].tolist(),
            places.days[heads].tolist(),
            cents.tolist(),
            orders.tolist(),
            numbers.tolist(),
            [*starts.tolist(), len(numbers)],
        )

    def of_epoch(self, epoch: int) -> list[AccountDays]:
        """Fold what the epoch adds, and say the days it touched."""
        if epoch + 1 >= len(self.epoch_starts):
            return []
        pages, accounts = self.places.pages, self.places.accounts
        by_region: defaultdict[str, list[DayTotals]] = defaultdict(list)
        here = slice(self.epoch_starts[epoch], self.epoch_starts[epoch + 1])
        columns = zip(
            self.page_keys[here], self.codes[here], self.days[here], self.cents[here], self.orders[here], strict=True
        )
        for at, (page_key, code, day, cents, orders) in enumerate(columns, start=here.start):
            page = pages[page_key]
            totals = page.days.get(day)
            if totals is None:
                totals = page.days[day] = Totals(cents, orders)
            else:
                totals.revenue_cents += cents
                totals.orders += orders
            if self.minutes is not None:
                self._add_visits(totals, at)
            by_region[page.region_id].append(day_totals(accounts[code], day + EPOCH_ORDINAL, totals))
        return account_days(by_region)

    def _add_visits(self, totals: Totals, at: int) -> None:
        """One by one, so that the sum of minutes is that of hearing them one by one."""
        minutes = self.minutes or []
        for number in self.numbers[self.starts[at] : self.starts[at + 1]]:
            if self.sighted.new[number]:
                totals.visits += 1
                totals.visit_minutes += minutes[number][0]
                totals.travel_minutes += minutes[number][1]
