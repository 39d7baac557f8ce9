"""The change budget: how much potential may still go from one rep to another, in a region and at each rep, in 90 days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from schemas.region_log import RepSet
from schemas.settings import Settings
from streams.handlers.region.roster import active_accounts
from streams.handlers.region.state import RegionState

BUDGET_DAYS = 90


def total_potential(state: RegionState, day: date) -> float:
    """EUR a year of all active accounts: what the budgets are shares of."""
    return sum(account.potential_eur for account in active_accounts(state, day))


def left(state: RegionState, day: date, total_eur: float, settings: Settings) -> float:
    """EUR of potential that may still move inside the rolling window."""
    since = day - timedelta(days=BUDGET_DAYS)
    state.moved_eur = [(moved_on, eur) for moved_on, eur in state.moved_eur if moved_on > since]
    return round(max(settings.change.budget_share_90_days * total_eur - sum(eur for _, eur in state.moved_eur), 0.0), 2)


def left_by_rep(
    state: RegionState, reps: list[RepSet], day: date, total_eur: float, settings: Settings
) -> NDArray[np.float64]:
    """(k,) EUR of potential that may still come to or leave each rep inside the rolling window, by the fair share."""
    since = day - timedelta(days=BUDGET_DAYS)
    state.moved_by_rep = [move for move in state.moved_by_rep if move[0] > since]
    spent: dict[str, float] = {}
    for _, rep_id, eur in state.moved_by_rep:
        spent[rep_id] = spent.get(rep_id, 0.0) + eur
    fair = np.array(list(fair_potential(reps, total_eur).values()))
    gone = np.array([spent.get(rep.rep_id, 0.0) for rep in reps])
    return np.asarray(np.round(np.maximum(settings.change.rep_budget_share_90_days * fair - gone, 0.0), 2), np.float64)


def fair_potential(reps: list[RepSet], total_eur: float) -> dict[str, float]:
    """EUR a year each rep should hold of a total: proportional to hours and seniority, as in `solvers.penalty.fair_shares`."""
    ready = {rep.rep_id: rep.weekly_hours * rep.seniority for rep in reps}
    whole = sum(ready.values())
    return {rep_id: total_eur * hours / whole for rep_id, hours in ready.items()}
