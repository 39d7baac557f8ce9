"""Recursive least squares with Huber loss and row weights, learning a week's rows as one block.

Source of the method: recursive weighted least squares in information form (Haykin, Adaptive Filter Theory, ch. 10) with
Huber's weights (one step of iteratively reweighted least squares per block). The information matrix A = sum of
forgotten x q x' is symmetric by construction (its lower half is kept) and solved afresh each week, so nothing drifts or blows up, unlike the
covariance form P <- (P - g x'P)/lambda; a constant ridge keeps directions that are no longer excited at rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dsyrk

from models.history import Floats

_FORGET_PER_ROW = 0.99998
_FORGET_PER_BLOCK = 0.995  # a large region keeps about four years of weeks
_HUBER = 0.15
_RIDGE = 10.0
_SHARED_RIDGE_BLOCKS = 20.0


class HuberRLS:
    """Linear weights over fixed columns; memory is columns squared, whatever has been learnt.

    >>> model = HuberRLS(2)
    >>> X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> model.predict(X).tolist()
    [0.0, 0.0, 0.0]
    >>> for _ in range(200):
    ...     model.learn(X, np.array([1.0, 2.0, 3.0]), np.ones(3))
    >>> model.predict(X).round(1).tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(self, columns: int, shared: Sequence[int] = ()) -> None:
        """`shared`: columns with one value for a whole block. The rows of a block teach about them once, not once each
        (they share the week's shock), so their ridge is worth blocks of rows."""
        self.coefficients = np.zeros(columns)
        self._information = np.zeros((columns, columns), order="F")
        self._moment = np.zeros(columns)
        self.learnt_rows = 0
        self._blocks = 0
        self._shared = np.zeros(columns)
        self._shared[list(shared)] = _SHARED_RIDGE_BLOCKS

    def predict(self, X: Floats) -> Floats:
        """(rows, columns) -> (rows,). Changes nothing."""
        return X @ self.coefficients

    def learn(self, X: Floats, target: Floats, weight: Floats) -> None:
        """One block of rows (at least one); `weight` is positive with mean about 1. A ValueError, and nothing is learnt, when
        features or targets are not finite."""
        error = np.abs(target - self.predict(X))
        if not np.isfinite(error).all():
            raise ValueError("features and targets must be finite")
        q = weight * np.minimum(1, _HUBER / np.maximum(error, _HUBER))
        forget = max(_FORGET_PER_ROW ** len(X), _FORGET_PER_BLOCK)
        scaled = X * np.sqrt(q)[:, None]
        # The lower half (of a Fortran array: the transpose of a C one) is all that is read.
        self._information = dsyrk(1.0, scaled.T, beta=forget, c=self._information, lower=True, overwrite_c=True)
        self._moment = forget * self._moment + X.T @ (q * target)
        self.learnt_rows += len(X)
        self._blocks += 1
        ridge = _RIDGE + self._shared * self.learnt_rows / self._blocks
        ridged = self._information.copy(order="F")
        ridged[np.diag_indices_from(ridged)] += ridge
        self.coefficients = cho_solve(cho_factor(ridged, lower=True, overwrite_a=True), self._moment)

    def widen(self, columns: int) -> None:
        """To so many columns, the new ones behind: their past values count as 0."""
        more = columns - len(self.coefficients)
        if more > 0:
            self.coefficients, self._moment, self._shared = (
                np.pad(vector, (0, more)) for vector in (self.coefficients, self._moment, self._shared)
            )
            self._information = np.asfortranarray(np.pad(self._information, ((0, more), (0, more))))

    def state(self) -> dict[str, NDArray[Any]]:
        return {
            "coefficients": self.coefficients,
            "information": self._information,
            "moment": self._moment,
            "learnt": np.array([self.learnt_rows, self._blocks]),
        }

    @classmethod
    def restored(cls, arrays: dict[str, NDArray[Any]], shared: Sequence[int] = ()) -> HuberRLS:
        model = cls(arrays["moment"].size, shared)
        model.coefficients = arrays["coefficients"]
        model._information, model._moment = np.asfortranarray(arrays["information"]), arrays["moment"]
        model.learnt_rows, model._blocks = (int(count) for count in arrays["learnt"])
        return model
