"""Laws of the compiled reader of orders: it takes what a program writes, nothing that the authority refuses, and reads it the same."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh64_intdigest

from schemas.events import Order
from streams.handlers.activity.dated import ORDER, OrderRead, cents_of
from streams.handlers.activity.heard import Dated, StructSource
from streams.handlers.activity.order_columns import OrderColumns
from streams.handlers.activity.sightings import hashes
from streams.handlers.activity.times import ms_of, read_times
from streams.hash_kernel import hash_texts, number_texts
from streams.texts import Texts
from tests.laws.test_dated_laws import messages
from tests.support.events import an_order

IDS = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), min_size=1, max_size=64)
AMOUNTS = (
    st.decimals(0, 10**11, places=2).map(str) | st.integers(0, 10**11) | st.decimals(0, 10**6, places=1).map(float)
)
TIMES = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1990 <= at.year <= 2030)


@st.composite
def plain_orders(draw: st.DrawFn) -> OrderRead:
    at = draw(TIMES).isoformat(timespec=draw(st.sampled_from(["seconds", "milliseconds", "microseconds"])))
    status = draw(st.sampled_from(["placed", "returned", "cancelled"]))
    return OrderRead(
        event_id=draw(IDS),
        occurred_at=at.replace("+00:00", "Z"),
        account_id=draw(st.sampled_from(["a", "b", "a long name of an account"])),
        order_id=draw(IDS),
        amount=draw(AMOUNTS),
        currency="EUR",
        status=status,
    )


def as_sent(order: OrderRead, draw: Any) -> bytes:
    """As some program writes it: fields in any order, with or without spaces, what goes without saying left out."""
    fields = {name: getattr(order, name) for name in order.__struct_fields__}
    if order.status == "placed" and draw(st.booleans()):
        del fields["status"]
    if draw(st.booleans()):
        del fields["schema_version"]
    names = draw(st.permutations(sorted(fields)))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    return json.dumps({name: fields[name] for name in names}, separators=separators).encode()


@settings(deadline=None)
@given(st.lists(plain_orders(), min_size=1, max_size=5), st.data())
def test_what_programs_write_is_read_in_columns_as_it_is_read_in_structs(orders: list[OrderRead], data: Any) -> None:
    columns = OrderColumns.read(
        Texts.of([as_sent(order, data.draw) for order in orders]), np.arange(len(orders)), "EUR"
    )
    assert columns is not None
    at = np.arange(len(orders))
    structs = StructSource(ORDER, orders, read_times([order.occurred_at for order in orders]))
    fast, slow = Dated.of(columns, at), Dated.of(structs, at)
    for name in ("times", "codes", "ids", "contents", "cents", "orders"):
        assert getattr(fast, name).tolist() == getattr(slow, name).tolist(), name
    assert list(fast.accounts) == list(slow.accounts)
    middles = [f'"region {code}","log","orders",0' for code in range(len(fast.accounts))]
    some = np.array(data.draw(st.lists(st.sampled_from(range(len(orders))), unique=True).map(sorted)), dtype=np.int64)
    assert fast.rows(some, fast.codes[some], middles, some * 7) == slow.rows(some, slow.codes[some], middles, some * 7)


@settings(max_examples=600, deadline=None)
@given(messages())
def test_what_is_read_in_columns_the_authority_takes_too_and_reads_the_same(message: tuple[str, bytes]) -> None:
    topic, value = message
    columns = OrderColumns.read(Texts.of([value]), np.arange(1), "EUR") if topic == ORDER.topic.name else None
    if columns is not None:
        trusted = Order.model_validate_json(value)
        assert (columns.event_id(0), columns.currency(0)) == (trusted.event_id, trusted.currency)
        assert list(columns.accounts()[0]) == [trusted.account_id.encode()]
        assert columns.text_hashes().tolist() == hashes([trusted.order_id]).tolist()
        assert columns.times.tolist() == [ms_of(trusted.occurred_at)]
        assert columns.amounts.tolist() == [cents_of(format(trusted.amount, "f"))]
        assert columns.details().tolist() == [
            columns.amounts[0] * 4 + ["placed", "returned", "cancelled"].index(trusted.status)
        ]


@given(st.data())
def test_a_message_with_any_byte_changed_is_read_within_its_bytes(data: Any) -> None:
    value = bytearray(an_order().model_dump_json().encode())
    for _ in range(data.draw(st.integers(1, 3))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    value = value[: data.draw(st.integers(0, len(value)))] if data.draw(st.booleans()) else value
    columns = OrderColumns.read(Texts.of([bytes(value)]), np.arange(1), "")
    if columns is not None:
        Order.model_validate_json(bytes(value))


@given(st.lists(st.binary(max_size=140), max_size=12))
def test_hashes_are_those_of_the_library(some: list[bytes]) -> None:
    texts = Texts.of(some)
    found = np.empty(len(some), dtype=np.uint64)
    hash_texts(texts.payload, texts.starts, texts.ends, found)
    assert found.tolist() == [xxh64_intdigest(text) for text in some]


@given(st.lists(st.sampled_from(["a", "b", "ab", "abc", "b "]), min_size=1, max_size=12), st.booleans())
def test_texts_are_numbered_in_their_order_even_where_hashes_are_equal(some: list[str], same_hash: bool) -> None:
    texts = Texts.of([text.encode() for text in some])
    codes, firsts = np.empty((2, len(some)), dtype=np.int64)
    found = np.zeros(len(some), dtype=np.uint64) if same_hash else hashes(some)
    known = number_texts(texts.payload, texts.starts, texts.ends, found, np.full(32, -1, dtype=np.int64), codes, firsts)
    different = list(dict.fromkeys(some))
    assert codes.tolist() == [different.index(text) for text in some]
    assert firsts[:known].tolist() == [some.index(text) for text in different]
