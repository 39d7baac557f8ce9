"""Recursive least squares with Huber loss and row weights, learning a week's rows as one block.

Source of the method: recursive weighted least squares in information form (Haykin, Adaptive Filter Theory, ch. 10) with
Huber's weights (one step of iteratively reweighted least squares per block). The information matrix A = sum of
forgotten x q x' is symmetric by construction and solved afresh each week, so nothing drifts or blows up, unlike the
covariance form P <- (P - g x'P)/lambda; a constant ridge keeps directions that are no longer excited at rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from models.history import Floats

_FORGET_PER_ROW = 0.99998
_FORGET_PER_BLOCK = 0.995  # a large region keeps about four years of weeks
_HUBER = 0.2
_RIDGE = 10.0


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

    def __init__(self, columns: int) -> None:
        self.coefficients = np.zeros(columns)
        self._information = np.zeros((columns, columns))
        self._moment = np.zeros(columns)
        self.learnt_rows = 0

    def predict(self, X: Floats) -> Floats:
        """(rows, columns) -> (rows,). Changes nothing."""
        return X @ self.coefficients

    def learn(self, X: Floats, target: Floats, weight: Floats) -> None:
        """One block of rows (at least one); `weight` is positive with mean about 1."""
        error = np.abs(target - self.predict(X))
        q = weight * np.minimum(1, _HUBER / np.maximum(error, _HUBER))
        forget = max(_FORGET_PER_ROW ** len(X), _FORGET_PER_BLOCK)
        self._information = forget * self._information + (X * q[:, None]).T @ X
        self._moment = forget * self._moment + X.T @ (q * target)
        ridged = self._information + _RIDGE * np.eye(len(self._moment))
        self.coefficients = cho_solve(cho_factor(ridged, lower=True), self._moment)
        self.learnt_rows += len(X)

    def state(self) -> dict[str, NDArray[Any]]:
        return {
            "coefficients": self.coefficients,
            "information": self._information,
            "moment": self._moment,
            "learnt_rows": np.array(self.learnt_rows),
        }

    @classmethod
    def restored(cls, arrays: dict[str, NDArray[Any]]) -> HuberRLS:
        model = cls(arrays["moment"].size)
        model.coefficients = arrays["coefficients"]
        model._information, model._moment = arrays["information"], arrays["moment"]
        model.learnt_rows = int(arrays["learnt_rows"])
        return model
