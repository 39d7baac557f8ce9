"""The batch reference, in a process and an environment of its own: LightGBM, absolute loss, retrained every 26 weeks.

Usage: python lightgbm_peer.py IN.npz OUT.npy. IN: X (rows, 22), z (rows,) log targets (NaN: not known yet), weight,
week (rows,), start (first week to predict), horizon. OUT: (rows,) predictions of z, NaN before the first model.
"""

from __future__ import annotations

import sys

import lightgbm  # type: ignore[import-not-found,unused-ignore]  # in an environment of its own
import numpy as np

RETRAIN_WEEKS = 26
SETTINGS = {
    "objective": "l1",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "num_threads": 1,
    "seed": 1,
    "verbose": -1,
}
TREES = 300


def main() -> None:
    rows = np.load(sys.argv[1])
    X, z, weight, week = (rows[name] for name in ("X", "z", "weight", "week"))
    start, horizon = int(rows["start"]), int(rows["horizon"])
    said = np.full(len(z), np.nan)
    for origin in range(start, int(week.max()) + 1, RETRAIN_WEEKS):
        known = (week <= origin - horizon) & np.isfinite(z)
        model = lightgbm.train(SETTINGS, lightgbm.Dataset(X[known], z[known], weight=weight[known]), TREES)
        now = (week >= origin) & (week < origin + RETRAIN_WEEKS)
        said[now] = model.predict(X[now], num_threads=1)
    np.save(sys.argv[2], said)


if __name__ == "__main__":
    main()
