"""What the watchdog can see: also a fetch that died, a rebalance that hangs, a reading of state that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from faust.types import TP

from schemas.errors import SettingsError, TerradriftError, UnavailableError
from streams import worker
from streams.agents import standings_of
from streams.ports import MemoryStore
from streams.transport import changelog
from streams.transport.in_hand import InHand
from streams.transport.log_ends import LogEnds
from streams.transport.progress import ENDS, IN_HAND, OPENING, REBALANCE, Place, ProgressWatch, Standing
from streams.transport.rebalancing import REBALANCE_SECONDS, Rebalancing
from tests.unit.streams.test_batch_consumer import ONE, OTHER, Kafka
from tests.unit.streams.test_watches import Clock, Dog


class Broker:
    """Answers where the logs end."""

    def __init__(self, **ends: int) -> None:
        self.ends = {TP(topic, 0): end for topic, end in ends.items()}
        self.asked: list[Sequence[TP]] = []
        self.fault: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, partitions: Sequence[TP]) -> Mapping[TP, int]:
        self.asked.append(partitions)
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return {tp: self.ends[tp] for tp in partitions}


def fetched(position: int, highwater: int | None, passed: int = 0) -> Any:
    """A consumer that is at `position` of its one partition; its fetches have told it where the log ends."""
    return SimpleNamespace(
        positions=lambda: {TP("orders", 0): position},
        passed=lambda _: max(position, passed),
        highwater=lambda _: highwater,
    )


@pytest.mark.parametrize(("own", "told", "lag"), [(5, 9, 4), (9, 7, 4), (None, 8, 3), (None, 0, 0), (5, 4, 0)])
def test_messages_that_no_fetch_has_told_of_wait_by_the_brokers_word(own: int | None, told: int, lag: int) -> None:
    async def run() -> dict[Place, Standing]:
        ends = LogEnds(Broker(orders=told))
        await ends.refresh([TP("orders", 0)])
        return standings_of(fetched(5, own), ends)

    assert asyncio.run(run()) == {("orders", 0): Standing(5, lag)}


def test_the_mark_that_ends_a_transaction_does_not_wait_to_be_handled() -> None:
    ends = LogEnds(Broker())
    assert standings_of(fetched(5, highwater=6, passed=6), ends) == {("orders", 0): Standing(5, 0)}
    assert standings_of(fetched(5, highwater=7, passed=6), ends) == {("orders", 0): Standing(5, 1)}


def test_a_fetch_that_died_while_caught_up_ends_the_process_once_messages_have_come() -> None:
    async def run() -> Dog:
        broker, dog = Broker(orders=5), Dog()
        ends = LogEnds(broker)
        for minute in range(10):
            if minute == 2:
                broker.ends[TP("orders", 0)] = 8
            await ends.refresh([TP("orders", 0)])
            dog.report_for(60, standings_of(fetched(5, highwater=5), ends))
        return dog

    dog = asyncio.run(run())
    assert "orders/0 stands at offset 5 and 3 messages wait there" in dog.ended[0]


def test_a_broker_that_is_away_leaves_what_is_known_and_is_an_answer_all_the_same() -> None:
    async def run() -> None:
        broker = Broker(orders=8)
        ends = LogEnds(broker)
        await ends.refresh([TP("orders", 0)])
        broker.fault = KafkaConnectionError("away")
        await ends.refresh([TP("orders", 0)])
        assert ends.end(TP("orders", 0)) == 8
        assert ends.standing() == Standing(2, 0)

    asyncio.run(run())


def test_a_consumer_that_never_answers_stands_still() -> None:
    async def run() -> Standing:
        broker = Broker(orders=8)
        broker.gate.clear()
        ends = LogEnds(broker)
        asking = asyncio.get_running_loop().create_task(ends.refresh([TP("orders", 0)]))
        await asyncio.sleep(0)
        try:
            return ends.standing()
        finally:
            asking.cancel()

    standing = asyncio.run(run())
    assert standing == Standing(0, 1)
    dog = Dog()
    dog.report_for(310, {ENDS: standing})
    assert "its consumer was asked where the logs end and does not answer" in dog.ended[0]


def test_nothing_is_asked_where_nothing_is_open() -> None:
    async def run() -> Broker:
        broker = Broker()
        await LogEnds(broker).refresh([])
        return broker

    assert asyncio.run(run()).asked == []


def test_a_rebalance_stands_once_it_takes_longer_than_any_should_and_every_step_moves_it() -> None:
    clock = Clock()
    rebalancing = Rebalancing(clock)
    clock.now = REBALANCE_SECONDS - 1
    assert rebalancing.standing().lag == 0
    clock.now = REBALANCE_SECONDS
    assert rebalancing.standing() == Standing(0, 1)
    rebalancing.step()
    assert rebalancing.standing() == Standing(1, 1)
    rebalancing.end()
    assert rebalancing.standing().lag == 0
    clock.now += 1_000
    rebalancing.begin()
    clock.now += 100
    rebalancing.begin()  # the next one before this one has come to its end
    assert rebalancing.standing().lag == 0
    clock.now += 100
    assert rebalancing.standing() == Standing(3, 1)


def test_a_hung_rebalance_ends_the_process_though_it_has_no_position() -> None:
    dog = Dog()
    dog.report_for(310, {REBALANCE: Standing(3, 1)})
    assert "a rebalance does not come to its end" in dog.ended[0]


def test_what_holds_a_rebalance_up_is_named_rather_than_the_rebalance() -> None:
    watch = ProgressWatch()
    standings = {REBALANCE: Standing(1, 1), OPENING: Standing(4, 1)}
    watch.look(0, standings)
    assert watch.look(30, standings).where == "a partition is being opened and does not get ready"


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebalance counts as soon as it is under way."""
    monkeypatch.setattr("streams.transport.rebalancing.REBALANCE_SECONDS", 0.0)


