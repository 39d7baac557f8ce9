"""Sorting by time with bounded memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from infra.feeds.record import FeedRecord
from infra.importers.sorting import TimeSorter

START = datetime(2024, 1, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 7))
def test_runs_on_disk_sort_exactly_as_memory_does(days: list[int], run_records: int) -> None:
    records = [
        FeedRecord("orders", b"k", str(n).encode(), START + timedelta(days=day), (("h", b"1"),), "f:1")
        for n, day in enumerate(days)
    ]
    sorter = TimeSorter(run_records)
    for record in records:
        sorter.add(record)
    expected = sorted(records, key=lambda record: record.at)
    assert list(sorter) == expected
    assert list(sorter) == expected  # walked again
    assert (sorter.first, sorter.last) == ((expected[0].at, expected[-1].at) if expected else (None, None))
