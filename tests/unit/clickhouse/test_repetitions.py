"""Facts that Kafka holds twice are left out; everything else passes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from infra.clickhouse.repetitions import without_repetitions
from schemas.row_ranges import RowBlock, SourceSpan


def fact(offset: int, partition: int = 0, topic: str = "orders", table: str = "orders") -> RowBlock:
    """A record of one row, as the JSON object that it is."""
    row = {"event_id": f"e{offset}", "partition": partition, "nested": {"offset": -1}, "offset": offset, "topic": topic}
    return RowBlock(1000 + offset, table, json.dumps(row).encode())


def facts(offsets: Sequence[int], partition: int = 0, columns: str = "event_id,offset,skills") -> RowBlock:
    """A record of many rows, whose strings hold commas and brackets."""
    cells = {"event_id": 'e"],[7,', "skills": ["a", "9"], "topic": "orders"}
    lines = [json.dumps([{**cells, "offset": offset}[column] for column in columns.split(",")]) for offset in offsets]
    span = SourceSpan("orders", partition, offsets[0], offsets[-1], len(offsets))
    return RowBlock(2000, "orders", "\n".join(lines).encode(), columns, span)


def offsets_in(blocks: Sequence[RowBlock]) -> list[int]:
    found = []
    for block in blocks:
        for line in block.value.split(b"\n"):
            row = json.loads(line)
            found.append(row["offset"] if not block.columns else row[block.columns.split(",").index("offset")])
    return found


def test_a_fact_at_or_below_its_mark_is_left_out() -> None:
    kept, marks = without_repetitions([fact(4), fact(5), fact(6)], {"orders/orders/0": 6})
    assert kept == [fact(6)]
    assert marks == {"orders/orders/0": 7}


def test_marks_of_tables_topics_and_partitions_are_apart() -> None:
    blocks = [
        fact(1, topic="accounts", table="accounts"),
        fact(1, 1, topic="accounts", table="accounts"),
        fact(1, topic="accounts", table="names"),
        fact(1, topic="reps", table="names"),
    ]
    kept, _ = without_repetitions(blocks, {})
    assert kept == blocks


def test_a_record_above_its_mark_passes_unread_and_one_below_goes_unread() -> None:
    unreadable = RowBlock(0, "orders", b"not JSON at all", "offset", SourceSpan("orders", 3, 100, 180, 50))
    for mark, kept_rows in ((100, [unreadable]), (181, [])):
        kept, marks = without_repetitions([unreadable], {"orders/orders/3": mark})
        assert kept == kept_rows
        assert marks == {"orders/orders/3": 181}


def test_a_record_with_the_mark_in_its_midst_loses_its_first_lines_and_counts_the_rest() -> None:
    (kept,), marks = without_repetitions([facts([3, 5, 8, 9])], {"orders/orders/0": 6})
    assert offsets_in([kept]) == [8, 9]
    assert (kept.offset, kept.rows, kept.columns) == (2000, 2, "event_id,offset,skills")
    assert marks == {"orders/orders/0": 10}


def test_the_place_of_the_offset_among_the_columns_does_not_matter() -> None:
    for columns in ("offset,event_id,skills", "skills,event_id,offset"):
        (kept,), _ = without_repetitions([facts([3, 5, 8], columns=columns)], {"orders/orders/0": 4})
        assert offsets_in([kept]) == [5, 8]


@given(st.lists(st.integers(1, 6), max_size=6), st.data())
def test_however_facts_are_repeated_recorded_and_cut_each_is_kept_once(steps: list[int], data: st.DataObject) -> None:
    """Facts 0..n, some offsets refused, and after some runs the last few again; in records of any size, of one row or
    many, of two partitions; in ranges cut anywhere; and after each range a crash may bring it once more."""
    runs: list[list[int]] = []
    newest = 0
    for step in steps:
        runs.append(list(range(newest, newest + step)))
        newest += step
        runs.append(list(range(newest - data.draw(st.integers(0, newest)), newest)))
    refused = data.draw(st.sets(st.integers(0, max(newest - 1, 0))))
    log: list[RowBlock] = []
    for run in runs:
        left = [offset for offset in run if offset not in refused]
        while left:
            size = data.draw(st.integers(1, len(left)))
            part, left = left[:size], left[size:]
            for partition in (0, 1):
                log += [fact(n, partition) for n in part] if data.draw(st.booleans()) else [facts(part, partition)]
    marks: dict[str, int] = {}
    kept: list[RowBlock] = []
    while log:
        size = data.draw(st.integers(1, len(log)))
        new, after = without_repetitions(log[:size], marks)
        again, _ = without_repetitions(log[:size], marks)
        assert again == new  # a range that is repeated comes to the same rows
        assert sum(block.rows for block in new) == len(offsets_in(new))
        kept, marks, log = kept + new, dict(after), log[size:]
    for partition in (0, 1):
        mine = [b for b in kept if (b.source.partition if b.source else json.loads(b.value)["partition"]) == partition]
        assert offsets_in(mine) == [offset for offset in range(newest) if offset not in refused]
