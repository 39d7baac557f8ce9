"""What the laws of everything that learns need to know of one class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Feed = Callable[[Any, int], Any]
"""(model, number of the period) -> what the model says of it; the number alone decides what is fed."""


@dataclass(frozen=True)
class Case:
    """`missing`: the same period with something missing, or why nothing can be missing. What is missing is either refused
    with `refused`, or passed over as if it had never come (`passed_over`), or it takes its place in time and harms
    nothing that comes later. `full`: periods that show all it can say; `memory`: until nothing it remembers may grow, where
    that takes longer.
    """

    make: Callable[[], Any]
    feed: Feed
    missing: Feed | str
    passed_over: bool = True
    refused: type[Exception] | None = None
    full: int = 60
    memory: int = 0
    core: Callable[[Any], Any] = lambda model: model
    again: Callable[[Any], Any] | None = None  # by its own snapshot


def dice(number: int) -> np.random.Generator:
    """The chance of one period: the same whoever asks."""
    return np.random.default_rng([11, number])
