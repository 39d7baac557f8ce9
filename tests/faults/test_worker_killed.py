"""kill -9 changes nothing: every order counts once, and the same alerts and suggestions arise, row by row."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from conftest import moments

from infra.simulator.company import Company
from tests.support.engine import Engine, kill, pause
from tests.support.truth import Outcome, Truth, assert_exact, assert_same_results, outcome_of

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]
KILLS = 20


def test_a_worker_killed_twenty_times_counts_everything_once_and_says_the_same(
    company: Company, truth: Truth, undisturbed: Outcome, tmp_path: Path
) -> None:
    with Engine(tmp_path) as engine:
        worker = engine.process("worker")
        engine.process("sink")
        load = engine.load(company.feed(), moments(truth, KILLS, seed=20))
        rng = random.Random(21)
        for _ in load.wait_for_moments():
            pause(rng.uniform(0, 0.5))
            kill(worker)
            worker.start()
        load.finish()
        engine.wait_until_done()
        outcome = outcome_of(engine.client, engine.bootstrap)
    assert_exact(outcome, truth)
    assert_same_results(outcome, undisturbed)


def test_the_undisturbed_run_is_exact_too(truth: Truth, undisturbed: Outcome) -> None:
    assert_exact(undisturbed, truth)
