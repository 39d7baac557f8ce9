"""A worker that stands still longer than its session, and wakes when another has its partitions, does no harm."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from conftest import ORDERS, a_company, moments

from tests.support.engine import Engine, pause
from tests.support.truth import assert_exact, outcome_of, truth_of

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]
FROZEN_SECONDS = 20.0
"""Twice the session: by then the other worker has the partitions, and has written to their state."""
WAKING_SECONDS = 5.0


def test_a_frozen_worker_that_wakes_counts_nothing_twice_and_undoes_nothing(tmp_path: Path) -> None:
    company = a_company(ORDERS // 5)
    truth = truth_of(company)
    with Engine(tmp_path) as engine:
        frozen = engine.process("worker", "worker-1")
        engine.may_fall.add(frozen)  # it ends by itself if it wakes with writes under way; a supervisor starts it again
        engine.process("worker", "worker-2")
        engine.process("sink")
        load = engine.load(company.feed(), moments(truth, 3, seed=3))
        for _ in load.wait_for_moments():
            assert frozen.pid is not None
            os.kill(frozen.pid, signal.SIGSTOP)
            pause(FROZEN_SECONDS)
            os.kill(frozen.pid, signal.SIGCONT)
            pause(WAKING_SECONDS)
            if not frozen.alive():
                frozen.start()
        load.finish()
        engine.wait_until_done()
        outcome = outcome_of(engine.client, engine.bootstrap)
    assert_exact(outcome, truth)
