"""Orders and visits become account days: exact, once, whatever comes twice or from a crash."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from schemas.errors import TerradriftError
from schemas.region_log import AccountSet
from schemas.settings import Company, Settings
from schemas.topics import ACCOUNTS, ASSIGNMENTS, ORDERS, VISIT_REPORTS
from streams.handlers.activity.memory import Watermark
from streams.handlers.activity.stage import ActivityStage
from streams.ports import MemoryStore
from tests.support.bench import Bench, ToldDay
from tests.support.events import a_visit, an_account, an_assignment, an_order

MONDAY = date(2026, 3, 2)


@pytest.fixture
def bench() -> Bench:
    """A partition that knows account a1."""
    bench = Bench(ActivityStage(Settings(), "log"))
    bench.feed(ACCOUNTS, an_account())
    return bench


def final_days(bench: Bench) -> dict[tuple[str, str, date], ToldDay]:
    """The last word on every account day."""
    return {(day.region_id, day.account_id, day.day): day for day in bench.days()}


def cents(bench: Bench) -> int:
    return sum(day.revenue_cents for day in final_days(bench).values())


def test_orders_of_a_day_add_up_to_the_cent(bench: Bench) -> None:
    bench.feed(ORDERS, an_order("o1", "0.10"), an_order("o2", "0.20"), an_order("o3", "999999999999.99"))
    assert final_days(bench) == {
        ("main", "a1", MONDAY): ToldDay("main", "a1", MONDAY, revenue_cents=100_000_000_000_029, orders=3)
    }


@pytest.mark.parametrize("amount", ["-30.00", "30.00"])
def test_a_return_takes_back_with_either_sign_and_is_no_order(bench: Bench, amount: str) -> None:
    bench.feed(ORDERS, an_order("o1", "100.00"), an_order("back", amount, status="returned"))
    (day,) = final_days(bench).values()
    assert (day.revenue_cents, day.orders) == (7_000, 1)


def test_a_cancelled_order_counts_nothing_but_is_a_fact(bench: Bench) -> None:
    bench.feed(ORDERS, an_order("o1", "100.00", status="cancelled"))
    assert [(day.revenue_cents, day.orders) for day in final_days(bench).values()] == [(0, 0)]
    assert [row["status"] for row in bench.facts("orders")] == ["cancelled"]


def test_products_on_the_shelf_reach_the_fact_however_they_are_spelled(bench: Bench) -> None:
    seen = [(), ("none",), ("P1", 'a "b"', "b\\c"), tuple(f"P{n}" for n in range(20))]
    bench.feed(VISIT_REPORTS, *(a_visit(f"v{n}", products_seen=products) for n, products in enumerate(seen)))
    assert [tuple(row["products_seen"]) for row in bench.facts("visits")] == seen


def test_more_than_twenty_products_are_refused(bench: Bench) -> None:
    many = [f"P{n}" for n in range(21)]
    bench.feed(VISIT_REPORTS, json.dumps({**json.loads(a_visit().model_dump_json()), "products_seen": many}).encode())
    assert [letter["field"] for letter in bench.letters()] == ["products_seen"]


def test_visits_add_minutes_to_the_day_of_their_start(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_visit("v1", travel_minutes=20), a_visit("v2", duration_minutes=30, travel_minutes=5))
    (day,) = final_days(bench).values()
    assert (day.visits, day.visit_minutes, day.travel_minutes, day.orders) == (2, 75.0, 25.0, 0)


@pytest.mark.parametrize(
    "other", [{"channel": "call"}, {"channel": "video"}, {"status": "moved"}, {"status": "cancelled"}]
)
def test_what_is_no_visit_is_a_fact_and_adds_nothing_to_its_day(bench: Bench, other: dict[str, str]) -> None:
    bench.feed(VISIT_REPORTS, a_visit("v1", travel_minutes=20, nights=2), a_visit("v2", travel_minutes=5, **other))
    bench.feed(VISIT_REPORTS, a_visit("v3", travel_minutes=5, **other))
    (day,) = final_days(bench).values()
    assert (day.visits, day.visit_minutes, day.travel_minutes, day.orders) == (1, 45.0, 20.0, 0)
    told = [tuple(row[name] for name in ("channel", "nights", "status")) for row in bench.facts("visits")]
    assert told == [
        ("visit", 2, "done"),
        *[tuple(({"channel": "visit", "nights": 0, "status": "done"} | other).values())] * 2,
    ]


@pytest.mark.parametrize("other", [{"channel": "call"}, {"nights": 1}, {"status": "cancelled"}])
def test_the_same_visit_event_with_another_particular_is_buried(bench: Bench, other: dict[str, Any]) -> None:
    bench.feed(VISIT_REPORTS, a_visit("v1"), a_visit("v1", **other))
    assert [letter["reason"] for letter in bench.letters()] == ["duplicate_id"]


def test_an_account_event_has_a_day_of_contact_or_is_another_one(bench: Bench) -> None:
    bench.feed(ACCOUNTS, an_account())
    assert bench.letters() == []
    bench.feed(ACCOUNTS, an_account(event_id=an_account().event_id, contact_updated_on=date(2026, 1, 5)))
    assert [letter["reason"] for letter in bench.letters()] == ["duplicate_id"]
    bench.feed(ACCOUNTS, an_account(event_id="later", contact_updated_on=date(2026, 1, 5)))
    assert bench.facts("accounts")[-1]["contact_updated_on"] == "2026-01-05"


def test_a_day_is_a_day_of_utc(bench: Bench) -> None:
    bench.feed(
        ORDERS, an_order().model_dump_json().replace("2026-03-02T09:30:00Z", "2026-03-03T01:00:00+02:00").encode()
    )
    assert [day.day for day in bench.days()] == [MONDAY]


def test_a_batch_says_a_day_once(bench: Bench) -> None:
    bench.feed(ORDERS, *(an_order(f"o{i}", "1.00") for i in range(50)))
    assert [day.revenue_cents for day in bench.days()] == [5_000]


def test_a_repeated_event_is_counted_once_and_makes_no_second_fact(bench: Bench) -> None:
    bench.feed(ORDERS, an_order(), an_order())
    bench.feed(ORDERS, an_order(amount="100.0"))
    assert cents(bench) == 10_000
    assert len(bench.facts("orders")) == 1
    assert bench.count("duplicates") == 2
    assert bench.letters() == []


@pytest.mark.parametrize(
    "other", [{"amount": "100.01"}, {"order_id": "x"}, {"status": "cancelled"}, {"when": "2026-03-03"}]
)
def test_the_same_order_event_with_other_content_is_buried(bench: Bench, other: dict[str, str]) -> None:
    bench.feed(ORDERS, an_order())
    bench.feed(ORDERS, an_order(**other))
    assert [(letter["reason"], letter["field"]) for letter in bench.letters()] == [("duplicate_id", "event_id")]
    assert cents(bench) == 10_000


def test_an_order_that_comes_again_under_a_date_of_another_year_is_buried(bench: Bench) -> None:
    bench.feed(ORDERS, an_order(when="2025-01-15"))
    for again in (an_order(when="2026-03-02"), an_order(when="2025-02-20")):
        bench.crash()
        bench.feed(ORDERS, again)
    bench.feed(ORDERS, an_order("o2", when="2025-01-16"), an_order("o2", when="2025-06-16"))
    assert [letter["reason"] for letter in bench.letters()] == ["duplicate_id"] * 3
    assert cents(bench) == 20_000


def test_an_id_that_was_refused_may_come_again(bench: Bench) -> None:
    bench.feed(ORDERS, an_order("o1"))
    bench.feed(ORDERS, an_order("o2", account_id="nobody"), an_order("o2"), an_order("o2", when="2026-09-01"))
    assert [letter["reason"] for letter in bench.letters()] == ["unknown_account", "duplicate_id"]
    assert cents(bench) == 20_000


@pytest.mark.parametrize("other", [{"travel_km": 3}, {"travel_minutes": 3}, {"rep_id": "r2"}, {"visit_id": "x"}])
def test_the_same_visit_event_with_other_content_is_buried(bench: Bench, other: dict[str, Any]) -> None:
    bench.feed(VISIT_REPORTS, a_visit(), a_visit(**other))
    assert [letter["reason"] for letter in bench.letters()] == ["duplicate_id"]


def test_what_came_before_a_crash_is_said_again_with_the_same_totals(bench: Bench) -> None:
    bench.feed(ORDERS, an_order("o1", "10.00"), an_order("o2", "20.00"))
    before = bench.facts("orders"), bench.days()
    bench.crash()
    bench.emits.clear()
    bench.again(ORDERS)
    assert (bench.facts("orders"), bench.days()) == before, "the rows and the day, byte for byte"
    assert bench.count("duplicates") == 0


def test_a_store_that_was_torn_by_a_crash_counts_nothing_twice_and_loses_nothing(bench: Bench) -> None:
    old = MemoryStore(bench.store)
    bench.feed(ORDERS, an_order("o1", "10.00"), an_order("o2", "20.00"))
    new = MemoryStore(bench.store)
    for kept in (b"p", b"w"):
        torn = MemoryStore(old | {key: value for key, value in new.items() if key[:1] == kept})
        bench.crash(torn)
        bench.emits.clear()
        bench.again(ORDERS)
        assert cents(bench) == 3_000, f"only keys {kept!r} were durable"
        assert len(bench.facts("orders")) == 2


def test_an_unknown_account_is_refused(bench: Bench) -> None:
    bench.feed(ORDERS, an_order(account_id="nobody"))
    assert [(letter["reason"], letter["field"]) for letter in bench.letters()] == [("unknown_account", "account_id")]
    assert bench.facts("orders") == []


def test_an_unknown_account_is_created_where_the_settings_say_so() -> None:
    bench = Bench(ActivityStage(Settings(company=Company(unknown_accounts="create", base_region="west")), "log"))
    bench.feed(ORDERS, an_order("o1", account_id="new"), an_order("o2", account_id="new"))
    assert [row["account_id"] for row in bench.facts("accounts")] == ["new"]
    assert [(account.account_id, account.lat) for account in bench.told(AccountSet, "west")] == [("new", None)]
    assert cents(bench) == 20_000


def test_an_account_created_just_before_a_crash_is_announced_again() -> None:
    bench = Bench(ActivityStage(Settings(company=Company(unknown_accounts="create")), "log"))
    bench.feed(ORDERS, an_order("o1", account_id="new"))
    said = bench.emits[:]
    bench.crash()
    bench.emits.clear()
    bench.again(ORDERS)
    assert bench.emits == said


def test_an_order_that_is_refused_creates_no_account() -> None:
    bench = Bench(ActivityStage(Settings(company=Company(unknown_accounts="create", currency="EUR")), "log"))
    bench.feed(ORDERS, an_order(account_id="new", currency="USD"))
    assert bench.told(AccountSet) == []
    assert [letter["reason"] for letter in bench.letters()] == ["foreign_currency"]


def test_the_first_accepted_order_fixes_the_currency(bench: Bench) -> None:
    bench.feed(ORDERS, an_order("x", account_id="nobody", currency="USD"), an_order("o1"))
    bench.crash()
    bench.feed(ORDERS, an_order("o2", currency="USD"))
    assert [(letter["reason"], letter["field"]) for letter in bench.letters()] == [
        ("unknown_account", "account_id"),
        ("foreign_currency", "currency"),
    ]
    assert cents(bench) == 10_000


def test_restored_events_are_learnt_and_write_no_facts(bench: Bench) -> None:
    bench.feed(ORDERS, an_order(), restored=True)
    bench.feed(VISIT_REPORTS, a_visit(), restored=True)
    bench.feed(ASSIGNMENTS, an_assignment(), restored=True)
    assert [bench.facts(table) for table in ("orders", "visits", "assignments")] == [[], [], []]
    assert cents(bench) == 10_000
    bench.feed(ORDERS, an_order())
    assert bench.facts("orders") == [], "what was restored is known"


def test_an_account_that_moves_takes_its_history_along(bench: Bench) -> None:
    bench.feed(ORDERS, an_order("o1", when="2026-01-05"), an_order("o2", when="2026-03-02"))
    bench.emits.clear()
    bench.feed(ACCOUNTS, an_account(when="2026-03-03", region_id="west"))
    assert [(told.region_id, told.left) for told in bench.told(AccountSet)] == [("main", True), ("west", False)]
    assert [day.day for day in bench.days("west")] == [date(2026, 1, 5), MONDAY]
    said = bench.emits[:]
    bench.crash()
    bench.emits.clear()
    bench.again(ACCOUNTS, 1)
    assert bench.emits == said, "the region that was left hears of it even if the crash ate the first telling"


def test_a_late_word_on_an_account_is_history_only(bench: Bench) -> None:
    bench.feed(ACCOUNTS, an_account(when="2026-02-01", status="closed"))
    bench.emits.clear()
    bench.feed(ACCOUNTS, an_account(when="2026-01-15", region_id="west"))
    assert bench.told(AccountSet) == []
    assert len(bench.facts("accounts")) == 1


def test_a_name_goes_into_a_table_of_its_own_and_to_no_region(bench: Bench) -> None:
    bench.feed(ACCOUNTS, an_account("a2", name="Pharmacie de Lannion"))
    assert bench.facts("accounts")[-1]["name"] == ""
    assert [(row["id"], row["name"]) for row in bench.facts("names")] == [("a2", "Pharmacie de Lannion")]
    assert not any(b"Lannion" in emit.value for emit in bench.emits if emit.topic == "region-events")


def test_every_event_of_an_account_that_changes_often_is_known_for_ever(bench: Bench) -> None:
    changes = [an_account(event_id=f"change {n}", name=f"Name {n}") for n in range(7)]
    bench.feed(ACCOUNTS, *changes)
    bench.crash()
    bench.counts.clear()
    bench.feed(ACCOUNTS, *changes)
    assert bench.count("duplicates") == 7
    bench.feed(ACCOUNTS, *(an_account(event_id=change.event_id, name="Another") for change in changes))
    assert [letter["reason"] for letter in bench.letters()] == ["duplicate_id"] * 7


def test_a_state_of_another_layout_is_refused_with_what_to_do(bench: Bench) -> None:
    bench.feed(ORDERS, an_order())
    watermark = msgspec.msgpack.decode(bench.store.get(b"w") or b"")
    watermark[Watermark.__struct_fields__.index("layout")] -= 1
    bench.store.apply({b"w": msgspec.msgpack.encode(watermark)})
    with pytest.raises(TerradriftError, match="reads layout 5: start in a new directory"):
        bench.crash()
