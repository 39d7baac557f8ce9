"""What a plan costs should the potentials come out otherwise: ways, hours and pieces stay, only change and balance do not."""

from __future__ import annotations

import numpy as np

from solvers.objective import Costs
from solvers.penalty import potential_penalty
from solvers.problem import Floats, Ints


def totals(costs: Costs, plan: Ints, drawn: Floats) -> Floats:
    """(s,) EUR a year of a complete plan (n,) of rep indices under each row of `drawn` (s, n) potentials, EUR a year.

    What `costs_of` the problem at those potentials would say of the plan, without pricing every pair anew.
    """
    p, terms = costs.problem, costs.terms(plan)
    share = p.readiness / p.readiness.sum()
    changed = costs.changes[np.arange(p.accounts), plan]
    told = np.empty(len(drawn))
    for s, potential in enumerate(drawn):
        change = (p.weights.handover + p.weights.churn_share * potential[changed]).sum()
        load = np.bincount(plan, potential, p.reps).astype(np.float64)
        balance = potential_penalty(potential.sum() * share, p.weights)(load).sum()
        told[s] = terms.travel_eur + change + balance + terms.overtime_eur + terms.contiguity_eur
    return told
