"""A company's orders as weeks of revenue per account, read by the importer: same mapping, same refusals as `replay`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infra.feeds.record import FeedRecord
from infra.importers.ledger import Ledger, Span
from infra.importers.mapping import Mapping
from infra.importers.outcome import Outcome, Refused
from infra.importers.reading import FileReader
from infra.importers.targets import ACCOUNTS, ORDERS, Target
from models.analogy import type_words
from models.traits import AccountTraits
from schemas.errors import SettingsError
from schemas.events import Account, Event, Order
from schemas.settings import Calendar

_DAYS = 7


@dataclass(frozen=True, slots=True)
class Panel:
    """Accounts by id, their revenue of each full week, and what could not be read."""

    account_ids: tuple[str, ...]
    traits: tuple[AccountTraits, ...]
    first_monday: date
    revenue: NDArray[np.float64]  # (weeks, n) in the currency of the file
    refused: tuple[Refused, ...]
    refused_count: int
    notices: tuple[str, ...]


@dataclass(slots=True)
class _Totals(Ledger):
    """Keeps sums of days instead of the records a feed would need."""

    days: dict[tuple[str, int], float] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    currencies: set[str] = field(default_factory=set)
    tell: Callable[[int], None] = lambda _: None
    _orders: int = 0

    def add(self, target: Target, event: Event, record: FeedRecord) -> None:  # noqa: ARG002  as the ledger has it
        if isinstance(event, Account):
            self.accounts[event.account_id] = event
        elif isinstance(event, Order):
            self._add_order(event)

    def _add_order(self, order: Order) -> None:
        self._orders += 1
        if self._orders % 10_000 == 0:
            self.tell(self._orders)
        self.currencies.add(order.currency)
        signs = {"placed": 1.0, "returned": -1.0, "cancelled": 0.0}
        amount = abs(float(order.amount)) if order.status == "returned" else float(order.amount)
        day = order.occurred_at.astimezone(UTC).date().toordinal()
        key = (order.account_id, day)
        self.days[key] = self.days.get(key, 0.0) + signs[order.status] * amount


def read_panel(
    orders: Path, accounts: Path | None, mapping: Mapping, calendar: Calendar, tell: Callable[[int], None]
) -> Panel:
    """Read the files into weeks from Monday to Sunday. `tell` hears how many orders have been read.

    Raises SettingsError, with the first refusals, when not one order can be used, or currencies are mixed.
    """
    outcome = Outcome()
    totals = _Totals(Span(), mapping.accounts.constants, tell=tell)
    for target, path in ((ACCOUNTS, accounts), (ORDERS, orders)):
        if path is not None:
            FileReader(target, mapping.of(target), mapping.timezone, calendar, totals, outcome).read(path)
    if not totals.days:
        reasons = "".join(f"\n  {refusal}" for refusal in outcome.refused[:5])
        raise SettingsError(f"{orders}: not one order could be used{reasons}")
    if len(totals.currencies) > 1:
        raise SettingsError(f"{orders}: amounts in several currencies: {', '.join(sorted(totals.currencies))}")
    return _panel(totals, outcome)


def _panel(totals: _Totals, outcome: Outcome) -> Panel:
    first, last = _full_weeks(min(day for _, day in totals.days), max(day for _, day in totals.days))
    if last < first:
        raise SettingsError("the orders do not fill one week from Monday to Sunday")
    ids = tuple(sorted({account for account, _ in totals.days}))
    row_of = {account: row for row, account in enumerate(ids)}
    revenue = np.zeros(((last - first) // _DAYS + 1, len(ids)))
    for (account, day), amount in totals.days.items():
        week = (day - first) // _DAYS
        if 0 <= week < len(revenue):
            revenue[week, row_of[account]] += amount
    refused = sum(tally.refused for tally in outcome.tallies.values())
    return Panel(
        account_ids=ids,
        traits=tuple(_traits(totals.accounts.get(account)) for account in ids),
        first_monday=date.fromordinal(first),
        revenue=revenue,
        refused=tuple(outcome.refused),
        refused_count=refused,
        notices=tuple(outcome.notices),
    )


def _full_weeks(first_day: int, last_day: int) -> tuple[int, int]:
    """Mondays (ordinals) of the first and last week the orders fill: a file that ends on a Friday fills its week."""
    monday = timedelta(days=_DAYS)
    first = date.fromordinal(first_day)
    start = first if first.weekday() == 0 else first - timedelta(days=first.weekday()) + monday
    last = date.fromordinal(last_day)
    end = last - timedelta(days=last.weekday())
    if last.weekday() < 4:
        end -= monday
    return start.toordinal(), end.toordinal()


def _traits(account: Account | None) -> AccountTraits:
    if account is None:
        return AccountTraits("customer", "", "", None, None)
    return AccountTraits(account.kind, account.segment or "", type_words(account.name), account.lat, account.lon)
