"""The potential model on real wholesale orders: better than the best simple forecasts, with honest intervals."""

from __future__ import annotations

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.history import Floats
from models.potential import PotentialModel
from models.traits import AccountTraits
from schemas.settings import Potential

START = date(2012, 1, 9)
WEEKS = 208  # 2012 to 2015; later years are kept for validation
TEST_FROM = 156
STORES = 300

pytestmark = [pytest.mark.data, pytest.mark.io]


def weekly_revenue(folder: Path) -> Floats:
    """(weeks, stores) EUR of 300 stores, drawn by seed among those that ordered over three years or more."""
    sums: dict[str, Floats] = {}
    with gzip.open(folder / "orders_2012_2017.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            number = (date.fromisoformat(row["date"]) - START).days // 7
            if 0 <= number < WEEKS:
                sums.setdefault(row["store"], np.zeros(WEEKS))[number] += float(row["dollars"])
    long_lived = [s for s in sorted(sums) if np.ptp(np.flatnonzero(sums[s])) >= TEST_FROM]
    drawn = np.random.default_rng(0).permutation(len(long_lived))[:STORES]
    return np.stack([sums[long_lived[i]] for i in drawn], axis=1)


def test_it_beats_the_best_simple_forecasts_of_4_13_and_52_weeks(data_dir: Path) -> None:
    revenue = weekly_revenue(data_dir / "iowa")
    model = PotentialModel(Potential())
    for _ in range(revenue.shape[1]):
        model.add(AccountTraits("store", "", "", None, None))
    last = revenue.shape[0] - 1 - np.argmax(revenue[::-1] > 0, axis=0)
    totals = {h: np.zeros(5) for h in (4, 13, 52)}
    for number, row in enumerate(revenue):
        model.close_week(START + timedelta(weeks=number), row, last >= number)
        for quality in model.quality_rows():
            if number >= TEST_FROM and quality.segment == "":
                totals[quality.horizon_weeks] += [
                    quality.abs_error_eur,
                    quality.naive_abs_error_eur,
                    quality.actual_eur,
                    quality.intervals,
                    quality.covered,
                ]
    gain = {h: 1 - ours / naive for h, (ours, naive, *_) in totals.items()}
    assert gain[4] > 0.07
    assert gain[13] > 0.07
    assert gain[52] > 0
    assert 0.7 < totals[52][4] / totals[52][3] < 0.9
