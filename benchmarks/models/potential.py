"""Account potential on the State of Iowa's wholesale orders: 2016 and 2017, after everything before has been streamed."""

from __future__ import annotations

import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.models.cold_start import cold_start
from infra.importers.mapping import load_mapping
from models.feature_rows import CORE
from models.features import origin_features
from models.history import Flags, Floats, WeeklyHistory
from models.market import EARLIEST_ORIGIN
from models.potential import PotentialModel
from models.segmentation import segments
from models.simple import SimpleForecasts
from models.windows import Past
from schemas.errors import TerradriftError
from schemas.settings import Calendar, Potential, Segments
from streams.cli.backtest.orders import Panel, read_panel

HORIZONS = (4, 13)
TEST_FROM = 207  # the origin at the end of 2015; labels lie in 2016 and 2017
PEER_PYTHON = Path(".venv-bench/bin/python")
MAPPING = Path("examples/iowa/mapping.toml")
DRAWS = 400
GOAL = {4: 0.09, 13: 0.09, 52: 0.0}


@dataclass(frozen=True, slots=True)
class Streamed:
    """What was said at each origin, (weeks, n): per horizon estimate, low, high; and the cost."""

    said: dict[int, NDArray[np.float64]]  # (3, weeks, n)
    segment: NDArray[np.str_]  # (weeks, n), by the potential of that week
    microseconds: float  # per account and week with history, everything a closing week does


def measure(data: Path) -> str:
    """All tables, as Markdown."""
    panel = _read(data / "iowa")
    streamed = _stream(panel)
    simple = _simple(panel)
    parts = [_head(panel)]
    rows, covered = [], []
    for horizon in (*HORIZONS, 52):
        judged, actual = _judged(panel, horizon)
        others = dict(simple[horizon])
        errors = {name: np.abs(one - actual) for name, one in others.items()}
        best = min(errors, key=lambda name: float(errors[name][judged].sum()))
        rows.append(_compared(horizon, best, streamed.said[horizon][0], errors[best], actual, judged))
        if horizon in HORIZONS:
            peer = _lightgbm(panel, horizon)
            if peer is not None:
                against = _compared(
                    horizon, "LightGBM, batch", streamed.said[horizon][0], np.abs(peer - actual), actual, judged
                )
                rows.append(against)
        rows += _until_last_order(panel, horizon, others, streamed.said[horizon][0], actual, judged)
        covered.append(_coverage(horizon, streamed, actual, judged))
    head = (
        "| horizon, rows | WAPE | beside | its WAPE | difference, 95 % by account bootstrap |\n|---|---:|---|---:|---:|"
    )
    parts.append("\n".join([head, *rows]))
    parts.append("\n".join(["| horizon | 80 % interval covers | A | B | C |", "|---|---:|---:|---:|---:|", *covered]))
    parts.append(cold_start(panel))
    parts.append(
        f"{streamed.microseconds:.1f} µs of CPU per account-week: learning, three horizons with intervals, blending, quality sums, analogies."
    )
    return "\n\n".join(parts)


def _read(folder: Path) -> Panel:
    orders = folder / "orders_2012_2017.csv.gz"
    if not orders.exists():
        raise TerradriftError(f"{orders} is not there; TERRADRIFT_DATA names the folder of the data")
    return read_panel(orders, folder / "stores.csv", load_mapping(MAPPING), Calendar(), lambda _: None)


def _stream(panel: Panel) -> Streamed:
    weeks, n = panel.revenue.shape
    model = PotentialModel(Potential(interval=0.8))
    for traits in panel.traits:
        model.add(traits)
    said = {h: np.full((3, weeks, n), np.nan) for h in (*HORIZONS, 52)}
    letters = np.full((weeks, n), "", dtype="U1")
    active = np.ones(n, bool)
    cpu, account_weeks = 0.0, 0
    for week, revenue in enumerate(panel.revenue):
        began = time.process_time()
        outcome = model.close_week(panel.first_monday + timedelta(weeks=week), revenue, active)
        if week >= TEST_FROM:
            cpu += time.process_time() - began
            account_weeks += int((outcome.observed_weeks > 0).sum())
        said[4][:, week] = outcome.estimate_4w, *outcome.bounds_4w
        said[13][:, week] = outcome.estimate_13w, *outcome.bounds_13w
        said[52][:, week] = outcome.estimate_52w, *outcome.bounds_52w
        letters[week] = segments(outcome.estimate_52w, letters[max(week - 1, 0)], Segments())
    return Streamed(said, letters, 1e6 * cpu / account_weeks)


