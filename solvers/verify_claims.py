"""Whether a solution says the truth: its moves, money, balances, bound and gap against the judge's own arithmetic."""

from __future__ import annotations

import math

import numpy as np

from solvers.problem import Problem
from solvers.solution import Move, Solution
from solvers.verify import CENT, Violation, verify
from solvers.verify_ledger import Ledger

RELATIVE = 1e-9


def verify_solution(problem: Problem, solution: Solution) -> list[Violation]:
    """Everything `verify` checks, and every claim: ids, moves, objective, terms, worth, balances, bound and gap."""
    if solution.account_ids != problem.account_ids:
        return [Violation("complete", "the solution speaks of other accounts")]
    found = verify(problem, solution.assignment)
    if found:
        return found
    ledger = Ledger(problem, solution.assignment)
    found += _moves_match(problem, solution)
    found += _differs("objective", "after", ledger.total(), solution.after.total_eur)
    for name, value in ledger.terms().items():
        found += _differs("terms", name, value, getattr(solution.after, name))
    for move in solution.moves:
        found += _worth_holds(problem, ledger, move)
    found += _balances_match(ledger, solution)
    if solution.after.total_eur < solution.bound_eur - CENT - RELATIVE * abs(solution.bound_eur):
        found.append(Violation("bound", f"plan {solution.after.total_eur} is below its bound {solution.bound_eur}"))
    if solution.after.total_eur > solution.before.total_eur + CENT:
        found.append(Violation("no harm", "the plan is worse than doing nothing"))
    gap = max(0.0, ledger.total() - solution.bound_eur) / max(solution.bound_eur, 1.0)
    return found + _differs("gap", "gap", gap, solution.gap)


def _moves_match(problem: Problem, solution: Solution) -> list[Violation]:
    claimed = {m.account_id: (m.from_rep, m.to_rep) for m in solution.moves}
    names = ("", *problem.rep_ids)
    today = [names[int(j) + 1] for j in problem.current]
    changes = zip(problem.account_ids, today, solution.assignment, strict=True)
    real = {account: (old, new) for account, old, new in changes if old != new}
    return [] if claimed == real else [Violation("moves", "the moves listed are not those of the assignment")]


def _worth_holds(problem: Problem, ledger: Ledger, move: Move) -> list[Violation]:
    """The worth of a move, recomputed, its shares, and the least a move must earn."""
    p, i = problem, problem.account_ids.index(move.account_id)
    to, now = ledger.plan[i], int(p.current[i])
    if now >= 0:
        worth = ledger.change_by(i, now)
    else:
        ways = [j for j in range(p.reps) if j != to and (p.eligible is None or p.eligible[i, j])]
        worth = min((ledger.change_by(i, j) for j in ways), default=0.0)
    found = _differs("worth", move.account_id, worth, move.worth_eur)
    found += _differs("shares", move.account_id, move.worth.total_eur, move.worth_eur)
    if now >= 0 and worth < p.min_move_worth - CENT and _may_be_undone(p, ledger.plan, i):
        found.append(Violation("min_move_worth", f"{move.account_id} earns {worth:.2f}, less than {p.min_move_worth}"))
    return found


def _may_be_undone(p: Problem, plan: list[int], account: int) -> bool:
    """Whether the plan keeps every rule without this one move; a move that others rest on cannot be judged alone."""
    names = [p.rep_ids[j] for j in plan]
    names[account] = p.rep_ids[int(p.current[account])]
    return not verify(p, names)


def _balances_match(ledger: Ledger, solution: Solution) -> list[Violation]:
    found = []
    for j, rep in enumerate(solution.reps):
        found += _differs("balances", f"potential of {rep.rep_id}", ledger.load[j], rep.after.potential_eur)
        found += _differs("balances", f"hours of {rep.rep_id}", ledger.hours[j], rep.after.hours)
    per_capacity = np.array(ledger.load) / np.array(ledger.ready)
    std = 100 * float(np.std(per_capacity) / np.mean(per_capacity)) if per_capacity.any() else 0.0
    return found + _differs("balances", "spread", std, solution.spread_after.std_percent)


def _differs(rule: str, what: str, right: float, claimed: float) -> list[Violation]:
    if math.isclose(right, claimed, rel_tol=1e-7, abs_tol=CENT):
        return []
    return [Violation(rule, f"{what}: claimed {claimed}, is {right}")]
