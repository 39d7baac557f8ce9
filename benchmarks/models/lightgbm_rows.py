"""The batch reference on a panel: rows for LightGBM, which learns and predicts in a process of its own."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from models.feature_rows import CORE
from models.features import origin_features
from models.history import Floats, WeeklyHistory
from models.market import EARLIEST_ORIGIN
from models.windows import Past

PEER_PYTHON = Path(".venv-bench/bin/python")


def batch_forecasts(revenue: Floats, actual: Floats, horizon: int, start: int) -> Floats | None:
    """(weeks, n) EUR of the batch reference on the 22 core features from week `start` on; None without its environment.

    revenue, actual: (weeks, n) of each week, and of the horizon after it.
    """
    if not PEER_PYTHON.exists():
        return None
    history = WeeklyHistory()
    weeks, n = revenue.shape
    for _ in range(n):
        history.add()
    types = np.zeros(n, np.int32)
    X, z, weight, at = [], [], [], []
    origins = {}
    for week, eur in enumerate(revenue):
        history.close(eur)
        if week < EARLIEST_ORIGIN:
            continue
        usable = origins[week] = origin_features(history, Past(history, week), horizon, types)
        rows = usable.rows
        X.append(usable.base[:, :CORE].astype(np.float32))
        target = usable.target(actual[week, rows], horizon)
        z.append(target if week + horizon < weeks else np.full(rows.size, np.nan))
        weight.append(np.sqrt(usable.ref))
        at.append(np.stack([np.full(rows.size, week), rows]))
    place = np.concatenate(at, axis=1)
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "in.npz", Path(folder) / "out.npy"
        np.savez(given, X=np.concatenate(X), z=np.concatenate(z), weight=np.concatenate(weight), week=place[0], start=start, horizon=horizon)  # fmt: skip
        script = Path(__file__).with_name("lightgbm_peer.py")
        subprocess.run([str(PEER_PYTHON), str(script), str(given), str(answer)], check=True)
        log_ratio = np.load(answer)
    said = np.zeros((weeks, n))
    for week, usable in origins.items():
        rows = place[1][place[0] == week]
        said[week, rows] = usable.euros(np.nan_to_num(log_ratio[place[0] == week]), horizon)
    return said
