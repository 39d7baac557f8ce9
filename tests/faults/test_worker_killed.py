"""kill -9 changes nothing: every order counts once, and the same alerts and suggestions arise, row by row."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import moments

from infra.simulator.company import Company
from tests.support.engine import Engine, kill, pause
from tests.support.truth import Outcome, Truth, assert_exact, assert_same_results, outcome_of

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]
KILLS = 20
KILLS_ON_DISK = 5


def test_a_worker_killed_twenty_times_counts_everything_once_and_says_the_same(
    company: Company, truth: Truth, undisturbed: Outcome, tmp_path: Path
) -> None:
    with Engine(tmp_path) as engine:
        outcome = after_kills(engine, company, moments(truth, KILLS, seed=20))
    assert_exact(outcome, truth)
    assert_same_results(outcome, undisturbed)


def test_a_worker_that_keeps_its_state_on_disk_is_as_exact_when_killed(
    company: Company, truth: Truth, undisturbed: Outcome, tmp_path: Path
) -> None:
    """What a killed worker leaves in its folder is a cache of the changelog, and is never read again."""
    store = tmp_path / "store"
    on_disk = {"TERRADRIFT_STORE": "rocksdb", "TERRADRIFT_STORE_FOLDER": str(store)}
    with Engine(tmp_path, on_disk) as engine:
        outcome = after_kills(engine, company, moments(truth, KILLS_ON_DISK, seed=22))
        assert any(store.iterdir())
    assert_exact(outcome, truth)
    assert_same_results(outcome, undisturbed)


def after_kills(engine: Engine, company: Company, faults: Sequence[int]) -> Outcome:
    worker = engine.process("worker")
    engine.process("sink")
    load = engine.load(company.feed(), faults)
    rng = random.Random(21)
    for _ in load.wait_for_moments():
        pause(rng.uniform(0, 0.5))
        kill(worker)
        worker.start()
    load.finish()
    engine.wait_until_done()
    return outcome_of(engine.client, engine.bootstrap)


def test_the_undisturbed_run_is_exact_too(truth: Truth, undisturbed: Outcome) -> None:
    assert_exact(undisturbed, truth)
