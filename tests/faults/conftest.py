"""A company large enough that faults strike in the middle of things, and one run of it in which nothing goes wrong.

TERRADRIFT_FAULT_ORDERS is the number of orders: `make test-kafka` takes 500,000, other runs 20,000.
"""

from __future__ import annotations

import os
import random

import pytest

from infra.simulator.company import Company, build
from infra.simulator.size import DemoSize
from tests.support.engine import Engine
from tests.support.truth import Outcome, Truth, outcome_of, truth_of

ORDERS = int(os.environ.get("TERRADRIFT_FAULT_ORDERS") or 20_000)
ORDERS_PER_ACCOUNT = 80
"""Of the year: few accounts with many orders make the most faults for the least learning."""
SPARE = 1.12
"""What shocks and the most that an account orders in a week take away again."""
HISTORY_WEEKS, LIVE_WEEKS = 30, 26


def a_company(orders: int) -> Company:
    """One year and at least so many orders, from 20,000 on; shocks are planted in its second half."""
    accounts = max(orders // ORDERS_PER_ACCOUNT, 200)
    weekly = SPARE * orders / accounts / (HISTORY_WEEKS + LIVE_WEEKS)
    size = DemoSize(
        seed=11, accounts=accounts, history_weeks=HISTORY_WEEKS, live_weeks=LIVE_WEEKS, orders_per_week=weekly
    )
    return build(size)


def moments(truth: Truth, count: int, seed: int) -> list[int]:
    """After how many events each fault strikes: drawn once and for all, the last one before a tenth of the feed is left."""
    rng = random.Random(seed)
    return sorted(int(rng.uniform(0.02, 0.9) * truth.records) for _ in range(count))


@pytest.fixture(scope="session")
def company() -> Company:
    return a_company(ORDERS)


@pytest.fixture(scope="session")
def truth(company: Company) -> Truth:
    known = truth_of(company)
    assert known.orders >= ORDERS
    return known


@pytest.fixture(scope="session")
def undisturbed(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What one worker and one sink make of the company in peace."""
    with Engine(tmp_path_factory.mktemp("undisturbed")) as engine:
        engine.process("worker")
        engine.process("sink")
        engine.load(company.feed()).finish()
        engine.wait_until_done()
        return outcome_of(engine.client, engine.bootstrap)
