"""Ranges for the sink: exact offsets, and a range begun before a crash repeated as it was."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import TerradriftError
from schemas.row_ranges import RowBlock, SourceSpan
from streams.handlers.sink import RangeCutter, as_block

MANY = (("table", b"orders"), ("columns", b"event_id,offset"), ("source", b"orders/3/1200/1450/251"))


def records(first: int, next_offset: int, rows: int = 1) -> list[RowBlock]:
    span = SourceSpan("orders", 0, 0, rows - 1, rows) if rows > 1 else None
    return [RowBlock(offset, "alerts", b"%d" % offset, source=span) for offset in range(first, next_offset)]


def cuts(cutter: RangeCutter, *batches: Sequence[RowBlock]) -> list[tuple[int, int]]:
    return [(part.first, part.next_offset) for batch in batches for part in cutter.cut(batch)]


def test_a_batch_is_cut_into_ranges_of_the_most_rows() -> None:
    assert cuts(RangeCutter("alerts", most_rows=4), records(10, 20)) == [(10, 14), (14, 18), (18, 20)]


def test_the_rows_within_a_record_count() -> None:
    assert cuts(RangeCutter("alerts", most_rows=1000), records(0, 5, rows=400)) == [(0, 2), (2, 4), (4, 5)]


def test_the_bytes_count_too() -> None:
    assert cuts(RangeCutter("alerts", most_bytes=4), records(10, 15)) == [(10, 12), (12, 14), (14, 15)]


def test_a_record_larger_than_the_most_is_a_range_of_its_own() -> None:
    mixed = [*records(0, 1), *records(1, 2, rows=5000), *records(2, 3)]
    assert cuts(RangeCutter("alerts", most_rows=1000), mixed) == [(0, 1), (1, 2), (2, 3)]


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 20))
def test_every_record_is_in_one_range_and_no_range_of_several_is_too_large(sizes: list[int], most: int) -> None:
    blocks = [block for offset, size in enumerate(sizes) for block in records(offset, offset + 1, size)]
    parts = list(RangeCutter("alerts", most_rows=most).cut(blocks))
    assert [block for part in parts for block in part.blocks] == blocks
    assert all(len(part.blocks) == 1 or sum(block.rows for block in part.blocks) <= most for part in parts)
    assert [part.first for part in parts[1:]] == [part.next_offset for part in parts[:-1]]


def test_a_record_without_headers_is_one_row_of_the_only_table_of_its_topic() -> None:
    assert as_block("alerts", 5, (), b"{}") == RowBlock(5, "alerts", b"{}")


def test_a_fact_goes_to_the_table_of_its_header() -> None:
    assert as_block("facts", 5, (("table", b"visits"),), b"{}") == RowBlock(5, "visits", b"{}")


def test_a_record_of_many_rows_says_its_columns_and_where_they_come_from() -> None:
    block = as_block("facts", 7, MANY, b"[]")
    assert block == RowBlock(7, "orders", b"[]", "event_id,offset", SourceSpan("orders", 3, 1200, 1450, 251))
    assert block.rows == 251
    assert block.source is not None
    assert block.source.header() == MANY[2][1]


def test_a_table_of_another_topic_stops_the_sink_and_is_named() -> None:
    with pytest.raises(TerradriftError, match=r"alerts at offset 5.*'orders'"):
        as_block("alerts", 5, (("table", b"orders"),), b"{}")


@pytest.mark.parametrize(
    "source", [b"orders/3/1200/1450", b"orders/3/9/8/1", b"orders/3/0/8/10", b"orders/3/0/8/0", b"orders/x/0/8/1", b""]
)
def test_a_source_that_cannot_be_stops_the_sink_and_is_named(source: bytes) -> None:
    with pytest.raises(TerradriftError, match="facts at offset 5: source header"):
        as_block("facts", 5, (*MANY[:2], ("source", source)), b"[]")


@pytest.mark.parametrize("headers", [MANY[:2], (MANY[0], MANY[2])])
def test_columns_without_a_source_or_the_other_way_round_stop_the_sink(headers: Sequence[tuple[str, bytes]]) -> None:
    with pytest.raises(TerradriftError, match="facts at offset 5: a record of many rows lacks the header"):
        as_block("facts", 5, headers, b"[]")


@pytest.mark.parametrize("split", [1, 3, 6, 9])
def test_a_half_written_range_is_repeated_exactly_however_it_arrives(split: int) -> None:
    arriving = records(10, 24)
    cutter = RangeCutter("alerts", repeat=(10, 16), most_rows=4)
    parts = [part for batch in (arriving[:split], arriving[split:]) for part in cutter.cut(batch)]
    assert (parts[0].first, parts[0].next_offset) == (10, 16)
    assert [block for part in parts for block in part.blocks] == arriving


def test_a_half_written_range_is_repeated_exactly_even_if_it_was_larger_than_a_range_is_now() -> None:
    assert cuts(RangeCutter("alerts", repeat=(0, 9), most_rows=4), records(0, 11)) == [(0, 9), (9, 11)]


def test_an_unfinished_repetition_is_held() -> None:
    cutter = RangeCutter("alerts", repeat=(0, 6))
    assert cuts(cutter, records(0, 3)) == []
    assert cuts(cutter, records(3, 6)) == [(0, 6)]


def test_a_repetition_whose_last_offsets_hold_no_record_ends_with_the_next_one() -> None:
    cutter = RangeCutter("alerts", repeat=(0, 6))
    assert cuts(cutter, records(0, 4)) == []
    assert cuts(cutter, records(7, 8)) == [(0, 6), (7, 8)]


def test_nothing_in_nothing_out() -> None:
    assert cuts(RangeCutter("alerts"), []) == []
