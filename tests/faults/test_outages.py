"""Broker and ClickHouse taken away during load: worker and sink wait, nothing is lost, and all comes to what it does in peace."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from conftest import moments

from infra.feeds.lag import Lags, lags, total
from infra.feeds.publish import input_lag
from infra.simulator.company import Company
from schemas.topics import SINK_GROUP
from tests.support.engine import Engine, kill, pause
from tests.support.truth import Outcome, Truth, assert_exact, assert_said_once, assert_same_results, outcome_of

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]

SHORTER = float(os.environ.get("TERRADRIFT_OUTAGE_SECONDS") or "inf")
"""For development only: no outage lasts longer than this."""
BROKER_OUTAGE_SECONDS, CLICKHOUSE_OUTAGE_SECONDS = min(30.0, SHORTER), min(60.0, SHORTER)
RESTART_SECONDS = 5.0
KILLS = 3
BETWEEN_KILLS_SECONDS = (1.0, 3.0)


@dataclass
class Interrupted:
    """A run with every outage, one worker and one sink, none of which ended."""

    outcome: Outcome
    before: Lags
    behind: Lags
    """When ClickHouse went, and shortly before it came back."""
    sent: int
    """Events that came meanwhile."""


@pytest.fixture(scope="module")
def interrupted(company: Company, truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    with Engine(tmp_path_factory.mktemp("outages")) as engine:
        parts = [engine.process("worker"), engine.process("sink")]
        load = engine.load(company.feed(), moments(truth, 4, seed=34), through_outages=True)
        before: Lags = {}
        behind: Lags = {}
        sent = 0
        for step in load.wait_for_moments():
            match step:
                case 0:
                    stop_the_broker(engine)
                case 1:
                    kill_the_broker(engine)
                case 2:
                    sent = -load.sent
                    before, behind = stop_clickhouse(engine)
                    sent += load.sent
                case 3:
                    kill_clickhouse(engine)
        load.finish()
        engine.wait_until_done()
        assert [part.exit_code for part in parts] == [None, None], "worker and sink wait; neither need end"
        return Interrupted(outcome_of(engine.client, engine.bootstrap), before, behind, sent)


def stop_the_broker(engine: Engine) -> None:
    engine.kafka.stop()
    pause(BROKER_OUTAGE_SECONDS)
    assert engine.kafka.start().bootstrap == engine.bootstrap


def kill_the_broker(engine: Engine) -> None:
    kill(engine.kafka)
    pause(RESTART_SECONDS)
    assert engine.kafka.start().bootstrap == engine.bootstrap


def stop_clickhouse(engine: Engine) -> tuple[Lags, Lags]:
    """How far behind everybody was, and was in the end."""
    before = lags(engine.bootstrap)
    address = engine.clickhouse.address
    engine.clickhouse.stop()
    pause(CLICKHOUSE_OUTAGE_SECONDS)
    behind = lags(engine.bootstrap)
    assert engine.clickhouse.start() == address
    return before, behind


def kill_clickhouse(engine: Engine) -> None:
    address = engine.clickhouse.address
    down, up = BETWEEN_KILLS_SECONDS
    for _ in range(KILLS):
        kill(engine.clickhouse)
        pause(down)
        assert engine.clickhouse.start() == address
        pause(up)


def test_outages_of_the_broker_and_of_clickhouse_lose_nothing_and_store_nothing_twice(
    interrupted: Interrupted, truth: Truth
) -> None:
    assert_exact(interrupted.outcome, truth)
    assert_said_once(interrupted.outcome)


def test_after_outages_alerts_suggestions_and_potentials_are_those_of_peace(
    interrupted: Interrupted, undisturbed: Outcome
) -> None:
    assert_same_results(interrupted.outcome, undisturbed)


def test_while_clickhouse_is_away_the_engine_goes_on_and_the_sink_waits(interrupted: Interrupted) -> None:
    before, behind = interrupted.before, interrupted.behind
    assert total({SINK_GROUP: behind[SINK_GROUP]}) > total({SINK_GROUP: before[SINK_GROUP]}), (before, behind)
    assert input_lag(behind) < interrupted.sent, behind
