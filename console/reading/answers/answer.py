"""A row of any answer: it stays as it is, and what it does not name is left out. Money is in the company's currency."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
