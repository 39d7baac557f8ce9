"""Ranges for the sink: exact offsets, and a range begun before a crash repeated as it was."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schemas.errors import TerradriftError
from streams.handlers.sink import RangeCutter, SinkRecord


def records(first: int, next_offset: int, table: str = "") -> list[SinkRecord]:
    return [SinkRecord(offset, table, b"%d" % offset) for offset in range(first, next_offset)]


def cuts(cutter: RangeCutter, *batches: Sequence[SinkRecord]) -> list[tuple[int, int]]:
    return [(part.first, part.next_offset) for batch in batches for part in cutter.cut(batch)]


def test_a_batch_is_cut_into_ranges_of_the_most() -> None:
    assert cuts(RangeCutter("alerts", most=4), records(10, 20)) == [(10, 14), (14, 18), (18, 20)]


def test_rows_go_to_the_only_table_of_their_topic() -> None:
    (part,) = RangeCutter("alerts").cut(records(0, 2))
    assert part.rows == {"alerts": [b"0", b"1"]}


def test_rows_of_the_facts_topic_go_to_the_table_of_their_header() -> None:
    mixed = [*records(0, 1, "orders"), *records(1, 2, "visits"), *records(2, 3, "orders")]
    (part,) = RangeCutter("facts").cut(mixed)
    assert part.rows == {"orders": [b"0", b"2"], "visits": [b"1"]}


def test_a_table_of_another_topic_stops_the_sink_and_is_named() -> None:
    with pytest.raises(TerradriftError, match=r"alerts at offset 5.*'orders'"):
        list(RangeCutter("alerts").cut(records(5, 6, "orders")))


@pytest.mark.parametrize("split", [1, 3, 6, 9])
def test_a_half_written_range_is_repeated_exactly_however_it_arrives(split: int) -> None:
    arriving = records(10, 24)
    cutter = RangeCutter("alerts", repeat=(10, 16), most=4)
    parts = [part for batch in (arriving[:split], arriving[split:]) for part in cutter.cut(batch)]
    assert (parts[0].first, parts[0].next_offset) == (10, 16)
    assert [value for part in parts for value in part.rows["alerts"]] == [b"%d" % offset for offset in range(10, 24)]


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