def _simple(panel: Panel) -> dict[int, dict[str, Floats]]:
    """horizon -> name -> (weeks, n) EUR."""
    weeks, n = panel.revenue.shape
    simple = SimpleForecasts(n)
    said: dict[int, dict[str, Floats]] = {h: {} for h in (*HORIZONS, 52)}
    for week, revenue in enumerate(panel.revenue):
        simple.close_week(revenue)
        if week < TEST_FROM:
            continue
        for horizon, by_name in said.items():
            for name, one in simple.forecasts(horizon).items():
                by_name.setdefault(name, np.full((weeks, n), np.nan))[week] = one
    return said


def _judged(panel: Panel, horizon: int) -> tuple[Flags, Floats]:
    """(weeks, n) rows with a year of history behind them and a whole horizon before them, and what came."""
    weeks, n = panel.revenue.shape
    summed = np.concatenate([np.zeros((1, n)), np.cumsum(panel.revenue, axis=0)])
    actual = np.zeros((weeks, n))
    actual[: weeks - horizon] = summed[horizon + 1 :] - summed[1 : weeks + 1 - horizon]
    age = np.arange(weeks)[:, None] - (panel.revenue > 0).argmax(axis=0) + 1
    judged = (age >= 52) & (np.arange(weeks) >= TEST_FROM)[:, None] & (np.arange(weeks) < weeks - horizon)[:, None]
    return judged, actual


def _compared(label: object, name: str, said: Floats, other: Floats, actual: Floats, judged: Flags) -> str:
    ours = (np.abs(said - actual) * judged).sum(axis=0)
    theirs, came = (np.where(judged, other, 0).sum(axis=0), (actual * judged).sum(axis=0))
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, came.size, (DRAWS, came.size))
    low, high = np.quantile(ours[drawn].sum(axis=1) / theirs[drawn].sum(axis=1) - 1, [0.025, 0.975])
    change = ours.sum() / theirs.sum() - 1
    label = f"{label} weeks, all {int(judged.sum()):,}" if isinstance(label, int) else label
    wapes = ours.sum() / came.sum(), theirs.sum() / came.sum()
    return f"| {label} | {wapes[0]:.4f} | {name} | {wapes[1]:.4f} | {change:+.1%} [{low:+.1%}, {high:+.1%}] |"


def _until_last_order(
    panel: Panel, horizon: int, others: dict[str, Floats], said: Floats, actual: Floats, judged: Flags
) -> list[str]:
    """The same without the weeks after an account's last order, which only hindsight can leave out."""
    weeks = len(panel.revenue)
    last = weeks - 1 - (panel.revenue[::-1] > 0).argmax(axis=0)
    alive = judged & (np.arange(weeks)[:, None] + horizon <= last)
    errors = {name: np.abs(one - actual) for name, one in others.items()}
    best = min(errors, key=lambda name: float(errors[name][alive].sum()))
    label = f"{horizon} weeks, until the last order {int(alive.sum()):,}"
    return [_compared(label, best, said, errors[best], actual, alive)]


def _coverage(horizon: int, streamed: Streamed, actual: Floats, judged: Flags) -> str:
    _, low, high = streamed.said[horizon]
    inside = (low <= actual) & (actual <= high)
    parts = [judged] + [judged & (streamed.segment == letter) for letter in "ABC"]
    return f"| {horizon} weeks | " + " | ".join(f"{inside[rows].mean():.1%}" for rows in parts) + " |"


def _lightgbm(panel: Panel, horizon: int) -> Floats | None:
    """(weeks, n) EUR of the batch reference on the 22 core features; None without its environment."""
    if not PEER_PYTHON.exists():
        return None
    history = WeeklyHistory()
    weeks, n = panel.revenue.shape
    for _ in range(n):
        history.add()
    types = np.zeros(n, np.int32)
    _, actual = _judged(panel, horizon)
    X, z, weight, at = [], [], [], []
    origins = {}
    for week, revenue in enumerate(panel.revenue):
        history.close(revenue)
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
        np.savez(given, X=np.concatenate(X), z=np.concatenate(z), weight=np.concatenate(weight), week=place[0], start=TEST_FROM, horizon=horizon)  # fmt: skip
        script = Path(__file__).with_name("lightgbm_peer.py")
        subprocess.run([str(PEER_PYTHON), str(script), str(given), str(answer)], check=True)
        log_ratio = np.load(answer)
    said = np.zeros((weeks, n))
    for week, usable in origins.items():
        rows = place[1][place[0] == week]
        said[week, rows] = usable.euros(np.nan_to_num(log_ratio[place[0] == week]), horizon)
    return said


def _head(panel: Panel) -> str:
    orders = f"{len(panel.account_ids):,} accounts, {len(panel.revenue)} weeks"
    return (
        f"State of Iowa's wholesale orders, {orders}: streamed week by week through `models.potential.PotentialModel`; origins from the end of 2015 to "
        "the last whose horizon is complete; one row per account and week from a year after its first order on, weeks "
        "after its last order included. Simple: the best, in hindsight, of EWMA at eight rates, six moving means, seasonal naive, Croston, SBA and TSB."
    )
