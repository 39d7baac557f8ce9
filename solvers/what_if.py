"""What would happen if: a region after imagined changes, solved, beside today and beside doing nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from schemas.errors import TerradriftError
from schemas.rows import PlanFigures
from schemas.what_if import Change, WhatIfAnswer
from solvers.budget import Budget
from solvers.describe import balances
from solvers.figures import by_ids, figures, plan_of
from solvers.limited import rebalance_within
from solvers.objective import Costs, costs_of
from solvers.orphans import baseline
from solvers.problem import ORPHAN, Ints, Problem, ProblemError
from solvers.relief import relief_of, relieved
from solvers.situation import Situation, changed
from solvers.telling import effects, move_row, verdict_rows
from solvers.verdicts import verdicts
from solvers.verify_claims import verify_solution


def what_if(situation: Situation, changes: Sequence[Change] = (), budget: Budget | None = None) -> WhatIfAnswer:
    """The answer to a question. Raises WhatIfRefusedError when the changes make no sense here."""
    after, told = changed(situation, changes)
    after = replace(after, problem=relieved(after.problem, relief_of(after.problem)))
    solution = rebalance_within(after.problem, budget, currency=situation.currency)
    violations = verify_solution(after.problem, solution)
    if violations:
        raise TerradriftError(f"the plan was refuted: {violations[0].rule}: {violations[0].detail}")
    today, today_places = by_ids(situation.problem, situation.places)
    problem, places = by_ids(after.problem, after.places)
    costs = costs_of(problem)
    plan = plan_of(problem, dict(zip(solution.account_ids, solution.assignment, strict=True)))
    today_costs = costs_of(today)
    as_is = figures(today_costs, today.current, today_places)
    nothing = _with_given(figures(costs, baseline(costs), places), costs, after.given)
    found = _with_given(figures(costs, plan, places), costs, after.given)
    bound = solution.bound_eur + found.total_eur - solution.after.total_eur
    by_rep = balances(costs, plan, _before_giving(problem, after.given))
    limits = verdicts(after.problem)
    return WhatIfAnswer(
        region_id=situation.region_id,
        as_of=situation.as_of,
        config_version=situation.config_version,
        told=told,
        today=as_is,
        nothing=nothing,
        plan=found,
        cost_eur=_less_placed(nothing, today_costs) if problem.weights == today.weights else None,
        worth_eur=solution.saving_eur,
        bound_eur=bound,
        gap_share=max(0.0, found.total_eur - bound) / max(bound, 1.0),
        moves=tuple(move_row(move) for move in solution.moves),
        effects=effects(replace(solution, reps=tuple(by_rep[rep] for rep in after.problem.rep_ids))),
        within_corridor=found.max_deviation <= after.tolerance,
        stopped_by=solution.stopped_by,
        notes=tuple(str(verdict) for verdict in limits),
        verdicts=verdict_rows(limits),
    )


def _less_placed(nothing: PlanFigures, today: Costs) -> float | None:
    """What the changes cost a year: accounts that have no rep already today would be given one without them, too."""
    try:
        return nothing.total_eur - today.total(baseline(today))
    except ProblemError:
        return None


def _with_given(plan: PlanFigures, costs: Costs, given: Mapping[str, str]) -> PlanFigures:
    """The figures with the price of handing over what the question gives away: to the search it has happened."""
    p = costs.problem
    handed = np.array([account in given for account in p.account_ids]) & ~p.orphan
    change = float(costs.change[handed].sum())
    return plan.model_copy(
        update={
            "total_eur": plan.total_eur + change,
            "change_eur": plan.change_eur + change,
            "move_count": plan.move_count + int(handed.sum()),
            "potential_moved_eur": plan.potential_moved_eur + float(p.potential[handed].sum()),
        }
    )


def _before_giving(p: Problem, given: Mapping[str, str]) -> Ints:
    """(n,) who serves each account today, before the question gave any away."""
    index = {rep: j for j, rep in enumerate(p.rep_ids)}
    before = p.current.copy()
    for i, account in enumerate(p.account_ids):
        if account in given:
            before[i] = index.get(given[account], ORPHAN)
    return before
