"""The audit trail: what was decided, changed or sent again."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from console.reading.answers.answer import Answer


class TrailEntry(Answer):
    """One act. `kind` is that of the decision or of the change, or the outcome of a letter that was sent again; from and to are reps.
    `refused`: why a decision was refused, empty where it was not."""

    subject: Literal["decision", "change", "letter"]
    entry_id: str
    occurred_at: AwareDatetime
    kind: str
    who: str
    region_id: str
    suggestion_id: str
    alert_id: str
    account_id: str
    letter_id: str
    moves: int
    from_rep: str
    to_rep: str
    reason: str
    valid_from: date | None
    model_version: str
    config_version: str
    refused: str = ""
