"""What the whole market does, or a part of it: common factors of many streams, found in their past and taken off.

Each refit takes the principal components of the remembered past (streams weighted by their own noise) as loadings; each
period's factors are then a robust ridge regression of the period's values on the loadings. Streams that move together
(a region's school holidays, a chain's campaign) explain each other; what is left is a stream's own.
Source: principal-component factors, Stock and Watson 2002; Huber's weights for the scores.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.history import Flags, Floats

MOST_FACTORS = 36
_STREAMS_PER_FACTOR = 12
_PERIODS_PER_FACTOR = 10
_LEVEL_STEP = 0.02
_SPREAD_STEP = 0.02
_SCALE_STEP = 0.02
_LEAST_SPREAD = 0.03
_CLIP = 0.3  # log points: a stream's own accident is no factor
_FEWEST = 12  # streams that must report, and that a factor needs
_PASSES = 3


class MarketFactors:
    """Loadings, levels and the last `window` periods of each stream (float32)."""

    def __init__(self, window: int, start: int, refit: int) -> None:
        """`start`: periods before the first fit; `refit`: periods between fits."""
        self._window, self._start, self._refit = window, start, refit
        self._kinds = {
            "past": Column(np.float32, np.nan, (window,)),  # over the level of its time
            "level": Column(np.float64, np.nan),
            "seen": Column(np.int64, 0),
            "spread": Column(np.float64, 0.1),
            "loading": Column(np.float64, 0, (MOST_FACTORS,)),
        }
        self._columns = Columns(self._kinds)
        self._period = 0
        self._used = 0
        self._usual_scale = float("nan")

    @property
    def ready(self) -> bool:
        """Whether loadings have been fitted."""
        return self._period > self._start

    def remove(self, values: Floats) -> tuple[Floats, float]:
        """(streams,) residuals of one period and its scale (1 usual, 2 twice the usual scatter); then learns.

        NaN where nothing was observed, and everywhere until the first fit.
        """
        while self._columns.rows < values.size:
            self._columns.add()
        if self._period >= self._start and (self._period - self._start) % self._refit == 0:
            self._fit()
        level = self._columns["level"]
        known: Flags = np.isfinite(values) & np.isfinite(level)
        out, scale = np.full(values.size, np.nan), 1.0
        if self._period >= self._start and known.any():
            common, scale = self._common(values, known)
            out[known] = values[known] - common
        self._learn(values)
        return out, scale

    def _common(self, values: Floats, known: Flags) -> tuple[Floats, float]:
        """Robust scores of the period times the loadings, for the known streams."""
        spread = np.maximum(self._columns["spread"][known], _LEAST_SPREAD)
        centred = values[known] - self._columns["level"][known]
        loading = self._columns["loading"][: self._used, known].T
        used = self._used if known.sum() >= max(_FEWEST, 3 * self._used) else 0
        weight, trust = spread**-2 / np.mean(spread**-2), np.ones(spread.size)
        common = np.zeros(spread.size)
        for _ in range(_PASSES):
            if used:
                weighted = loading * (weight * trust)[:, None]
                common = loading @ np.linalg.solve(weighted.T @ loading + np.eye(used), weighted.T @ centred)
            size = np.abs(centred - common) / spread
            middle = 1.4826 * float(np.median(size)) + 1e-9
            trust = np.minimum(1, 2 * middle / np.maximum(size, 1e-9))
        own = np.abs(centred - common)
        self._columns["spread"][known] += _SPREAD_STEP * (np.minimum(own, 3 * spread) * 1.2533 - spread)
        if spread.size < _FEWEST:
            return common, 1.0
        if np.isnan(self._usual_scale):
            self._usual_scale = middle
        scale = middle / max(self._usual_scale, 1e-6)
        self._usual_scale += _SCALE_STEP * (min(middle, 2 * self._usual_scale) - self._usual_scale)
        return common, scale

    def _learn(self, values: Floats) -> None:
        c = self._columns
        seen = np.isfinite(values)
        level = c["level"]
        c["past"][self._period % self._window] = values - level  # else a refit would explain a stream's own step away
        level[seen] = np.where(np.isnan(level[seen]), values[seen], level[seen])
        c["seen"][seen] += 1
        step = np.maximum(_LEVEL_STEP, 1 / np.maximum(c["seen"][seen], 1))
        level[seen] += step * (values[seen] - level[seen])
        self._period += 1

    def _fit(self) -> None:
        c = self._columns
        past = c["past"][: min(self._period, self._window)].astype(np.float64)
        heard = np.isfinite(past)
        enough = heard.sum(axis=0) >= 0.25 * past.shape[0]
        used = min(MOST_FACTORS, int(enough.sum()) // _STREAMS_PER_FACTOR, past.shape[0] // _PERIODS_PER_FACTOR)
        c["loading"][:] = 0
        self._used = used
        if not used:
            return
        spread = np.maximum(c["spread"][enough], _LEAST_SPREAD)
        centred = past[:, enough] - np.nanmedian(past[:, enough], axis=0)
        scaled = np.clip(np.nan_to_num(centred), -_CLIP, _CLIP) / spread
        small = scaled.shape[1] < scaled.shape[0]
        values, vectors = np.linalg.eigh(scaled.T @ scaled if small else scaled @ scaled.T)
        top = vectors[:, np.argsort(-values, kind="stable")[:used]]
        loading = (top if small else scaled.T @ top) * spread[:, None]
        loading /= np.sqrt((loading**2).mean(axis=0)) + 1e-12
        c["loading"][:used, enough] = loading.T

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values = {
            "rows": self._columns.rows,
            "period": self._period,
            "used": self._used,
            "usual_scale": None if np.isnan(self._usual_scale) else self._usual_scale,
        }
        return values, self._columns.state()

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._columns = Columns.restored(self._kinds, values["rows"], arrays)
        self._period, self._used = values["period"], values["used"]
        self._usual_scale = float("nan") if values["usual_scale"] is None else values["usual_scale"]