@pytest.mark.usefixtures("instant")
def test_a_consumer_is_in_a_rebalance_until_all_that_it_got_is_open() -> None:
    async def run() -> list[int]:
        kafka = Kafka(ONE)
        lags = [kafka.consumer.rebalance().lag]
        await kafka.consumer.take({})
        lags.append(kafka.consumer.rebalance().lag)
        await kafka.consumer.on_partitions_revoked({ONE})
        lags.append(kafka.consumer.rebalance().lag)
        kafka.assigned = {ONE, OTHER}
        kafka.app.consumer_generation_id += 1
        await kafka.consumer.on_partitions_assigned({ONE, OTHER}, 2)
        lags.append(kafka.consumer.rebalance().lag)
        await kafka.consumer.take({})
        return [*lags, kafka.consumer.rebalance().lag]

    assert asyncio.run(run()) == [1, 0, 1, 1, 0]


@pytest.mark.usefixtures("instant")
def test_a_process_that_gets_no_partition_is_not_in_a_rebalance_for_ever() -> None:
    async def run() -> int:
        kafka = Kafka(ONE)
        await kafka.consumer.take({})
        await kafka.rebalance()
        lag: int = kafka.consumer.rebalance().lag
        return lag

    assert asyncio.run(run()) == 0


def test_what_has_been_read_counts_as_passed_once_all_of_it_is_handled_and_is_forgotten_with_its_partition() -> None:
    async def run() -> list[tuple[int, int]]:
        kafka = Kafka(ONE)
        kafka.consumer.read_to = lambda _: 4  # two records, and two marks behind them
        seen: list[tuple[int, int]] = []

        def look() -> None:
            seen.append((kafka.consumer.positions().get(ONE, 0), kafka.consumer.passed(ONE)))

        await kafka.consumer.take({})
        look()
        await kafka.give(ONE, 0, 1)
        look()
        kafka.stage.writes[0].set_result(None)
        await kafka.rebalance(OTHER)
        look()
        return seen

    assert asyncio.run(run()) == [(0, 0), (2, 4), (0, 0)]


