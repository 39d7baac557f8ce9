"""What stands on the shelves of the demo company's accounts when its reps look."""

from __future__ import annotations

import numpy as np

from infra.simulator.market import Market
from infra.simulator.size import DemoSize
from infra.simulator.visits import Visits

PRODUCTS = tuple(f"P{number:02d}" for number in range(1, 13))
LOOKS = 0.6  # share of the visits whose report says what stands there
BEST, WORST = 0.85, 0.10  # share of the accounts that hold the best known and the least known product at the start
MORE_IN = {"A": 0.10, "B": 0.0, "C": -0.08}  # larger accounts hold more
SPREAD_PER_YEAR = 0.04  # each product reaches so many more of the accounts a year


def shelves(size: DemoSize, market: Market, visits: Visits) -> list[tuple[str, ...]]:
    """One a visit: the products seen; "none" where the rep saw none, empty where nobody looked. What an account holds it keeps."""
    rng = np.random.default_rng([size.seed, 8])
    known = np.linspace(BEST, WORST, len(PRODUCTS)) + np.array([[MORE_IN[each]] for each in market.segments])
    reluctance = rng.random((len(market), len(PRODUCTS)))
    reach = known[visits.account] + SPREAD_PER_YEAR * visits.day[:, None] / 365
    held, looked = reluctance[visits.account] < reach, rng.random(len(visits.day)) < LOOKS
    return [_seen(row) if looks else () for row, looks in zip(held.tolist(), looked.tolist(), strict=True)]


def _seen(held: list[bool]) -> tuple[str, ...]:
    return tuple(product for product, stands in zip(PRODUCTS, held, strict=True) if stands) or ("none",)
