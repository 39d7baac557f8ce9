"""The linear programme behind the bound, by column generation over ALL reps; its duals are the best prices.

OR-Tools' GLOP with the dual simplex gives correct duals. Only the prices are taken from it: `bound.certificate`
recomputes what they prove.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sparse
from ortools.linear_solver.python.model_builder_helper import ModelBuilderHelper, ModelSolverHelper

from solvers.bound import Bound, Prices, certificate, reduced_costs
from solvers.objective import Costs
from solvers.penalty import Penalty
from solvers.problem import Bools, Floats, Ints

FIRST_COLUMNS_WITHIN = 150.0  # EUR of reduced cost at the warm prices
COLUMNS_PER_ROUND = 3  # per account
ROUNDS = 30
PRICED_OUT = 1e-6  # EUR


def sharpen(costs: Costs, bound: Bound, expired: Callable[[], bool] = lambda: False) -> Bound:
    """The best bound found from the prices of the linear programme, starting at `bound`; never a worse one.

    Its plan is the programme's, each account at its largest share: few accounts are split, so it is nearly balanced.
    """
    reduced = reduced_costs(costs, bound.prices)
    kept = reduced <= FIRST_COLUMNS_WITHIN
    served = np.flatnonzero(~costs.problem.orphan)
    kept[served, costs.problem.current[served]] = True  # so that a limit on moves can always be met
    best = bound
    for _ in range(ROUNDS):
        if expired():
            break
        answer = _solve(costs, kept)
        if answer is None:
            break
        prices, plan = answer
        found = certificate(costs, prices)
        if found.value > best.value:
            best = replace(found, plan=plan)
        missing = _priced_out(reduced_costs_within(costs, prices, kept), kept)
        if not missing.any():
            break
        kept |= missing
    return best


def reduced_costs_within(costs: Costs, prices: Prices, kept: Bools) -> Floats:
    """(n, k) EUR against the cheapest KEPT pair of the account: below 0 means the pair would improve the programme."""
    reduced = reduced_costs(costs, prices)
    return np.asarray(reduced - np.where(kept, reduced, np.inf).min(1, keepdims=True))


def _priced_out(reduced: Floats, kept: Bools) -> Bools:
    """The few best missing columns of each account."""
    reduced = np.where(kept, np.inf, reduced)
    few = min(COLUMNS_PER_ROUND, reduced.shape[1])
    rank = np.argpartition(reduced, few - 1, axis=1)[:, :few]
    missing = np.zeros_like(kept)
    np.put_along_axis(missing, rank, np.take_along_axis(reduced, rank, 1) < -PRICED_OUT, axis=1)
    return missing


def _solve(costs: Costs, kept: Bools) -> tuple[Prices, Ints] | None:
    """Prices and rounded plan (n,) of the programme on the kept columns; None when GLOP does not answer."""
    n, k = kept.shape
    account, rep = np.nonzero(kept)
    columns = len(account)
    solver = _glop(costs, account, rep)
    if not solver.has_solution():
        return None
    duals = np.asarray(solver.dual_values())
    shares = np.full((n, k), -1.0)
    shares[account, rep] = np.asarray(solver.variable_values())[:columns]
    prices = Prices(-duals[n : n + k], -duals[n + k : n + 2 * k], max(0.0, -float(duals[-1])))
    return prices, np.asarray(shares.argmax(1))


def _glop(costs: Costs, account: Ints, rep: Ints) -> ModelSolverHelper:
    """Build and solve. Rows: one per account (it has one rep), k of potential, k of hours, one for the moves.

    Columns: the pairs (account[c], rep[c]), then the segments of the balance and of the overtime penalty.
    """
    p, columns = costs.problem, np.arange(len(account))
    n, k = p.accounts, p.reps
    balance = _Segments.of(costs.balance, p.potential.sum())
    overtime = _Segments.of(costs.overtime, p.hours.sum())
    segments = sparse.block_diag([balance.matrix, overtime.matrix])
    pairs = sparse.vstack(
        [
            sparse.csr_matrix((np.ones(len(account)), (account, columns)), (n, len(account))),
            sparse.csr_matrix((p.potential[account], (rep, columns)), (k, len(account))),
            sparse.csr_matrix((p.hours[account], (rep, columns)), (k, len(account))),
            sparse.csr_matrix(costs.changes[account, rep].astype(np.float64)[None, :]),
        ]
    )
    width = segments.shape[1]
    filled = sparse.vstack([sparse.csr_matrix((n, width)), segments, sparse.csr_matrix((1, width))])
    most = np.inf if p.max_moves is None else float(p.max_moves)
    rows = np.concatenate([np.ones(n), np.zeros(2 * k), [most]])
    vectors: list[Any] = [  # the stub of the call mistakes the dtype for the shape
        np.zeros(len(account) + width),
        np.concatenate([np.full(len(account), np.inf), balance.width, overtime.width]),
        np.concatenate([costs.fixed[account, rep], balance.slope, overtime.slope]),
        np.concatenate([rows[:-1], [-np.inf]]),
        rows,
        sparse.csr_matrix(sparse.hstack([pairs, filled])),
    ]
    model, solver = ModelBuilderHelper(), ModelSolverHelper("glop")
    model.fill_model_from_sparse_data(*vectors)
    solver.set_solver_specific_parameters("use_dual_simplex:true")
    solver.solve(model)
    return solver


class _Segments:
    """A penalty as variables: load = sum of the segments filled, each with its slope, cheapest first by convexity."""

    def __init__(self, matrix: sparse.csr_matrix, width: Floats, slope: Floats) -> None:
        self.matrix, self.width, self.slope = matrix, width, slope

    @classmethod
    def of(cls, penalty: Penalty, most: float) -> _Segments:
        points = np.sort(penalty.breakpoints(most), axis=0)  # (q + 2, k)
        width = np.diff(points, axis=0)
        rise = np.diff(penalty(points), axis=0)
        slope = np.divide(rise, width, out=np.zeros_like(rise), where=width > 0)
        segments, k = width.shape
        rows = np.tile(np.arange(k), segments)
        matrix = sparse.csr_matrix((-np.ones(segments * k), (rows, np.arange(segments * k))), (k, segments * k))
        return cls(matrix, width.ravel(), slope.ravel())
