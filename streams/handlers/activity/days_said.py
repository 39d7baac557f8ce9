"""The account days that a batch of events touches, said epoch by epoch with their totals at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from schemas.region_log import AccountDaysWritten, DayTotals
from streams.handlers.activity.book import MOST_DAYS
from streams.handlers.activity.day_kernel import FIXED_BYTES, write_days
from streams.handlers.activity.keys import joined
from streams.handlers.activity.ordering import runs, stable_order
from streams.handlers.activity.pages import EPOCH_ORDINAL
from streams.handlers.activity.places import Places
from streams.handlers.activity.repetitions import Sighted
from streams.handlers.activity.times import Ints
from streams.texts import Texts

_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class DaysSaid:
    """An entry for each account day of an epoch, in the order (epoch, day, account).

    `entry_of` an event is its entry, -1 where it says nothing: new events change the days, and those that come again let them
    be said again. `totals` are cents, orders and visits, `minutes` there and on the way: filled as the pages are folded.
    """

    accounts: Texts
    epoch_of: Ints
    codes: Ints
    days: Ints
    pages: Ints
    entry_of: Ints
    totals: Ints
    minutes: NDArray[np.float64]

    @classmethod
    def of(cls, places: Places, sighted: Sighted, epochs: Ints) -> DaysSaid:
        touched = np.flatnonzero(sighted.new | sighted.again)
        days, codes = places.days[touched], places.codes[touched]
        first_day = int(days.min(initial=0))
        span = int(days.max(initial=0)) - first_day + 1
        keys = (epochs[touched] * span + (days - first_day)) * len(places.accounts) + codes
        order = stable_order(keys)
        numbers = touched[order]
        _, starts = runs(keys[order])
        heads = numbers[starts]
        entry_of = np.full(len(places.codes), -1, dtype=np.int64)
        entry_of[numbers] = np.repeat(np.arange(len(heads)), np.diff(np.append(starts, len(numbers))))
        return cls(
            places.accounts, epochs[heads], places.codes[heads], places.days[heads], places.page_of[heads], entry_of,
            np.empty((len(heads), 3), dtype=np.int64), np.empty((len(heads), 2), dtype=np.float64),
        )  # fmt: skip

    def messages(self, region_of: Ints, regions: Sequence[str]) -> list[list[AccountDaysWritten]]:
        """What each epoch says to its regions; `region_of` is that of each page of the batch."""
        names = _in_json(self.accounts)
        said: list[list[AccountDaysWritten]] = [[] for _ in range(int(self.epoch_of.max(initial=-1)) + 1)]
        keys = self.epoch_of * len(regions) + region_of[self.pages]
        order = stable_order(keys)
        kinds, starts = runs(keys[order])
        bounds = [*starts.tolist(), len(order)]
        for kind, first, last in zip(kinds.tolist(), bounds[:-1], bounds[1:], strict=True):
            epoch, region = divmod(kind, len(regions))
            for start in range(first, last, MOST_DAYS):
                text = self._text(order[start : min(start + MOST_DAYS, last)], names)
                said[epoch].append(AccountDaysWritten(regions[region], msgspec.Raw(text)))
        return said

    def _text(self, some: Ints, names: Texts) -> bytes:
        """A JSON array of these entries. Those with visits have fractions, which msgspec writes."""
        visited = self.totals[some, 2] > 0
        plain = some[~visited]
        codes = self.codes[plain]
        text = np.empty(int(names.sizes()[codes].sum()) + FIXED_BYTES * len(plain), dtype=np.uint8)
        cents, orders = self.totals[plain, 0], self.totals[plain, 1]
        size = write_days(names.payload, names.ends, codes, self.days[plain] + EPOCH_ORDINAL, cents, orders, text)
        others = [_json(day) for day in self._with_visits(some[visited])]
        return b"[" + b",".join([text[: max(size - 1, 0)].tobytes(), *others][0 if size else 1 :]) + b"]"

    def _with_visits(self, some: Ints) -> Iterator[DayTotals]:
        columns = zip(
            self.codes[some].tolist(), self.days[some].tolist(), self.totals[some].tolist(), self.minutes[some].tolist(),
            strict=True,
        )  # fmt: skip
        for code, day, totals, minutes in columns:
            yield DayTotals(self.accounts.text(code).decode(), day + EPOCH_ORDINAL, *totals, *minutes)


def _in_json(accounts: Texts) -> Texts:
    """As they stand in JSON between the quotes, one behind the other."""
    names = joined(b"", accounts)
    together = names.payload.tobytes().decode()
    if together.isascii() and together.isprintable() and '"' not in together and "\\" not in together:
        return names
    return Texts.of([_json(account.decode())[1:-1] for account in names if account is not None])
