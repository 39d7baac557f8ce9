"""Which rule forbids that an account of a plan goes to another rep, all else as planned."""

from __future__ import annotations

import numpy as np

from solvers.contiguity import pieces
from solvers.objective import Costs
from solvers.problem import Ints


def rule_against(costs: Costs, plan: Ints, account: int, rep: int) -> str:
    """The word of the rule, as the judge has it (`solvers.verify`); "" where none forbids it."""
    p, now = costs.problem, int(plan[account])
    if not costs.allowed[account, rep]:
        return "eligibility"
    count = np.bincount(plan, minlength=p.reps)
    today = np.bincount(p.current[p.current >= 0], minlength=p.reps)
    if p.most_accounts is not None and count[rep] + 1 > max(p.most_accounts, int(today[rep])):
        return "most_accounts"
    if count[now] - 1 < min(p.least_accounts, int(today[now])):
        return "least_accounts"
    after = plan.copy()
    after[account] = rep
    return _budget(costs, after) or _barrier(costs, after, account) or _contiguity(costs, plan, after)


def _budget(costs: Costs, plan: Ints) -> str:
    p = costs.problem
    moved = (plan != p.current) & (p.current >= 0)
    if p.move_budget is not None and float(p.potential[moved].sum()) > p.move_budget + 0.01:
        return "move_budget"
    if p.rep_move_budget is None:
        return ""
    of_rep = np.bincount(plan[moved], p.potential[moved], p.reps) + np.bincount(
        p.current[moved], p.potential[moved], p.reps
    )
    return "rep_move_budget" if (of_rep > p.rep_move_budget + 0.01).any() else ""


def _barrier(costs: Costs, plan: Ints, account: int) -> str:
    p = costs.problem
    if p.apart is None or not len(p.apart):
        return ""
    a, b = p.apart[(p.apart == account).any(axis=1)].T
    shared_today = (p.current[a] == p.current[b]) & (p.current[a] >= 0)
    return "apart" if ((plan[a] == plan[b]) & ~shared_today).any() else ""


def _contiguity(costs: Costs, plan: Ints, after: Ints) -> str:
    hard = costs.problem.contiguity == "hard"
    return "contiguity" if hard and pieces(costs.problem, after) > pieces(costs.problem, plan) else ""
