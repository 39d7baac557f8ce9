"""A worker that stands still longer than its session, and wakes when another has its partitions, does no harm."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import ORDERS, a_company, moments

from tests.support.engine import Engine, frozen, pause
from tests.support.truth import assert_exact, outcome_of, truth_of

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]
FROZEN_SECONDS = 20.0
"""Twice the session: by then the other worker has the partitions, and has written to their state."""
ENOUGH_ORDERS = 80_000
"""So many that the worker is busy when it freezes. Without its lease this test then fails: days of the region's log are undone."""
HANGING_SECONDS, WAKING_SECONDS = 0.7, 5.0


def test_a_frozen_worker_that_wakes_counts_nothing_twice_and_undoes_nothing(tmp_path: Path) -> None:
    company = a_company(max(ORDERS // 5, ENOUGH_ORDERS))
    truth = truth_of(company)
    with Engine(tmp_path) as engine:
        sleeper = engine.process("worker", "worker-1")
        engine.may_fall.add(sleeper)  # it ends by itself when it wakes with writes under way
        engine.process("worker", "worker-2")
        engine.process("sink")
        load = engine.load(company.feed(), moments(truth, 3, seed=3))
        for _ in load.wait_for_moments():
            with ExitStack() as standing_still:
                with frozen(engine.kafka.pid):  # nothing is confirmed: writes are under way when the worker freezes
                    pause(HANGING_SECONDS)
                    standing_still.enter_context(frozen(sleeper.pid))
                pause(FROZEN_SECONDS)
            pause(WAKING_SECONDS)
            if not sleeper.alive():
                sleeper.start()
        load.finish()
        engine.wait_until_done()
        outcome = outcome_of(engine.client, engine.bootstrap)
    assert_exact(outcome, truth)
