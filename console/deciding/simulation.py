"""What a manager's own choice of moves would do to each territory, before it is decided. Sums only: no solver is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.reading.answers.territories import Territory
from schemas.rows import MoveRow, SuggestionRow, TerritoryEffect


@dataclass(slots=True)
class _Holding:
    """A territory as moves go in and out. `fair_eur` None: nobody knows its fair share."""

    accounts: int
    potential_eur: float
    hours: float
    fair_eur: float | None

    def take(self, move: MoveRow, sign: int) -> None:
        self.accounts += sign
        self.potential_eur += sign * move.potential_eur
        self.hours += sign * move.hours

    def deviation(self) -> float:
        return self.potential_eur / self.fair_eur - 1 if self.fair_eur else 0.0


def simulated(
    suggestion: SuggestionRow, chosen: Mapping[str, str], territories: Sequence[Territory]
) -> tuple[TerritoryEffect, ...]:
    """Each territory that the chosen moves (account -> rep) or the proposed ones touch, before and after, by rep.

    Accounts that are not part of the suggestion are left out: nothing is known of their work here.
    """
    before = {effect.rep_id: _proposed(effect) for effect in suggestion.effects}
    for territory in territories:
        before.setdefault(territory.rep_id, _standing(territory))
    after = {rep_id: _Holding(h.accounts, h.potential_eur, h.hours, h.fair_eur) for rep_id, h in before.items()}
    touched = {effect.rep_id for effect in suggestion.effects}
    for move in suggestion.moves:
        target = chosen.get(move.account_id)
        if target is None or target == move.from_rep:
            continue
        for rep_id, sign in ((move.from_rep, -1), (target, 1)):
            if rep_id in after:
                after[rep_id].take(move, sign)
                touched.add(rep_id)
    return tuple(
        TerritoryEffect(
            rep_id=rep_id,
            potential_before_eur=before[rep_id].potential_eur,
            potential_after_eur=after[rep_id].potential_eur,
            hours_before=before[rep_id].hours,
            hours_after=after[rep_id].hours,
            accounts_before=before[rep_id].accounts,
            accounts_after=after[rep_id].accounts,
            deviation_before=before[rep_id].deviation(),
            deviation_after=after[rep_id].deviation(),
        )
        for rep_id in sorted(touched)
    )


def _proposed(effect: TerritoryEffect) -> _Holding:
    """The territory before, with its fair share from whichever side tells it."""
    sides = (
        (effect.potential_before_eur, effect.deviation_before),
        (effect.potential_after_eur, effect.deviation_after),
    )
    fair = next((eur / (1 + deviation) for eur, deviation in sides if eur > 0 and deviation > -1), None)
    return _Holding(effect.accounts_before, effect.potential_before_eur, effect.hours_before, fair)


def _standing(territory: Territory) -> _Holding:
    fair = None
    if territory.deviation is not None and territory.deviation > -1 and territory.potential_eur > 0:
        fair = territory.potential_eur / (1 + territory.deviation)
    return _Holding(territory.accounts, territory.potential_eur, territory.work_hours or 0.0, fair)
