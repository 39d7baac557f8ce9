"""Examples of what an account is worth in a year, for accounts that have too little history of their own."""

from __future__ import annotations

import numpy as np

from models.analogy import OFFSET_EUR
from models.history import Flags, Floats, WeeklyHistory
from models.ledger import YEAR
from models.windows import Past

_NEW_FROM_WEEK = 26  # a first order this late in the region's life is a real opening, not the start of the data
_RUNS_WEEKS = 26  # an account that ordered this lately is an example of what its like is worth
_PROVISIONAL_WEEKS = 13


def learn_first_years(label: Floats, past: Past, active: Flags) -> None:
    """The first 52 weeks of an account still active are complete: it becomes an example for others. label (n,): NaN before."""
    ripe = active & (past.age == YEAR)
    first_year = np.maximum(past.eur(0, YEAR), 0)
    label[ripe] = np.log(first_year[ripe] + OFFSET_EUR)


def examples_of(label: Floats, history: WeeklyHistory, past: Past) -> tuple[Floats, Flags]:
    """(n,) examples for analogies, and which are first years of openings; the others are accounts that run."""
    opened = np.isfinite(label) & (history.first >= _NEW_FROM_WEEK)
    age = np.clip(past.age, 1, YEAR)
    yearly = np.where(age < YEAR, YEAR * history.slow(), past.eur(0, YEAR))
    running = (age >= _PROVISIONAL_WEEKS) & (history.week - history.last_order < _RUNS_WEEKS) & (yearly > 0)
    running_label = np.where(running, np.log(np.maximum(yearly, 0) + OFFSET_EUR), np.nan)
    return np.where(opened, label, running_label), opened
