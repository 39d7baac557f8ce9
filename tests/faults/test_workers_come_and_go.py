"""Workers join and leave, asked or killed, and events come late, twice and out of order: everything counts once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from conftest import ORDERS, a_company, moments

from infra.feeds.record import Feed
from infra.simulator.company import Company
from streams.system.processes import RoleProcess
from tests.support.engine import Engine, kill
from tests.support.shuffling import disturbed
from tests.support.truth import Outcome, Truth, assert_exact, assert_same_results, outcome_of, truth_of

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]
SHARE = 5
"""These runs take a fifth of the orders."""


@pytest.fixture(scope="module")
def smaller() -> Company:
    return a_company(ORDERS // SHARE)


@pytest.fixture(scope="module")
def smaller_truth(smaller: Company) -> Truth:
    return truth_of(smaller)


@pytest.fixture(scope="module")
def restless(smaller: Company, smaller_truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run with two, three, one and again three workers, three lives of the sink, and a stop of all without the broker."""
    with Engine(tmp_path_factory.mktemp("restless")) as engine:
        sink = engine.process("sink")
        first, second = engine.process("worker", "worker-1"), engine.process("worker", "worker-2")
        load = engine.load(smaller.feed(), moments(smaller_truth, 9, seed=8), through_outages=True)
        for step in load.wait_for_moments():
            match step:
                case 0:
                    third = engine.process("worker", "worker-3")
                case 1:
                    kill(first)
                case 2:
                    second.stop()
                case 3:
                    first.start()
                    kill(sink)
                    sink.start()
                case 4:
                    second.start()
                case 5:
                    kill(third)
                    kill(second)
                case 6:
                    third.start()
                case 7:
                    first.stop()
                case 8:
                    stop_without_broker(engine, third, sink)
        load.finish()
        engine.wait_until_done()
        return outcome_of(engine.client, engine.bootstrap)


def stop_without_broker(engine: Engine, *parts: RoleProcess) -> None:
    """SIGTERM is enough, although nothing can be committed. What was in hand comes again."""
    engine.may_fall.update(parts)
    kill(engine.kafka)
    for part in parts:
        part.stop()
    assert {part.exit_code for part in parts} <= {0, 1}, [part.last_words() for part in parts]
    assert engine.kafka.start().bootstrap == engine.bootstrap
    for part in parts:
        part.start()
    engine.may_fall.difference_update(parts)


def test_two_and_three_workers_joining_and_leaving_count_everything_once(
    restless: Outcome, smaller_truth: Truth
) -> None:
    assert_exact(restless, smaller_truth)


def test_late_repeated_and_shuffled_events_come_to_the_same(
    smaller: Company, smaller_truth: Truth, restless: Outcome, tmp_path: Path
) -> None:
    told = smaller.feed()
    feed = Feed(told.roster, disturbed(told.events, random.Random(3)))
    with Engine(tmp_path) as engine:
        engine.process("worker")
        engine.process("sink")
        engine.load(feed).finish()
        engine.wait_until_done()
        outcome = outcome_of(engine.client, engine.bootstrap)
    assert_exact(outcome, smaller_truth)
    assert_same_results(outcome, restless)
