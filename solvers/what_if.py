"""What would happen if: a region after imagined changes, solved, beside today and beside doing nothing."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.errors import TerradriftError
from schemas.what_if import Change, WhatIfAnswer
from solvers.budget import Budget
from solvers.figures import by_ids, figures, plan_of
from solvers.limited import rebalance_within
from solvers.objective import costs_of
from solvers.orphans import baseline
from solvers.situation import Situation, changed
from solvers.telling import effects, move_row
from solvers.verdicts import verdicts
from solvers.verify_claims import verify_solution


def what_if(situation: Situation, changes: Sequence[Change] = (), budget: Budget | None = None) -> WhatIfAnswer:
    """The answer to a question. Raises WhatIfRefusedError when the changes make no sense here."""
    after, told = changed(situation, changes)
    solution = rebalance_within(after.problem, budget, currency=situation.currency)
    violations = verify_solution(after.problem, solution)
    if violations:
        raise TerradriftError(f"the plan was refuted: {violations[0].rule}: {violations[0].detail}")
    today, today_places = by_ids(situation.problem, situation.places)
    problem, places = by_ids(after.problem, after.places)
    costs = costs_of(problem)
    plan = plan_of(problem, dict(zip(solution.account_ids, solution.assignment, strict=True)))
    found = figures(costs, plan, places)
    return WhatIfAnswer(
        region_id=situation.region_id,
        as_of=situation.as_of,
        config_version=situation.config_version,
        told=told,
        today=figures(costs_of(today), today.current, today_places),
        nothing=figures(costs, baseline(costs), places),
        plan=found,
        worth_eur=solution.saving_eur,
        bound_eur=solution.bound_eur,
        gap_share=solution.gap,
        moves=tuple(move_row(move) for move in solution.moves),
        effects=effects(solution),
        within_corridor=found.max_deviation <= after.tolerance,
        stopped_by=solution.stopped_by,
        notes=tuple(str(verdict) for verdict in verdicts(after.problem)),
    )
