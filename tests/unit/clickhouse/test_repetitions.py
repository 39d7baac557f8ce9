"""Facts that Kafka holds twice are left out; everything else passes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from infra.clickhouse.repetitions import without_repetitions


def fact(offset: int, partition: int = 0, topic: str = "orders") -> bytes:
    return json.dumps(
        {"event_id": f"e{offset}", "partition": partition, "nested": {"offset": -1}, "offset": offset, "topic": topic}
    ).encode()


def test_a_fact_at_or_below_its_mark_is_left_out() -> None:
    kept, marks = without_repetitions({"orders": [fact(4), fact(5), fact(6)]}, {"orders/orders/0": 6})
    assert kept == {"orders": [fact(6)]}
    assert marks == {"orders/orders/0": 7}


def test_marks_of_tables_topics_and_partitions_are_apart() -> None:
    rows = {
        "accounts": [fact(1, topic="accounts"), fact(1, 1, "accounts")],
        "names": [fact(1, topic="accounts"), fact(1, topic="reps")],
    }
    kept, _ = without_repetitions(rows, {})
    assert kept == rows


@given(st.lists(st.integers(1, 4), max_size=5), st.data())
def test_however_often_a_run_of_facts_is_repeated_each_is_kept_once(steps: list[int], data: st.DataObject) -> None:
    """Facts 0..n, and after some of them the last few again, cut into batches anywhere."""
    log: list[int] = []
    newest = 0
    for step in steps:
        log += range(newest, newest + step)
        newest += step
        log += range(newest - data.draw(st.integers(0, newest)), newest)
    cut = data.draw(st.integers(0, len(log)))
    first, marks = without_repetitions({"orders": [fact(offset) for offset in log[:cut]]}, {})
    second, _ = without_repetitions({"orders": [fact(offset) for offset in log[cut:]]}, marks)
    assert first["orders"] + second["orders"] == [fact(offset) for offset in range(newest)]
