"""What market events still have to do to estimates that learn from orders alone.

An estimate follows a lasting change of orders slowly, on purpose: one bad month is no new potential. Where the cause is
known it need not wait. What has not been learnt from orders yet of an event's effect is added to the estimate, and the
share of it falls as the orders themselves come to tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.history import Floats

FORGOTTEN_WEEKS = 52  # then the orders have told all of it
_LEARNING_WEEKS = 22.0
"""Fitted to steps put into the orders of 300 Iowa stores. On all of them estimates had followed by .15, .37 and .62 after 4, 13 and
26 weeks (`benchmarks/models/steps.py`), and this curve says .17, .45 and .69: it errs towards the orders."""


@dataclass(frozen=True, slots=True)
class EventEffect:
    """`rows` are the accounts in reach, `weeks` the closed weeks since the event, `effect` a share of revenue above -1."""

    rows: tuple[int, ...]
    weeks: int
    effect: float


def learnt_share(weeks: float) -> float:
    """The share of a change that estimates have followed after so many weeks of orders."""
    return float(1 - np.exp(-weeks / _LEARNING_WEEKS))


def still_to_come(effects: Iterable[EventEffect], accounts: int) -> Floats:
    """(accounts,) factors for estimates learnt from orders: what believed events will do beyond that.

    >>> half = EventEffect(rows=(1,), weeks=0, effect=-0.5)
    >>> still_to_come([half], 3).tolist()
    [1.0, 0.5, 1.0]
    """
    factors = np.ones(accounts)
    for one in effects:
        factors[list(one.rows)] *= (1 + one.effect) / (1 + one.effect * learnt_share(one.weeks))
    return factors
