"""The outbox for the CRM: each change of rep, and what became of it on its way."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from console.reading.answers.answer import Answer
from schemas.rows import AssignmentChangeRow


class CrmChange(AssignmentChangeRow):
    """waiting: never sent; sending: perhaps sent, is sent again; failed: again with the next push; refused: never again."""

    state: Literal["waiting", "sending", "delivered", "refused", "failed"]
    attempts: int
    detail: str
    changed_at: AwareDatetime | None


class CrmPushing(Answer):
    """Whether changes are pushed by themselves, and the last one that the CRM did not take; `looked_at` None: never seen.

    `state` and `account_id` are "" where it took everything.
    """

    runs: bool
    looked_at: AwareDatetime | None
    next_look_at: AwareDatetime | None
    account_id: str
    state: Literal["", "refused", "failed"]
    detail: str
    not_taken_at: AwareDatetime | None
