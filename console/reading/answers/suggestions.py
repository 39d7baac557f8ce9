"""Suggestions and their moves: proposed, challenged, made, and measured afterwards."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, ConfigDict

from console.reading.answers.answer import Answer
from schemas.rows import SuggestionRow


class Suggestion(SuggestionRow):
    """A suggestion as it stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @property
    def worth_per_disruption(self) -> float:
        """EUR a year for each EUR of potential that changes hands: what the inbox is ranked by."""
        return self.worth_eur / max(self.potential_moved_eur, 1)


class ProposedMove(Answer):
    """A move of a suggestion on which nobody has decided yet."""

    suggestion_id: str
    account_id: str
    name: str
    region_id: str
    from_rep: str
    to_rep: str
    reason: str
    potential_eur: float
    hours: float
    travel_km: float
    change_eur: float
    worth_eur: float


class Challenge(Answer):
    """What a rep has against a move, with the state of the suggestion it belongs to."""

    suggestion_id: str
    region_id: str
    status: str
    account_id: str
    name: str
    from_rep: str
    to_rep: str
    reason: str
    challenged_by: str
    challenged_at: AwareDatetime


class Change(Answer):
    """An account that changed its rep, or will (`coming`)."""

    change_id: str
    account_id: str
    name: str
    region_id: str
    from_rep: str
    to_rep: str
    valid_from: date
    kind: str
    suggestion_id: str
    decision_id: str
    reason: str
    potential_eur: float
    hours: float
    travel_km: float
    worth_eur: float
    decided_by: str
    decided_at: AwareDatetime | None
    decision_reason: str
    model_version: str
    config_version: str
    coming: bool


class MoveOutcome(Answer):
    """What became of an account that moved, beside what was promised, both in EUR for the horizon.

    `realised_eur` is its margin on revenue beyond that of `controls` accounts alike that did not move, and travel saved; None without any.
    """

    change_id: str
    suggestion_id: str
    account_id: str
    name: str
    region_id: str
    from_rep: str
    to_rep: str
    valid_from: date
    horizon_days: int
    predicted_eur: float
    realised_eur: float | None
    revenue_before: float
    revenue_after: float
    controls: int
