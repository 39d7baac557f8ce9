"""What has become of a decision."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.reading.answers.decisions import DecisionState

router = APIRouter(tags=["decisions"])


class DecisionAnswer(BaseModel):
    """on_its_way: Kafka has it; heard: it is a fact; applied: its suggestion or alert speaks of it; refused: `why` says it."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"decision_id": "0d4c", "outcome": "refused", "why": "stale_decision: the suggestion is approved, not proposed"}]})  # fmt: skip

    decision_id: str
    outcome: Literal["on_its_way", "heard", "applied", "refused"]
    why: str = ""

    @classmethod
    def of(cls, decision_id: str, state: DecisionState) -> Self:
        return cls(decision_id=decision_id, outcome=state.outcome, why=state.refused)


@router.get("/decisions/{decision_id}")
def decision(
    request: Request,
    visit: Annotated[Visit, Depends(Allowed(Right.SEE_ALERTS))],
    decision_id: Annotated[str, Path(max_length=64)],
) -> DecisionAnswer:
    """One decision. An id that nobody has sent is on its way for ever: Kafka is not asked."""
    return DecisionAnswer.of(decision_id, request.app.state.reader.decision(visit.sight, decision_id))
