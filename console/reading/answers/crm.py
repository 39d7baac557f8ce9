"""The outbox for the CRM: each change of rep, and what became of it on its way."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from schemas.rows import AssignmentChangeRow


class CrmChange(AssignmentChangeRow):
    """waiting: never sent; sending: perhaps sent, is sent again; failed: again with the next push; refused: never again."""

    state: Literal["waiting", "sending", "delivered", "refused", "failed"]
    attempts: int
    detail: str
    changed_at: AwareDatetime | None
