"""Laws of the stages, whatever comes: one outcome for each message, totals that no order of arrival can change."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import Order
from schemas.settings import Settings
from schemas.topics import ACCOUNTS, INPUTS, ORDERS, TICK_KEY, Topic
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.intake import IntakeStage
from streams.ports import MemoryStore, Output, Record, Stage
from tests.support.bench import NOW_MS, Bench
from tests.support.events import (
    a_decision,
    a_market_event,
    a_rep,
    a_tick,
    a_visit,
    an_account,
    an_assignment,
    an_order,
)

STAGES: tuple[Stage, ...] = (ActivityStage(Settings(), "log"), IntakeStage(Settings(), "log"))
GOOD = [
    json.loads(event.model_dump_json())
    for event in (
        an_order(), a_visit(), an_account(), an_assignment(), a_rep(), a_market_event(), a_decision("accept", "s1"),
        a_tick("2026-03-02"),
    )
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted({field for event in GOOD for field in event}))


@st.composite
def nearly_good(draw: st.DrawFn) -> bytes:
    """A real event of some kind with a few fields replaced or taken out."""
    event: dict[str, Any] = dict(draw(st.sampled_from(GOOD)))
    for field in draw(st.lists(FIELDS, max_size=3)):
        if draw(st.booleans()):
            event.pop(field, None)
        else:
            event[field] = draw(JSON)
    return json.dumps(event).encode(errors="surrogatepass")


BYTES = st.none() | st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()) | nearly_good()
RECORDS = st.lists(
    st.tuples(BYTES, st.none() | st.binary(max_size=20) | st.just(TICK_KEY), st.booleans()), min_size=1, max_size=8
)


def stage_of(topic: Topic) -> Stage:
    return next(stage for stage in STAGES if topic.name in stage.topics)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(INPUTS), RECORDS)
def test_any_bytes_on_any_input_topic_have_one_outcome(
    topic: Topic, values: list[tuple[bytes | None, bytes | None, bool]]
) -> None:
    handler = stage_of(topic).open(0, MemoryStore())
    for offset, (value, key, restored) in enumerate(values):
        output = handler.handle([Record(topic.name, 0, offset, NOW_MS, key, value, restored)])
        assert outcomes(output, topic) == 1 or key == TICK_KEY or (restored and not counted(output, "dead_letters"))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(INPUTS), RECORDS)
def test_the_same_records_from_the_same_state_say_the_same(
    topic: Topic, values: list[tuple[bytes | None, bytes | None, bool]]
) -> None:
    records = [
        Record(topic.name, 0, i, NOW_MS, key, value, restored) for i, (value, key, restored) in enumerate(values)
    ]
    first, second = (stage_of(topic).open(0, MemoryStore()).handle(records) for _ in range(2))
    assert first == second


ORDER_BOOK = st.lists(
    st.tuples(
        st.integers(0, 9),  # day
        st.integers(0, 10**7),  # cents
        st.sampled_from(["placed", "returned", "cancelled"]),
        st.sampled_from(["a1", "a2"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(ORDER_BOOK, st.data())
def test_shuffled_repeated_and_interrupted_orders_give_the_same_totals(
    book: list[tuple[int, int, str, str]], data: st.DataObject
) -> None:
    orders = [
        an_order(f"o{i}", f"{cents / 100:.2f}", f"2026-03-{day + 1:02d}T10:00", status=status, account_id=account)
        for i, (day, cents, status, account) in enumerate(book)
    ]
    repeated = data.draw(st.lists(st.sampled_from(orders), max_size=6))
    shuffled = data.draw(st.permutations(orders + repeated))
    cut = data.draw(st.integers(0, len(shuffled)))
    straight, crooked = known(), known()
    straight.feed(ORDERS, *orders)
    crooked.feed(ORDERS, *shuffled[:cut])
    crooked.crash()
    crooked.again(ORDERS, data.draw(st.integers(0, cut)))
    crooked.feed(ORDERS, *shuffled[cut:])
    assert last_words(crooked) == last_words(straight) == by_hand(orders)
    assert {row["event_id"] for row in crooked.facts("orders")} == {order.event_id for order in orders}
    assert crooked.letters() == []


def known() -> Bench:
    bench = Bench(ActivityStage(Settings(), "log"))
    bench.feed(ACCOUNTS, an_account("a1"), an_account("a2"))
    return bench


def last_words(bench: Bench) -> dict[tuple[str, str], tuple[int, int]]:
    return {(day.account_id, day.day.isoformat()): (day.revenue_cents, day.orders) for day in bench.days()}


def by_hand(orders: list[Order]) -> dict[tuple[str, str], tuple[int, int]]:
    sign = {"placed": 1, "returned": -1, "cancelled": 0}
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for order in orders:
        place = order.account_id, order.occurred_at.date().isoformat()
        cents, count = totals.get(place, (0, 0))
        totals[place] = cents + sign[order.status] * int(order.amount * 100), count + (order.status == "placed")
    return totals


def counted(output: Output, name: str) -> int:
    return sum(by for (what, _), by in output.counts.items() if what == name)


def outcomes(output: Output, topic: Topic) -> int:
    """Facts (a name beside its account or rep is part of it), repetitions and dead letters."""
    facts = counted(output, "facts") - output.counts.get(("facts", "names"), 0)
    assert output.counts["messages", topic.name] == 1
    return facts + counted(output, "duplicates") + counted(output, "dead_letters")
