"""The stops of the slider on a suggestion: how many moves, what they save, and which they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.rows import SuggestionRow


@dataclass(frozen=True, slots=True)
class Step:
    """The best plan found with at most `moves` moves; EUR a year. `chosen`: account -> rep, orphans too.

    `most_eur` is what no plan of so many moves can save more than. The last step is the suggestion itself.
    """

    moves: int
    cost_eur: float
    saving_eur: float
    most_eur: float
    balance_eur: float | None
    max_deviation: float
    chosen: Mapping[str, str]
    is_proposal: bool = False


def steps(suggestion: SuggestionRow) -> list[Step]:
    """Rising: the smaller plans of the frontier, each once, then the suggestion. Only the latter where nothing else is known."""
    counted = sum(1 for move in suggestion.moves if move.from_rep)
    found: list[Step] = []
    for point in suggestion.frontier:
        chosen = {m.account_id: m.to_rep for m in suggestion.frontier_moves if m.move_limit == point.move_limit}
        if point.move_limit >= counted or not chosen or (found and chosen == found[-1].chosen):
            continue
        found.append(
            Step(
                moves=point.move_limit,
                cost_eur=point.objective_eur,
                saving_eur=suggestion.objective_before_eur - point.objective_eur,
                most_eur=suggestion.objective_before_eur - point.bound_eur,
                balance_eur=point.balance_eur,
                max_deviation=point.max_deviation,
                chosen=chosen,
            )
        )
    whole = Step(
        moves=counted,
        cost_eur=suggestion.objective_after_eur,
        saving_eur=suggestion.worth_eur,
        most_eur=suggestion.objective_before_eur - suggestion.bound_eur,
        balance_eur=None,
        max_deviation=suggestion.max_deviation_after,
        chosen={move.account_id: move.to_rep for move in suggestion.moves},
        is_proposal=True,
    )
    return [*found, whole]


def others(suggestion: SuggestionRow, stops: list[Step]) -> list[str]:
    """Accounts that a smaller plan would move and the suggestion would not, by id."""
    proposed = {move.account_id for move in suggestion.moves}
    return sorted({account for step in stops for account in step.chosen} - proposed)
