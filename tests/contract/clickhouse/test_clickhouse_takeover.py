"""Two sinks, one partition: one was paused while the other took over. Whatever the moment, every row is there once."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client

from infra.clickhouse import epochs, ledger
from infra.clickhouse.client import Access
from infra.clickhouse.epochs import Look
from infra.clickhouse.inserts import Insert
from infra.clickhouse.ledger import Range
from infra.clickhouse.sink import Sink
from schemas.errors import TakenOverError
from schemas.row_ranges import RowBlock, RowRange, SourceSpan

pytestmark = pytest.mark.io
COLUMNS = ("event_id", "occurred_at", "order_id", "account_id", "amount", "currency", "region_id", "log_id", "topic", "partition", "offset")  # fmt: skip
AT = datetime(2024, 12, 1, tzinfo=UTC).isoformat()
PLACES = ("before the record", "between the record and the look", "before the insert", "after the insert")


class PausedSink(Sink):
    """A sink that stops at a named place of its next write until told to go on."""

    def __init__(self, access: Access, log_id: str, place: str) -> None:
        super().__init__(access, log_id)
        self._place = place
        self.asleep, self.awake = threading.Event(), threading.Event()

    def _begin(self, tasks: Sequence[object]) -> Look:
        self.reached("before the record")
        return super()._begin(tasks)  # type: ignore[arg-type]

    def _insert(self, insert: Insert, look: Look) -> None:
        self.reached("before the insert")
        super()._insert(insert, look)
        self.reached("after the insert")

    def reached(self, place: str) -> None:
        if place == self._place and not self.awake.is_set():
            self.asleep.set()
            assert self.awake.wait(30)


@pytest.fixture
def log_id() -> str:
    return uuid4().hex


def asked(log_id: str, first: int, next_offset: int) -> RowRange:
    """One record an order, as the records of many rows that the activity stage writes."""
    blocks = []
    for offset in range(first, next_offset):
        row = [f"{log_id}-e{offset}", AT, f"o{offset}", "a1", "1.50", "EUR", "north", log_id, "orders", 3, offset]
        span = SourceSpan("orders", 3, offset, offset, 1)
        blocks.append(RowBlock(offset, "orders", json.dumps(row).encode(), ",".join(COLUMNS), span))
    return RowRange("facts", 3, first, next_offset, blocks)


def offsets_written(client: Client, log_id: str) -> list[int]:
    found = client.query(
        "SELECT offset FROM orders WHERE log_id = {l:String} ORDER BY offset", parameters={"l": log_id}
    ).result_rows
    return [offset for (offset,) in found]


def resumed(sink: Sink, log_id: str, committed: int) -> Iterator[int]:
    """Take the partition over, repeat what may be half-written, say how far it is."""
    position = committed
    for again in sink.resume("facts", 3, committed):
        sink.write([asked(log_id, again.first, again.next_offset)])
        position = again.next_offset
    yield position


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("look_again", [True, False], ids=["looks again", "only the token"])
def test_a_sink_paused_anywhere_in_a_write_adds_nothing_after_another_took_over(
    access: Access, client: Client, log_id: str, place: str, look_again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "LOOK_IS_FRESH_SECONDS", 0.0 if look_again else 3600.0)
    old = PausedSink(access, log_id, place)
    steps = 0

    def stepping(act: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any) -> Any:
            nonlocal steps
            if threading.current_thread() is writing:
                steps += 1
                if steps == 2:  # whichever of the two comes second
                    old.reached("between the record and the look")
            return act(*arguments)

        return stepped

    monkeypatch.setattr(epochs.Epochs, "look", stepping(epochs.Epochs.look))
    monkeypatch.setattr(ledger.Ledger, "record", stepping(ledger.Ledger.record))
    old.resume("facts", 3, 0)
    outcome: list[object] = []

    def go_on() -> None:
        try:
            old.write([asked(log_id, 0, 10)])
            old.write([asked(log_id, 10, 14)])
            outcome.append("wrote all")
        except TakenOverError as error:
            outcome.append(error)

    writing = threading.Thread(target=go_on, daemon=True)
    writing.start()
    assert old.asleep.wait(30)
    new = Sink(access, log_id)
    (position,) = resumed(new, log_id, 0)
    new.write([asked(log_id, position, position + 17)])
    old.awake.set()
    writing.join(30)
    assert isinstance(outcome[0], TakenOverError)
    assert outcome[0].places == {("facts", 3)}
    new.write([asked(log_id, position + 17, 30)])
    assert offsets_written(client, log_id) == list(range(30))


def test_what_an_overtaken_sink_put_into_the_ledger_does_not_lead_the_next_one_astray(
    access: Access, client: Client, log_id: str
) -> None:
    old, new = Sink(access, log_id), Sink(access, log_id)
    old.resume("facts", 3, 0)
    old.write([asked(log_id, 0, 10)])
    new.resume("facts", 3, 10)
    new.write([asked(log_id, 10, 14)])
    new.write([asked(log_id, 14, 18)])
    for _ in range(2):  # recorded, then refused; and refused again when asked again
        with pytest.raises(TakenOverError):
            old.write([asked(log_id, 10, 30)])
    third = Sink(access, log_id)
    assert third.resume("facts", 3, 12) == [Range(14, 18)]
    third.write([asked(log_id, 14, 18)])
    third.write([asked(log_id, 18, 20)])
    assert offsets_written(client, log_id) == list(range(20))


def test_a_sink_that_wakes_up_in_the_middle_of_taking_over_is_too_late(
    access: Access, client: Client, log_id: str
) -> None:
    early, late = Sink(access, log_id), Sink(access, log_id)
    early.resume("facts", 3, 0)
    late.resume("facts", 3, 0)
    late.write([asked(log_id, 0, 4)])
    with pytest.raises(TakenOverError):
        early.write([asked(log_id, 0, 3)])
    assert offsets_written(client, log_id) == list(range(4))


def test_only_the_partition_that_was_taken_over_is_named(access: Access, log_id: str) -> None:
    old = Sink(access, log_id)
    for partition in (2, 3):
        old.resume("facts", partition, 0)
    Sink(access, log_id).resume("facts", 3, 0)
    other = RowRange("facts", 2, 0, 1, asked(log_id, 0, 1).blocks)
    with pytest.raises(TakenOverError, match="another sink has taken over facts/3") as raised:
        old.write([other, asked(log_id, 0, 1)])
    assert raised.value.places == {("facts", 3)}
    assert old.write([other]) == 1  # the other one can still be written


def test_what_an_overtaken_sink_recorded_and_did_not_write_does_not_count_beside_what_another_repeated(
    access: Access, client: Client, log_id: str
) -> None:
    """Three are overtaken in turn, each with a range recorded that it never wrote, and no offset is ever committed."""
    first, second, third, fourth = (Sink(access, log_id) for _ in range(4))
    first.resume("facts", 3, 0)
    first.write([asked(log_id, 0, 5)])
    second.resume("facts", 3, 0)
    with pytest.raises(TakenOverError):
        first.write([asked(log_id, 5, 10)])
    second.write([asked(log_id, 0, 5)])
    list(resumed(third, log_id, 0))
    with pytest.raises(TakenOverError):
        second.write([asked(log_id, 5, 8)])
    (position,) = resumed(fourth, log_id, 0)
    if position < 10:
        fourth.write([asked(log_id, position, 10)])
    assert offsets_written(client, log_id) == list(range(10))


@pytest.mark.parametrize("seed", range(2))
def test_sinks_that_take_the_partition_from_each_other_at_any_moment_write_every_row_once(
    access: Access, client: Client, log_id: str, seed: int
) -> None:
    """Three sinks in threads. Each takes over when it likes, and goes on writing until it notices it was overtaken."""
    end = 300
    guard = threading.Lock()
    owner = committed = takeovers = 0
    failures: list[BaseException] = []

    class Slow(Sink):
        """Pauses at random in front of each step, now and then for long."""

        def __init__(self, chance: random.Random) -> None:
            super().__init__(access, log_id)
            self.chance = chance

        def _begin(self, tasks: Sequence[object]) -> Look:
            self.pause()
            look = super()._begin(tasks)  # type: ignore[arg-type]
            self.pause()
            return look

        def _insert(self, insert: Insert, look: Look) -> None:
            self.pause()
            super()._insert(insert, look)
            self.pause()

        def pause(self) -> None:
            time.sleep(self.chance.choice([0, 0, 0.005, 0.02, 0.1]))

    def life(number: int) -> None:
        nonlocal owner, committed, takeovers
        chance = random.Random(f"{seed}-{number}")
        try:
            while committed < end and takeovers < 20:  # in the end someone is left in peace
                time.sleep(chance.choice([0.1, 0.3, 0.6, 1.0]))
                sink = Slow(chance)
                with guard:  # the group gives the partition to me
                    takeovers += 1
                    owner = me = takeovers
                    start = committed
                try:
                    (position,) = resumed(sink, log_id, start)
                    while position < end:
                        next_offset = min(end, position + chance.randint(1, 25))
                        sink.write([asked(log_id, position, next_offset)])
                        position = next_offset
                        with guard:  # the group takes offsets from its member alone; a commit may come late
                            if owner == me and chance.random() < 0.7:
                                committed = position
                except TakenOverError:
                    pass
                finally:
                    sink.close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=life, args=(number,), daemon=True) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []
    assert committed > 0
    assert takeovers > 3
    assert offsets_written(client, log_id) == list(range(end))
