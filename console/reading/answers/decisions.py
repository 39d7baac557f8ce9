"""Decisions: those of the past, and what became of one."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from console.reading.answers.answer import Answer


class PastDecision(Answer):
    """What somebody decided. `refused`: why it came to nothing, such as a second one on the same suggestion; empty where it counted."""

    decision_id: str
    occurred_at: AwareDatetime
    region_id: str
    kind: str
    suggestion_id: str
    alert_id: str
    account_id: str
    moves: int
    reason: str
    decided_by: str
    effective_from: date | None
    until: date | None
    assignee: str
    verdict: str
    refused: str = ""


class DecisionState(Answer):
    """What has become of a decision."""

    heard: bool = Field(description="it has reached ClickHouse as a fact")
    applied: bool = Field(description="a suggestion or an alert speaks of it")
    refused: str = Field("", description="why it was refused, or empty")

    @property
    def outcome(self) -> Literal["applied", "refused", "heard", "on_its_way"]:
        if self.refused:
            return "refused"
        if self.applied:
            return "applied"
        return "heard" if self.heard else "on_its_way"
