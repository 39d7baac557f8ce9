"""A manager's own choice of moves beside the proposed ones, both priced by the solver as of now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from schemas.errors import RefusedError
from schemas.rows import PlanFigures, SuggestionRow
from schemas.what_if import AccountsMove, Change, OtherLimit, WhatIfAnswer, WhatIfRequest


@dataclass(frozen=True, slots=True)
class Comparison:
    """The region today, with the moves as proposed, and with those that are chosen."""

    today: PlanFigures
    proposed: PlanFigures
    chosen: PlanFigures

    @property
    def worth_eur(self) -> float:
        """What the choice is worth beyond the proposal, EUR a year."""
        return self.proposed.total_eur - self.chosen.total_eur

    @property
    def travel_km(self) -> float:
        """What is driven beyond the proposal, km a year."""
        return self.chosen.travel_km - self.proposed.travel_km


def compared(
    suggestion: SuggestionRow, chosen: Mapping[str, str], ask: Callable[[WhatIfRequest], WhatIfAnswer]
) -> Comparison:
    """`chosen`: account -> rep. Raises RefusedError, WhatIfRefusedError, UnavailableError."""
    own = ask(question(suggestion, chosen))
    proposed = ask(question(suggestion, {move.account_id: move.to_rep for move in suggestion.moves}))
    return Comparison(proposed.today, proposed.nothing, own.nothing)


def question(suggestion: SuggestionRow, chosen: Mapping[str, str]) -> WhatIfRequest:
    """What if these moves were made and no other? Raises RefusedError for a choice that cannot be asked."""
    homes = {move.account_id: move.from_rep for move in suggestion.moves}
    by_rep: dict[str, list[str]] = {}
    for account_id, rep_id in sorted(chosen.items()):
        if rep_id != homes.get(account_id):
            by_rep.setdefault(rep_id, []).append(account_id)
    try:
        moves: list[Change] = [
            AccountsMove(rep_id=rep_id, account_ids=tuple(accounts)) for rep_id, accounts in sorted(by_rep.items())
        ]
        return WhatIfRequest(region_id=suggestion.region_id, changes=(*moves, OtherLimit(max_moves=0)))
    except ValidationError as error:
        raise RefusedError("no_question", error.errors()[0]["msg"], "move") from None
