"""Broker and ClickHouse taken away during load: nothing is lost, everything catches up, every row is stored once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from infra.feeds.lag import total
from schemas.topics import ENGINE_GROUP, SINK_GROUP
from tests.faults.outage_system import ORDERS_A_SECOND, Load, OutageSystem, require_kafka, running_system

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

SHORTER = float(os.environ.get("TERRADRIFT_OUTAGE_SECONDS") or "inf")
"""For development only: no outage lasts longer than this."""
BEFORE_SECONDS, AFTER_SECONDS = 4.0, 4.0
BROKER_OUTAGE_SECONDS, CLICKHOUSE_OUTAGE_SECONDS = min(30.0, SHORTER), min(60.0, SHORTER)
RESTART_SECONDS = 5.0
GOES_ON = 1 / 3
"""An engine that went on through an outage is behind, in commits too, by less than this share of the orders that came."""
STOP_SECONDS = 40.0
"""For a process to end by SIGTERM during an outage, on a busy machine."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutageSystem]:
    require_kafka()
    with running_system(tmp_path_factory.mktemp("outages")) as running:
        yield running


def under_load(system: OutageSystem, name: str, outage: Callable[[], None]) -> None:
    """Orders come in before, during and after the outage; then everything must be there, once."""
    load = Load(system.broker.bootstrap, name)
    load.start()
    system.pass_time(BEFORE_SECONDS)
    outage()
    system.pass_time(AFTER_SECONDS)
    system.add(load)
    system.catch_up()
    stored = system.stored()
    wrong = {
        account: (stored.get(account), sent) for account, sent in system.sent.items() if stored.get(account) != sent
    }
    assert not wrong, (
        f"{len(wrong)} accounts differ, (stored, sent): {dict(list(wrong.items())[:5])}\n{system.last_words()}"
    )
    assert stored.keys() == system.sent.keys()
    assert system.query("SELECT count() FROM dead_letters")[0][0] == 0


def test_a_broker_stopped_for_half_a_minute_loses_nothing(system: OutageSystem) -> None:
    def outage() -> None:
        system.kafka.stop()
        system.pass_time(BROKER_OUTAGE_SECONDS)
        assert system.kafka.start() == system.broker

    under_load(system, "broker-stopped", outage)


def test_a_broker_killed_and_started_again_loses_nothing(system: OutageSystem) -> None:
    def outage() -> None:
        kill(system.kafka.pid)
        system.pass_time(RESTART_SECONDS)
        assert system.kafka.start() == system.broker

    under_load(system, "broker-killed", outage)


def test_worker_and_sink_can_be_stopped_while_the_broker_is_away(system: OutageSystem) -> None:
    def outage() -> None:
        kill(system.kafka.pid)
        system.pass_time(RESTART_SECONDS)
        for part in (system.worker, system.sink):
            part.stop(STOP_SECONDS)  # raises when SIGTERM is not enough
        assert system.kafka.start() == system.broker
        system.worker.start()
        system.sink.start()

    under_load(system, "stopped-without-broker", outage)


def test_while_clickhouse_is_stopped_the_engine_goes_on_and_the_sink_catches_up(system: OutageSystem) -> None:
    def outage() -> None:
        address = system.clickhouse.address
        system.clickhouse.stop()
        try:
            system.pass_time(CLICKHOUSE_OUTAGE_SECONDS)
            lags = system.lags()
        finally:
            assert system.clickhouse.start() == address
        assert total({SINK_GROUP: lags[SINK_GROUP]}) > 1_000, lags
        assert total({ENGINE_GROUP: lags[ENGINE_GROUP]}) < GOES_ON * ORDERS_A_SECOND * CLICKHOUSE_OUTAGE_SECONDS, lags

    under_load(system, "clickhouse-stopped", outage)
    assert system.sink.exits == [], "the sink waits for ClickHouse; it need not end"


def test_a_clickhouse_killed_during_writes_holds_each_row_once(system: OutageSystem) -> None:
    def outage() -> None:
        for _ in range(3):
            kill(system.clickhouse.pid)
            system.pass_time(1)
            system.clickhouse.start()
            system.pass_time(3)

    under_load(system, "clickhouse-killed", outage)


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
