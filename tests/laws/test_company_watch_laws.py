"""Laws of a company's watch, by day and by week: copies go on alike, memory is bounded, what says nothing harms nobody."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from models.company_watch import CompanyWatch
from models.signals import Scope
from models.snapshot import pack, unpack
from models.warned import Warned

MONDAY = date(2023, 1, 2)
SUNDAY = 6
DAYS = 330
FELL = 300
ACCOUNTS = 32  # the first half orders daily, the others once a week


def fed(watch: CompanyWatch, first: int, last: int, strangers: int = 0) -> list[Warned]:
    """Days `first` to `last`; T0 loses two fifths on day FELL. `strangers`: accounts without orders and scopes."""
    everybody = ACCOUNTS + strangers
    territory: list[str | None] = [f"T{i % 4}" for i in range(ACCOUNTS)]
    zone: list[str | None] = [f"Z{i % 3}" for i in range(ACCOUNTS)]
    nowhere: list[str | None] = [None] * strangers
    segment: list[str | None] = [f"D{i % 4 // 2}" if i < ACCOUNTS // 2 else "W" for i in range(ACCOUNTS)]
    scopes: dict[Scope, list[str | None]] = {
        "territory": [*territory, *nowhere], "zone": [*zone, *nowhere], "segment": [*segment, *nowhere],
    }  # fmt: skip
    watch.reach([f"a{i}" for i in range(everybody)])
    said: list[Warned] = []
    for number in range(first, last):
        rng = np.random.default_rng(number)
        day = MONDAY + timedelta(days=number)
        rows = np.array([i for i in range(ACCOUNTS) if i < ACCOUNTS // 2 or i % 7 == day.weekday()], np.intp)
        fallen = (rows % 4 == 0) & (number >= FELL)
        eur = 100 * np.exp(rng.normal(0, 0.1, rows.size)) * np.where(fallen, 0.6, 1.0)
        said += watch.close_day(day, rows, eur, np.zeros(rows.size, np.intp))
        if day.weekday() == SUNDAY:
            said += watch.close_week(day, scopes)
    return said


def as_bytes(watch: CompanyWatch) -> bytes:
    return pack("company watch", "1", *watch.state())


def by_snapshot(watch: CompanyWatch) -> CompanyWatch:
    again = CompanyWatch(1, 0.2)
    again.restore(*unpack("company watch", "1", as_bytes(watch)))
    return again


def by_pickle(watch: CompanyWatch) -> CompanyWatch:
    again: CompanyWatch = pickle.loads(pickle.dumps(watch))  # noqa: S301  our own bytes
    return again


@pytest.mark.parametrize("copy", [by_snapshot, by_pickle])
@pytest.mark.parametrize("days", [7, 100, 303])
def test_a_copied_watch_goes_on_alike(days: int, copy: Callable[[CompanyWatch], CompanyWatch]) -> None:
    straight = CompanyWatch(1, 0.2)
    fed(straight, 0, days)
    again = copy(straight)
    assert fed(again, days, DAYS) == fed(straight, days, DAYS)
    assert as_bytes(again) == as_bytes(straight)


def test_the_same_days_give_the_same_words_and_the_same_bytes() -> None:
    one, other = CompanyWatch(1, 0.2), CompanyWatch(1, 0.2)
    said = fed(one, 0, DAYS)
    assert said == fed(other, 0, DAYS)
    assert any((each.scope, each.scope_id, each.direction) == ("territory", "T0", "drop") for each in said)
    assert as_bytes(one) == as_bytes(other)


def test_scopes_are_watched_either_by_the_day_or_by_the_week() -> None:
    watch = CompanyWatch(1, 0.2)
    said = fed(watch, 0, DAYS)
    rhythms = {(one.scope, one.scope_id): one.rhythm for one in said if one.scope != "account"}
    assert rhythms["segment", "D0"] == "daily scopes"
    for kind, streams in watch.scopes.items():
        by_day = streams.days.places >= 0
        by_week = np.isfinite(streams.weeks.remembered()[0][-1])
        assert (by_day != by_week).all()
        assert [name for name, row in streams.rows.items() if by_week[row]] == (["W"] if kind == "segment" else [])


def test_its_memory_does_not_grow_with_time() -> None:
    watch = CompanyWatch(1, 0.2)
    fed(watch, 0, 182)
    early = sum(array.nbytes for array in watch.state()[1].values())
    fed(watch, 182, DAYS)
    assert sum(array.nbytes for array in watch.state()[1].values()) == early


def test_accounts_without_orders_and_scopes_harm_nobody() -> None:
    assert fed(CompanyWatch(1, 0.2), 0, DAYS, strangers=5) == fed(CompanyWatch(1, 0.2), 0, DAYS)
