"""As-was and as-is of the KPIs of territories, against plain Python on a company whose accounts change hands at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from random import Random
from statistics import mean, pstdev
from typing import Any, Final

import pytest
from clickhouse_connect.driver.client import Client
from small_company import a_deal, a_potential, a_rep, a_visit, an_account, an_assignment, an_order, write_rows
from small_company import at as moment

from infra.clickhouse.client import Access
from schemas.settings import Cost, Privacy, Settings

pytestmark = pytest.mark.io
END: Final = moment("2026-06-30T12:00")
REPS: Final = ("r1", "r2", "r3")
ACCOUNTS: Final = tuple(f"a{n}" for n in range(20))
PLANS: Final = {"A": 12.0, "B": 6.0, "C": 3.0}
_random = Random(20261128)

SEGMENTS: Final = {account: _random.choice("ABC") for account in ACCOUNTS}
WORTH: Final = {account: float(_random.randrange(1, 100)) * 1000 for account in ACCOUNTS}
STRETCHES: Final[Mapping[str, dict[date, str | None]]] = {
    # the first stretch of some begins inside a window; later ones may leave the account without a rep
    account: {
        date(2025, 1, 1) + timedelta(days=_random.randrange(400)): _random.choice(REPS),
        **{
            day: _random.choice((*REPS, None))
            for day in sorted(date(2026, 5, 20) + timedelta(days=_random.randrange(-90, 45)) for _ in range(2))
        },
    }
    for account in ACCOUNTS
}


def _moment() -> datetime:
    return END - timedelta(minutes=_random.randrange(1, 300 * 1440))


# four order often, or no customer's churn could be judged within 90 days; a1 has fallen silent
OFTEN: Final = [
    (END - timedelta(days=_random.randrange(100 if account == "a1" else 40, 440)), account, 10.0)
    for account in ("a0", "a1", "a2", "a3") * 60
]
ORDERS: Final = [
    (END, "a0", 100.0), *OFTEN, *((_moment(), _random.choice(ACCOUNTS[2:]), _random.randrange(1, 500) / 2) for _ in range(200)),
]  # fmt: skip
VISITS: Final = [
    (_moment(), _random.choice(ACCOUNTS), 20.0 + _random.randrange(40), float(_random.randrange(50)), float(_random.randrange(60)), _random.randrange(3))
    for _ in range(150)
]  # fmt: skip
DEALS: Final = [(_moment(), _random.choice(ACCOUNTS), _random.choice(("open", "won", "lost"))) for _ in range(80)]


def owner(account: str, day: date) -> str:
    held = ""
    for first, rep in STRETCHES[account].items():
        held = (rep or "") if first <= day else held
    return held


def sides(account: str, at: datetime) -> tuple[tuple[str, str], tuple[str, str]]:
    """The territories an event of the account counts in."""
    return ("", owner(account, at.date())), ("_as_is", owner(account, END.date()))


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    rows: list[Any] = [a_rep(rep, 40) for rep in REPS]
    rows += [an_account(account, SEGMENTS[account]) for account in ACCOUNTS]
    rows += [an_assignment(account, rep, str(day)) for account in ACCOUNTS for day, rep in STRETCHES[account].items()]
    rows += [a_potential(account, WORTH[account]) for account in ACCOUNTS]
    rows += [an_order(f"o{n}", at.isoformat(), account, str(eur)) for n, (at, account, eur) in enumerate(ORDERS)]
    rows += [
        a_visit(f"v{n}", at.isoformat(), account, "r1", onsite, travel, km, nights=nights)
        for n, (at, account, onsite, travel, km, nights) in enumerate(VISITS)
    ]
    rows += [a_deal(f"d{n}", stage, at.isoformat(), account) for n, (at, account, stage) in enumerate(DEALS)]
    write_rows(access, rows, Settings(privacy=Privacy(individual_kpis=True), cost=Cost()))


def told(client: Client, kpi: str, columns: Iterable[str], key: str = "rep_id") -> dict[Any, tuple[float, ...]]:
    """The territory rows of a KPI over 90 days, by rep."""
    window = "AND window_days = 90" if key == "rep_id" else ""
    rows = client.query(
        f"SELECT {key}, {', '.join(columns)} FROM kpi_{kpi} WHERE grain = 'territory' {window} ORDER BY ALL"
    ).result_rows
    return {row[0]: tuple(row[1:]) for row in rows}


def in_90_days(at: datetime) -> bool:
    return END - timedelta(days=90) < at <= END


def test_travel_cost_and_blank_visits_are_told_by_the_owner_then_and_by_the_owner_now(client: Client) -> None:
    rows = [
        (side, rep, account, onsite, travel, km, not any(o[1] == account and o[0].date() == at.date() for o in ORDERS), nights)
        for at, account, onsite, travel, km, nights in VISITS if in_90_days(at) for side, rep in sides(account, at)
    ]  # fmt: skip
    for rep in REPS:
        was, now = ([row[2:] for row in rows if row[:2] == (side, rep)] for side in ("", "_as_is"))
        assert was != now
        for kpi, above, below in (
            ("travel_per_client", lambda v: v[2] / 60, None), ("cost_per_visit", lambda v: v[3] * 0.52 + (v[1] + v[2]) * 0.75 + v[5] * 120, len),
            ("co2", lambda v: v[3] * 0.2, len), ("blank_visit_rate", lambda v: v[4], len),
            ("client_time_share", lambda v: v[1] / 60, lambda vs: sum(v[1] + v[2] for v in vs) / 60),
        ):  # fmt: skip
            divisor = below or (lambda vs: len({v[0] for v in vs}))
            columns = ("numerator", "denominator", "numerator_as_is", "denominator_as_is", "value_as_is")
            expected = (
                sum(map(above, was)),
                divisor(was),
                sum(map(above, now)),
                divisor(now),
                sum(map(above, now)) / divisor(now),
            )
            assert told(client, kpi, columns)[rep] == pytest.approx(expected), kpi


def test_effort_by_segment_is_told_by_the_owner_then_and_by_the_owner_now(client: Client) -> None:
    columns = ("numerator", "denominator", "numerator_as_is", "denominator_as_is")
    rows = told_by_segment(client, columns)
    for rep in REPS:
        for segment in "ABC":
            expected = []
            for side in ("", "_as_is"):
                mine = [
                    (a, onsite + travel)
                    for at, a, onsite, travel, *_ in VISITS
                    if in_90_days(at) and (side, rep) in sides(a, at)
                ]
                expected += [sum(m for a, m in mine if SEGMENTS[a] == segment) / 60, sum(m for _, m in mine) / 60]
            assert rows[rep, segment] == pytest.approx(tuple(expected))


def told_by_segment(client: Client, columns: Iterable[str]) -> dict[tuple[str, str], tuple[float, ...]]:
    rows = client.query(
        f"SELECT rep_id, segment, {', '.join(columns)} FROM kpi_effort_share WHERE grain = 'territory' AND window_days = 90"
    ).result_rows
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def test_the_basket_is_told_by_the_owner_then_and_by_the_owner_now(client: Client) -> None:
    expected = {
        rep: tuple(
            total
            for side in ("", "_as_is")
            for sold in [[eur for at, a, eur in ORDERS if in_90_days(at) and (side, rep) in sides(a, at)]]
            for total in (sum(sold), len(sold))
        )
        for rep in REPS
    }
    columns = ("numerator", "denominator", "numerator_as_is", "denominator_as_is")
    assert {rep: told(client, "average_basket", columns)[rep] for rep in REPS} == {
        rep: pytest.approx(row) for rep, row in expected.items()
    }
    for number, column in ((0, "value"), (2, "value_as_is")):  # reps alike: the balance is that of their revenue
        sold = [expected[rep][number] for rep in REPS]
        (row,) = client.query(
            f"SELECT {column} FROM kpi_revenue_balance WHERE grain = 'company' AND window_days = 90"
        ).result_rows
        assert row[0] == pytest.approx(100 * pstdev(sold) / mean(sold))


def test_coverage_and_adherence_as_was_are_of_the_days_on_which_the_rep_had_the_account(client: Client) -> None:
    days = [END.date() - timedelta(days=n) for n in range(91)]
    had = {(account, owner(account, day)) for account in ACCOUNTS for day in days}
    seen = {(a, owner(a, at.date())) for at, a, *_ in VISITS if in_90_days(at)}
    coverage = told(client, "coverage", ("numerator_as_was", "denominator_as_was"))
    adherence = told(client, "frequency_adherence", ("numerator_as_was", "denominator_as_was"))
    over = told(client, "over_visits", ("numerator_as_was", "denominator_as_was"))
    under = told(client, "under_visited", ("numerator_as_was", "denominator_as_was"))
    for rep in (*REPS, ""):
        mine = [account for account in ACCOUNTS if (account, rep) in had]
        if rep:  # no territory is the territory of nobody
            assert coverage[rep] == (len([a for a in mine if (a, rep) in seen]), len(mine))
        planned = {
            a: PLANS[SEGMENTS[a]] * 90 / 365 * sum(owner(a, day) == rep for day in days) / len(days) for a in mine
        }
        made = {a: sum(in_90_days(at) and b == a and owner(a, at.date()) == rep for at, b, *_ in VISITS) for a in mine}
        if rep:
            expected = (sum(min(made[a], planned[a]) for a in mine), sum(planned.values()))
            assert adherence[rep] == pytest.approx(expected)
            beyond = sum(max(made[a] - planned[a], 0) for a in mine)
            assert beyond > 0
            assert over[rep] == pytest.approx((beyond, sum(made.values())))
            assert under[rep] == (sum(made[a] + 0.5 < planned[a] for a in mine), len(mine))
    whole = client.query(
        "SELECT denominator, denominator_as_was FROM kpi_frequency_adherence WHERE grain = 'company' AND window_days = 90"
    ).result_rows
    assert whole[0][1] == pytest.approx(whole[0][0])  # no day of a plan is lost or told twice


def test_deals_are_told_by_the_owner_then_and_by_the_owner_now(client: Client) -> None:
    columns = ("created", "numerator", "denominator", "numerator_as_is", "denominator_as_is")
    rows = told(client, "opportunities", columns)
    for rep in REPS:
        was, now = (
            [stage for at, a, stage in DEALS if in_90_days(at) and (side, rep) in sides(a, at)]
            for side in ("", "_as_is")
        )
        decided = len([stage for stage in was if stage != "open"])
        assert rows[rep] == (
            was.count("open"), was.count("won"), decided, now.count("won"), len([stage for stage in now if stage != "open"]),
        )  # fmt: skip


def test_deals_of_a_week_are_those_from_monday_to_sunday(client: Client) -> None:
    rows = told(
        client,
        "opportunities_by_week",
        ("created", "denominator", "created_as_is", "denominator_as_is"),
        "(week, rep_id)",
    )
    expected: dict[tuple[date, str], list[int]] = {}
    for at, account, stage in DEALS:
        monday = at.date() - timedelta(days=at.weekday())
        if monday + timedelta(days=7) > END.date():
            continue
        for place, (_, rep) in enumerate(sides(account, at)):
            if rep:
                expected.setdefault((monday, rep), [0, 0, 0, 0])[2 * place + (stage != "open")] += 1
    assert rows == {key: tuple(row) for key, row in expected.items()}


def test_churn_is_told_by_the_owner_at_the_start_and_by_the_owner_now(client: Client) -> None:
    start = END.date() - timedelta(days=90)
    expected = {rep: [0, 0, 0, 0] for rep in REPS}
    for account in ACCOUNTS:
        days = sorted({at.date() for at, a, _ in ORDERS if a == account})
        before = [day for day in days if start - timedelta(days=365) < day <= start]
        after = [day for day in days if day > start]
        patience = timedelta(days=-(-3 * 365 // max(len(before), 1)))
        if len(before) < 2 or start + patience > END.date():
            continue
        silent = not after or after[0] > start + patience
        for place, rep in enumerate((owner(account, start), owner(account, END.date()))):
            if rep:
                expected[rep][2 * place] += silent
                expected[rep][2 * place + 1] += 1
    columns = ("numerator", "denominator", "numerator_as_is", "denominator_as_is")
    rows = told(client, "customer_churn", columns)
    assert 0 < sum(row[0] for row in expected.values()) < sum(row[1] for row in expected.values())
    assert {rep: rows.get(rep, (0, 0, 0, 0)) for rep in REPS} == {rep: tuple(row) for rep, row in expected.items()}


def test_potential_balance_as_was_is_that_of_the_owners_of_90_days_ago(client: Client) -> None:
    for day, column in ((END.date() - timedelta(days=90), "value_as_was"), (END.date(), "value")):
        held = [sum(WORTH[a] for a in ACCOUNTS if owner(a, day) == rep) for rep in REPS]
        (row,) = client.query(f"SELECT {column} FROM kpi_potential_balance WHERE grain = 'company'").result_rows
        assert row[0] == pytest.approx(100 * pstdev(held) / mean(held))
