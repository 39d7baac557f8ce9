"""Per account: how far to trust the shared regression, and how far its own plain means.

Source of the method: exponentially weighted averaging of experts (Vovk 1990; Cesa-Bianchi and Lugosi, Prediction,
Learning, and Games, ch. 2) with fading losses. Means react too slowly when an account falls silent, so they lose their
say while its next order is overdue.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.history import Floats

EXPERTS = 3  # the regression, the slow level, the mean of a year
_KEEP = 0.98
_SHARPNESS = 2.0
_LOSS_CAP = 3.0
_HEAD_START = np.array([[0.0], [-2.0], [-2.0]])  # log weights before any loss
_COLUMNS = {"loss": Column(np.float32, 0, (EXPERTS,))}


class Blend:
    """Weights of the experts of one horizon for n accounts; three numbers an account."""

    def __init__(self) -> None:
        self._columns = Columns(_COLUMNS)

    def add(self) -> None:
        self._columns.add()

    def weights(self, punctual: Floats) -> Floats:
        """(3, n) shares of the experts, which sum to 1; `punctual` (n,) in 0..1 falls while an order is overdue."""
        loss = self._columns["loss"].astype(np.float64)
        weight = np.exp(_HEAD_START - _SHARPNESS * (loss - loss.min(axis=0, initial=np.inf)))
        weight[1:] *= punctual**2
        return np.asarray(weight / weight.sum(axis=0))

    def learn(self, experts: Floats, actual: Floats, usual: Floats) -> None:
        """(3, n) EUR forecast a horizon ago, what came, and the account's usual revenue of such a horizon (n,)."""
        error = np.minimum(np.abs(experts - actual) / usual, _LOSS_CAP)
        known = np.isfinite(error).all(axis=0)
        loss = self._columns["loss"]
        loss[:] = np.where(known, _KEEP * loss + error, loss)

    def state(self) -> dict[str, NDArray[Any]]:
        return self._columns.state()

    @classmethod
    def restored(cls, rows: int, arrays: dict[str, NDArray[Any]]) -> Blend:
        blend = cls()
        blend._columns = Columns.restored(_COLUMNS, rows, arrays)
        return blend
