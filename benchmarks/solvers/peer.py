"""One peer on one instance, in the peers' own environment: `python peer.py NAME IN.npz OUT.npz SECONDS`.

Reads the arrays that `peers.py` writes; writes `plan` (n,) rep index of each account and `seconds` of CPU. Imports nothing of
Terradrift, and each peer only itself: HiGHS and OR-Tools do not live in one process.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

TOLERANCE = 0.03
NEAREST = 8


def b2b(given: Any, _: float) -> Any:
    """b2b-territory-optimization: its best suggestion from the richest to the poorest territory until all are within 3 %."""
    import pandas as pd
    from b2b_territory_optimization import ReassignmentEngine

    plan = _nearest_for_orphans(given)
    frame = pd.DataFrame({"Account_ID": [f"A{i}" for i in range(len(plan))], "Account_Name": "", "Estimated_TAM": given["potential"]})  # fmt: skip
    frame["Territory_ID"] = [f"T{j}" for j in plan]
    engine = ReassignmentEngine(frame, "Estimated_TAM")
    for _ in range(len(plan)):
        told = engine.get_imbalance()
        if told["Variance_Pct"].abs().max() <= 100 * TOLERANCE:
            break
        suggested = engine.suggest_rebalance(told["Territory_ID"].iloc[0], told["Territory_ID"].iloc[-1], top_n=1)
        if not suggested:
            break
        for account in suggested[0]["Accounts"]:
            engine.move_account(account["Account_ID"], suggested[0]["To"])
    return np.array([int(name[1:]) for name in engine.df["Territory_ID"]])


def k_means(given: Any, _: float) -> Any:
    """k-means-constrained: numbers of accounts within 10 % of each other; each cluster goes to the rep of the nearest home."""
    from k_means_constrained import KMeansConstrained
    from scipy.optimize import linear_sum_assignment

    home, xy = given["home"], given["xy"]
    mean = len(xy) / len(home)
    model = KMeansConstrained(len(home), size_min=int(0.9 * mean), size_max=int(1.1 * mean) + 1, init=home, n_init=1, random_state=7)  # fmt: skip
    cluster = model.fit_predict(xy)
    apart = ((model.cluster_centers_[:, None] - home[None]) ** 2).sum(-1)
    return np.asarray(linear_sum_assignment(apart)[1])[cluster]


def skater(given: Any, _: float) -> Any:
    """spopt's Skater: connected regions of like potential; each goes to the rep who serves most of it."""
    import geopandas
    from libpysal.weights import W
    from spopt.region import Skater

    near: dict[int, list[int]] = {i: [] for i in range(len(given["xy"]))}
    for a, b in given["edges"].tolist():
        near[a].append(b)
        near[b].append(a)
    frame = geopandas.GeoDataFrame({"x": given["xy"][:, 0], "y": given["xy"][:, 1]}, geometry=geopandas.points_from_xy(*given["xy"].T))  # fmt: skip
    reps = len(given["home"])
    model = Skater(frame, W({i: sorted(set(others)) for i, others in near.items()}), ["x", "y"], n_clusters=reps)
    model.solve()
    label = np.unique(np.asarray(model.labels_), return_inverse=True)[1]
    served = given["current"] >= 0
    most = [
        np.bincount(given["current"][(label == r) & served], minlength=reps).argmax() for r in range(label.max() + 1)
    ]
    return np.array(most)[label]


def highs(given: Any, seconds: float) -> Any:
    """HiGHS: the same objective as an integer programme over the 8 cheapest reps of each account and its own."""
    import highspy

    fixed, current = given["fixed"], given["current"]
    n, k = fixed.shape
    keep = np.zeros((n, k), bool)
    np.put_along_axis(keep, np.argsort(fixed, 1)[:, : min(NEAREST, k)], True, 1)
    served = np.flatnonzero(current >= 0)
    keep[served, current[served]] = True
    account, rep = np.nonzero(keep)
    pairs, slopes = len(account), [*given["balance_slopes"], *given["overtime_slopes"]]
    kinks = [*given["balance_kinks"], *given["overtime_kinks"]]
    signs = [*given["balance_signs"], *given["overtime_signs"]]
    amounts = [given["potential"]] * len(given["balance_slopes"]) + [given["hours"]] * len(given["overtime_slopes"])
    start, index, value, low, high = [0], [], [], [], []
    for i in range(n):
        own = np.flatnonzero(account == i)
        index += own.tolist()
        value += [1.0] * len(own)
        start.append(len(index))
        low.append(1.0)
        high.append(1.0)
    for q in range(len(slopes)):
        for j in range(k):
            own = np.flatnonzero(rep == j)
            index += [*own.tolist(), pairs + q * k + j]
            value += [*(signs[q] * amounts[q][account[own]]).tolist(), -1.0]
            start.append(len(index))
            low.append(-highspy.kHighsInf)
            high.append(float(signs[q] * kinks[q][j]))
    programme = highspy.HighsLp()
    extra = len(slopes) * k
    programme.num_col_, programme.num_row_ = pairs + extra, len(low)
    programme.col_cost_ = np.concatenate([fixed[account, rep], np.repeat(slopes, k)])
    programme.col_lower_ = np.zeros(pairs + extra)
    programme.col_upper_ = np.concatenate([np.ones(pairs), np.full(extra, highspy.kHighsInf)])
    programme.row_lower_, programme.row_upper_ = np.array(low), np.array(high)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = np.array(start), np.array(index)
    programme.a_matrix_.value_ = np.array(value)
    programme.integrality_ = [highspy.HighsVarType.kInteger] * pairs + [highspy.HighsVarType.kContinuous] * extra
    solver = highspy.Highs()
    for option, chosen in (("threads", 1), ("time_limit", seconds), ("output_flag", False)):
        solver.setOptionValue(option, chosen)
    solver.passModel(programme)
    solver.run()
    taken = np.array(solver.getSolution().col_value)[:pairs]
    share = np.zeros((n, k))
    share[account, rep] = taken
    if share.max() < 0.5:
        raise RuntimeError("no plan within the time")
    return share.argmax(1)


def _nearest_for_orphans(given: Any) -> Any:
    plan = given["current"].copy()
    orphan = np.flatnonzero(plan < 0)
    apart = ((given["xy"][orphan, None] - given["home"][None]) ** 2).sum(-1)
    plan[orphan] = apart.argmin(1)
    return plan


PEERS = {"b2b-territory-optimization": b2b, "k-means-constrained": k_means, "spopt": skater, "highspy": highs}


def main() -> None:
    name, source, target, seconds = sys.argv[1:]
    with np.load(source) as given:
        arrays = dict(given)
    begun = time.process_time()
    plan = PEERS[name](arrays, float(seconds))
    np.savez(target, plan=plan, seconds=time.process_time() - begun)


if __name__ == "__main__":
    main()