def test_a_consumer_without_a_client_has_read_nothing() -> None:
    async def run() -> int:
        read: int = Kafka(ONE).consumer.read_to(ONE)
        return read

    assert asyncio.run(run()) == 0


def test_a_partition_that_never_gets_open_is_told_from_a_batch_that_never_comes_back() -> None:
    class Stuck:
        async def open(self, topic: str, partition: int, committed: int) -> int | None:
            await asyncio.Event().wait()
            return None

    async def run() -> Mapping[Place, Standing]:
        in_hand = InHand(Stuck())  # type: ignore[arg-type]
        opening = asyncio.get_running_loop().create_task(in_hand.open("orders", 0, 0))
        await asyncio.sleep(0)
        try:
            return in_hand.standings()
        finally:
            opening.cancel()

    assert asyncio.run(run()) == {OPENING: Standing(0, 1), IN_HAND: Standing(0, 0)}


class StateTopic:
    """A consumer of a state topic: one record a fetch; at `hangs_at` the fetch brings nothing any more, until it is ended."""

    end, hangs_at = 4, 4

    def __init__(self, **_: Any) -> None:
        self._at = 0
        self.fruitless = 0

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def assign(self, places: Sequence[TopicPartition]) -> None: ...

    async def seek_to_beginning(self, place: TopicPartition) -> None: ...

    async def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self.end)

    async def position(self, place: TopicPartition) -> int:
        return self._at

    async def getmany(self, place: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        if self._at == self.hangs_at:
            self.fruitless += 1
            if self.fruitless == 20:
                raise TimeoutError
            return {}
        self._at += 1
        return {place: [SimpleNamespace(key=b"k%d" % self._at, value=b"v")]}


@pytest.mark.parametrize(("hangs_at", "moves"), [(4, 4), (2, 2), (0, 0)])
def test_reading_state_is_a_wait_only_while_it_gets_on(
    monkeypatch: pytest.MonkeyPatch, hangs_at: int, moves: int
) -> None:
    monkeypatch.setattr(StateTopic, "hangs_at", hangs_at)
    monkeypatch.setattr(changelog, "AIOKafkaConsumer", StateTopic)
    told: list[str] = []
    store = MemoryStore()

    async def run() -> None:
        await changelog.restore({}, "activity-state", 0, store, lambda: told.append("moved"))

    if hangs_at < StateTopic.end:
        with pytest.raises(TimeoutError):
            asyncio.run(run())
    else:
        asyncio.run(run())
    assert (len(told), len(store)) == (moves, moves)


def test_a_reading_of_state_that_stands_still_ends_the_process_and_one_that_gets_on_does_not() -> None:
    dog = Dog()
    opening = {OPENING: Standing(0, 1)}
    for _ in range(300):
        dog.excuses.tell("its state")
        dog.report_for(10, opening)
    assert dog.ended == []
    dog.report_for(330, opening)
    assert "a partition is being opened and does not get ready" in dog.ended[0]


def raising(error: TerradriftError | None) -> Callable[..., str]:
    def cluster_id(*_: Any) -> str:
        if error is not None:
            raise error
        return "cluster"

    return cluster_id


@pytest.mark.parametrize(
    ("error", "there"),
    [(None, True), (UnavailableError("nobody listens there"), False), (SettingsError("wrong user or password"), True)],
)
def test_a_kafka_that_refuses_us_is_there(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: TerradriftError | None, there: bool
) -> None:
    monkeypatch.setattr(worker, "cluster_id", raising(error))
    addresses: Any = SimpleNamespace(kafka="kafka:9092", kafka_security=dict)
    assert worker.is_there(addresses) is there
    assert ("wrong user or password" in caplog.text) == isinstance(error, SettingsError)
