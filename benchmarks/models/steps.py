"""How slowly estimates follow a lasting change when they see orders alone: steps put into real weekly orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.models.goals import Goal
from benchmarks.models.potential import read
from models.event_effects import learnt_share
from models.history import Floats
from models.potential import PotentialModel
from schemas.settings import Potential
from streams.cli.backtest.orders import Panel

STEPS = (-0.4, -0.2, 0.25)
BEGINS = (110, 130, 150)  # weeks; with what follows within 2012 to 2015
AFTER = (4, 13, 26)
TOUCHED = 0.1  # of the accounts, drawn by seed


def rows(data: Path) -> Iterator[Goal]:
    panel = read(data / "iowa")
    weeks = BEGINS[-1] + AFTER[-1]
    usual = estimates(panel, panel.revenue[:weeks])
    rng = np.random.default_rng(3)
    followed = []
    for step in STEPS:
        for begin in BEGINS:
            touched = rng.random(panel.revenue.shape[1]) < TOUCHED
            revenue = panel.revenue[:weeks].copy()
            revenue[begin:, touched] *= 1 + step
            changed = estimates(panel, revenue)
            at = [begin + after - 1 for after in AFTER]
            followed.append((changed[at][..., touched].sum(axis=2) / usual[at][..., touched].sum(axis=2) - 1) / step)
    least, most = np.min(followed, axis=(0, 2)), np.max(followed, axis=(0, 2))
    middle = np.median(followed, axis=(0, 2))
    for place, after in enumerate(AFTER):
        measured = f"{middle[place]:.2f} ({least[place]:.2f} to {most[place]:.2f})"
        how = f"median and range over estimates of 4, 13 and 52 weeks, steps of -40, -20 and +25 %; assumed {learnt_share(after):.2f}"
        yield Goal(f"Iowa: share of a lasting step followed after {after} weeks of orders", measured, "", None, how)


def estimates(panel: Panel, revenue: Floats) -> Floats:
    """(weeks, 3 horizons, n) EUR, made at the end of each week."""
    model, everywhere = PotentialModel(Potential()), np.ones(revenue.shape[1], bool)
    for traits in panel.traits:
        model.add(traits)
    said = []
    for number, week in enumerate(revenue):
        outcome = model.close_week(panel.first_monday + timedelta(weeks=number), week, everywhere)
        said.append(np.stack([outcome.estimate_4w, outcome.estimate_13w, outcome.estimate_52w]))
    return np.array(said)
