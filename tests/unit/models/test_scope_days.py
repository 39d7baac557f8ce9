"""Scopes by the day: which they are, and what the watch of a region says of them between the weeks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from models.alerts import AlertBook
from models.causes import CauseContext
from models.codes import Codes
from models.history import Floats
from models.scope_days import ScopeDays
from models.signals import Signal, WeekView
from models.verdicts import Budget
from models.watch import Watch
from schemas.settings import Alerts

MONDAY = date(2023, 1, 2)
SUNDAY = 6
ACCOUNTS, TERRITORIES = 48, 4
FELL = 7 * 48 + 1  # a Tuesday
MARKET = 0.925  # when one territory of four has lost three tenths


def is_daily(ordering: Callable[[int], int], days: int = 91) -> bool:
    """One scope of which so many accounts order on each day."""
    scopes, watched = Codes(["T"] * 60), ScopeDays(0.5, known_effects=False)
    watched.reach(1)
    for day in range(days):
        rows = np.arange(ordering(day))
        watched.join(day, scopes, rows, worked=rows.size > 0)
    return bool(watched.places[0] >= 0)


@pytest.mark.parametrize(
    ("ordering", "daily"),
    [
        (lambda day: 20 if day % 7 < 5 else 0, True),
        (lambda day: (20, 20, 20, 20, 20, 8, 0)[day % 7], True),
        (lambda day: 20 if day % 7 < 5 and day != 30 else 0, True),
        (lambda day: (40, 2, 2, 2, 2, 0, 0)[day % 7], False),
        (lambda day: (20, 9)[day // 7 % 2] if day % 7 < 5 else 0, False),
        (lambda day: 3 if day % 7 < 5 else 0, False),
        (lambda day: 40 if day % 7 == SUNDAY else 0, False),
    ],
    ids=["workdays", "short Saturdays", "a holiday", "Mondays", "fortnights", "few accounts", "once a week"],
)
def test_a_scope_is_daily_when_it_is_busy_on_nearly_every_working_day(
    ordering: Callable[[int], int], daily: bool
) -> None:
    assert is_daily(ordering) is daily


def test_a_rhythm_is_judged_after_a_quarter_of_a_year_and_kept() -> None:
    assert not is_daily(lambda day: 20, days=90)
    assert is_daily(lambda day: 20 if day < 91 else 1, days=150)


def shown(watch: Watch, days: int, territory_of: Callable[[int], list[str | None]], eur_of: Callable[[int], Floats]) -> dict[int, list[Signal]]:  # fmt: skip
    """Signals by the day, of the closed week on Sundays."""
    ids, everywhere = [f"a{i}" for i in range(ACCOUNTS)], np.ones(ACCOUNTS, bool)
    said: dict[int, list[Signal]] = {}
    week = np.zeros(ACCOUNTS)
    for number in range(days):
        day, eur = MONDAY + timedelta(days=number), eur_of(number)
        rows = np.flatnonzero(eur > 0)
        week += eur
        said[number] = watch.close_day(day, ids, rows, eur[rows], lambda _: (("region", ""),))
        if day.weekday() == SUNDAY:
            view = WeekView(
                week=day - timedelta(days=SUNDAY), observed=week, expected=np.full(ACCOUNTS, 500.0), scale=np.full(ACCOUNTS, 50.0),
                potential=np.full(ACCOUNTS, 26_000.0), active=everywhere, account_ids=ids, territory_of=territory_of(number),
                segment_of=["B"] * ACCOUNTS, zone_of=[""] * ACCOUNTS,
            )  # fmt: skip
            said[number] += watch.close_week(view)
            week = np.zeros(ACCOUNTS)
    return said


def at_home(day: int) -> list[str | None]:
    return [f"T{i % TERRITORIES}" for i in range(ACCOUNTS)]


def orders(day: int) -> Floats:
    """Every account on workdays, Fridays twice as much."""
    noise = np.exp(np.random.default_rng(day).normal(0, 0.15, ACCOUNTS))
    return 100 * (1, 1, 1, 1, 2, 0, 0)[day % 7] * noise


def falling(day: int) -> Floats:
    lost = np.where((np.arange(ACCOUNTS) % TERRITORIES == 1) & (day >= FELL), 0.7, 1.0)
    return orders(day) * lost


def of_territories(said: dict[int, list[Signal]]) -> list[tuple[int, Signal]]:
    return [(day, one) for day, signals in said.items() for one in signals if one.kind == "territory"]


def test_a_territory_that_orders_daily_is_named_within_the_week_and_says_how_it_was_watched() -> None:
    day, one = of_territories(shown(Watch(Alerts()), FELL + 7, at_home, falling))[0]
    assert (one.scope_id, one.direction, day % 7 == SUNDAY) == ("T1", "drop", False)
    assert FELL < day <= FELL + 4
    assert abs((one.started - MONDAY).days - FELL) <= 1
    assert (one.detector, one.evidence["watched"]) == ("shiryaev-roberts daily scopes", "by the day")
    assert one.deviation_share == pytest.approx(0.7 / MARKET - 1, abs=0.05)
    assert one.observed_eur / one.expected_eur == pytest.approx(0.7 / MARKET, abs=0.05)
    assert (one.accounts, one.inside) == (12, (("region", ""),))


def test_its_alarm_is_shown_by_days_that_sell_until_it_is_confirmed() -> None:
    said = of_territories(shown(Watch(Alerts(confirm_days=4)), FELL + 11, at_home, falling))
    of_t1 = [(day, one.shown_days) for day, one in said if (one.scope_id, one.direction) == ("T1", "drop")]
    first = of_t1[0][0]
    workdays = [day for day in range(first, FELL + 11) if day % 7 < 5]
    assert [day for day, _ in of_t1 if day % 7 != SUNDAY] == workdays[:4]
    assert [shown for day, shown in of_t1 if day % 7 != SUNDAY] == [1, 2, 3, 4]


def test_its_alert_fires_on_the_next_day_that_sells() -> None:
    watch, book, context = Watch(Alerts()), AlertBook(Alerts(), "north"), CauseContext(1_000_000)
    fired = []
    for number, signals in shown(watch, FELL + 10, at_home, falling).items():
        week = signals if number % 7 == SUNDAY else None
        changes = book.step(MONDAY + timedelta(days=number), week, [], context, signals)
        fired += [number for change in changes if change.alert.state == "firing" and change.alert.scope_id == "T1"]
    assert fired[0] <= FELL + 4


def test_its_alert_stands_until_it_sells_as_before() -> None:
    def back(day: int) -> Floats:
        return orders(day) if day >= FELL + 35 else falling(day)

    said = of_territories(shown(Watch(Alerts()), FELL + 70, at_home, back))
    sundays = {day for day, one in said if (one.scope_id, one.direction) == ("T1", "drop") and day % 7 == SUNDAY}
    assert {FELL + 5, FELL + 12, FELL + 19, FELL + 26, FELL + 33} <= sundays
    assert max(sundays) < FELL + 56


def test_accounts_that_move_in_the_middle_of_a_week_are_no_drift() -> None:
    def moved(day: int) -> list[str | None]:
        return ["T2" if day >= FELL and i in (1, 5, 9, 13) else f"T{i % TERRITORIES}" for i in range(ACCOUNTS)]

    assert of_territories(shown(Watch(Alerts()), FELL + 60, moved, orders)) == []


def test_a_watch_read_from_its_snapshot_in_the_middle_of_a_week_is_the_same_watch() -> None:
    straight = Watch(Alerts())
    shown(straight, FELL + 1, at_home, falling)
    again = Watch.from_bytes(Alerts(), straight.to_bytes())
    assert again.to_bytes() == straight.to_bytes()


def test_one_budget_holds_for_a_scope_however_it_is_watched() -> None:
    watch = Watch(Alerts())
    watch.keep_to({"territory": Budget(0.5, false=3)})
    for kind, streams in watch._company.scopes.items():
        days, weeks = (one.monitor.per_year for one in streams.both)
        assert days == weeks == pytest.approx(1.2 * {"territory": 0.25, "zone": 0.35, "segment": 0.15}[kind])
