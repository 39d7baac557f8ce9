"""Too many refused messages of one feed stop the worker, however good the others are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from schemas.errors import TerradriftError
from schemas.settings import Company, Feed, Settings
from schemas.topics import DEAD_LETTERS, OPPORTUNITIES, ORDERS, TICK_KEY, TICKED, VISIT_REPORTS
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.intake import IntakeStage
from streams.ports import Emit, MemoryStore, Output, Record, SolveRequest
from streams.transport.dead_letter_limit import WINDOW_HEADER, DeadLetterLimit
from streams.transport.stages import StageDelivery
from tests.support.bench import NOW_MS
from tests.support.events import a_tick, a_visit

FEED = Feed(max_dead_letter_share=0.5, dead_letter_window=10)
BAD = b'{"amount": "much"}'


def a_limit() -> DeadLetterLimit:
    return DeadLetterLimit(FEED)


def test_a_few_bad_messages_stop_nothing() -> None:
    limit = a_limit()
    for _ in range(100):
        limit.note("orders", 10, 5)


def test_a_feed_that_is_mostly_refused_stops_the_worker_with_a_reason() -> None:
    limit = a_limit()
    limit.note("orders", 10, 5)
    with pytest.raises(TerradriftError, match="max_dead_letter_share"):
        limit.note("orders", 10, 6)


def test_the_first_messages_decide_once_no_rest_of_the_window_could_outweigh_them() -> None:
    a_limit().note("orders", 5, 5)
    with pytest.raises(TerradriftError, match="6 of the last 6 messages were refused"):
        a_limit().note("orders", 6, 6)


def test_a_feed_that_is_all_bad_is_not_hidden_by_one_that_is_as_busy_and_all_good() -> None:
    limit = a_limit()
    limit.note("visit-reports", 5, 0)
    limit.note("orders", 5, 5)
    limit.note("visit-reports", 50, 0)
    with pytest.raises(TerradriftError, match=r"^orders: 6 of the last 6 messages were refused"):
        limit.note("orders", 1, 1)


def test_an_old_flood_is_forgotten() -> None:
    limit = a_limit()
    limit.note("orders", 4, 4)
    for _ in range(5):
        limit.note("orders", 10, 0)
    limit.note("orders", 10, 5)


def test_a_restart_goes_on_from_every_window_its_last_letter_tells() -> None:
    before = a_limit()
    before.note("orders", 8, 5)
    before.note("accounts", 3, 0)
    before.note("visit-reports", 2, 1)
    name, stamp = before.stamp()
    assert (name, stamp) == (WINDOW_HEADER, b"orders=8/5,visit-reports=2/1")
    after = a_limit()
    after.recall(stamp)
    after.note("visit-reports", 4, 4)
    after.note("orders", 1, 0)
    with pytest.raises(TerradriftError, match="orders: 6 of the last 10 messages were refused"):
        after.note("orders", 1, 1)


def test_good_messages_after_a_restart_wear_the_remembered_window_away() -> None:
    limit = a_limit()
    limit.recall(b"orders=10/5")
    for _ in range(5):
        limit.note("orders", 2, 0)
    limit.note("orders", 5, 5)


@pytest.mark.parametrize(
    "stamp",
    [
        b"",
        b"10/5",  # of a version with one window for all topics
        b"orders",
        b"orders=10",
        b"orders=5/10",
        b"orders=a/b",
        b"orders=-3/-4",
        b"orders=10/",
        b"orders=" + b"9" * 5_000 + b"/1",
        b"nothing-we-read=10/5",
        b"\xff\xfe=10/5",
    ],
)
def test_a_stamp_that_says_nothing_is_passed_over(stamp: bytes) -> None:
    limit = a_limit()
    limit.recall(stamp)
    assert limit.stamp() == (WINDOW_HEADER, b"")
    limit.note("orders", 5, 5)


def test_what_is_readable_of_a_stamp_counts() -> None:
    limit = a_limit()
    limit.recall(b"orders=x/1,visit-reports=10/5")
    assert limit.stamp() == (WINDOW_HEADER, b"visit-reports=10/5")


class Engine:
    """The real delivery and stages; what would be written is kept in `written`."""

    def __init__(self) -> None:
        settings = Settings(feed=FEED, company=Company(unknown_accounts="create"))
        self.written: list[Emit] = []
        self._offsets = dict.fromkeys((ORDERS.name, VISIT_REPORTS.name, OPPORTUNITIES.name), 0)
        stages = (ActivityStage(settings, "log"), IntakeStage(settings, "log"))
        self._delivery = StageDelivery(stages, self, self._store, self._solve, self, DeadLetterLimit(FEED))  # type: ignore[arg-type]

    async def open(self) -> None:
        for topic in self._offsets:
            await self._delivery.open(topic, 0, 0)

    async def give(self, **messages: Sequence[tuple[bytes, bytes]]) -> None:
        """One fetch: key and value of records of each topic (its name with _ for -)."""
        batches = {
            (topic.replace("_", "-"), 0): self._records(topic.replace("_", "-"), said)
            for topic, said in messages.items()
        }
        written = await self._delivery.deliver(batches)
        assert written is not None
        await written

    def _records(self, topic: str, said: Sequence[tuple[bytes, bytes]]) -> list[Record]:
        first = self._offsets[topic]
        self._offsets[topic] += len(said)
        return [Record(topic, 0, first + at, NOW_MS, key, value) for at, (key, value) in enumerate(said)]

    async def _store(self, _topic: str, _partition: int) -> MemoryStore:
        return MemoryStore()

    def _solve(self, request: SolveRequest) -> None:
        raise AssertionError(request)

    async def send(self, emits: Sequence[Emit]) -> list[asyncio.Future[Any]]:
        self.written += emits
        return []

    async def send_state(
        self, topic: str, partition: int, state: Mapping[bytes, bytes | None]
    ) -> list[asyncio.Future[Any]]:
        return []

    def batch(self, stage: str, records: int, seconds: float, output: Output) -> None: ...

    def positions(self, offsets: Mapping[tuple[str, int], int]) -> None: ...


def bad(count: int) -> list[tuple[bytes, bytes]]:
    return [(b"a1", BAD)] * count


def visits(first: int, count: int) -> list[tuple[bytes, bytes]]:
    return [(b"a1", a_visit(f"v{number}").model_dump_json().encode()) for number in range(first, first + count)]


def ticks(count: int) -> list[tuple[bytes, bytes]]:
    return [(TICK_KEY, a_tick("2026-03-02").model_dump_json().encode())] * count


def test_the_worker_stops_at_bad_orders_beside_good_visits_and_names_the_orders() -> None:
    async def run() -> Engine:
        engine = Engine()
        await engine.open()
        for turn in range(5):
            await engine.give(orders=bad(1), visit_reports=visits(turn * 10, 10))
        with pytest.raises(TerradriftError, match=r"^orders: 6 of the last 6 messages were refused"):
            await engine.give(orders=bad(1), visit_reports=visits(50, 10))
        return engine

    engine = asyncio.run(run())
    letters = [emit for emit in engine.written if emit.topic == DEAD_LETTERS.name]
    assert [dict(letter.more_headers)[WINDOW_HEADER] for letter in letters] == [
        b"orders=%d/%d" % (n, n) for n in range(1, 6)
    ]


@pytest.mark.parametrize("topic", sorted(TICKED))
def test_our_own_ticks_do_not_make_a_quiet_feed_look_better(topic: str) -> None:
    async def run() -> None:
        engine = Engine()
        await engine.open()
        for _ in range(5):
            await engine.give(**{topic.replace("-", "_"): [*ticks(3), *bad(1)]})
        with pytest.raises(TerradriftError, match=rf"^{topic}: 6 of the last 6 messages were refused"):
            await engine.give(**{topic.replace("-", "_"): bad(1)})

    asyncio.run(run())


def test_a_tick_that_is_refused_is_a_refused_message() -> None:
    async def run() -> None:
        engine = Engine()
        await engine.open()
        with pytest.raises(TerradriftError, match=r"^orders: 6 of the last 6 messages were refused"):
            await engine.give(orders=[(TICK_KEY, BAD)] * 6)

    asyncio.run(run())
