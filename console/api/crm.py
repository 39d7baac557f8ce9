"""The CRM by program: changes and their delivery, the file, the comparison, and the audit trail."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.pages.crm import in_order
from console.reading.answers.crm import CrmChange, CrmPushing
from console.reading.answers.trail import TrailEntry
from console.reading.asking import TrailQuery
from infra.crm.reconcile import Difference
from infra.crm.table import as_csv

router = APIRouter()
Seeing = Annotated[Visit, Depends(Allowed(Right.SEE_CRM))]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Key = Annotated[str, Query(max_length=64)]


class Csv(Response):
    media_type = "text/csv"


class CrmOwners(BaseModel):
    """account_id -> rep_id, as the CRM has it; "" is nobody."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"owners": {"A1042": "R07"}}]})

    owners: Annotated[dict[str, Annotated[str, Field(max_length=64)]], Field(max_length=200_000)]


@router.get("/crm/changes", tags=["crm"])
def changes(request: Request, visit: Seeing, pending: bool = False, limit: Limit = 200) -> list[CrmChange]:
    """Changes of reps and what became of each on its way to the CRM, the newest first."""
    found: list[CrmChange] = request.app.state.reader.crm_changes(visit.sight, pending, limit)
    return found


@router.get("/crm/pushing", tags=["crm"])
def pushing(request: Request, visit: Seeing) -> CrmPushing:
    """Whether changes are pushed by themselves, and the last one that the CRM did not take."""
    found: CrmPushing = request.app.state.reader.crm_pushing(visit.sight)
    return found


@router.get("/crm/changes.csv", tags=["crm"], response_class=Csv)
def changes_file(request: Request, visit: Seeing, pending: bool = False) -> Csv:
    """All changes as CSV, in the order in which they were decided."""
    return Csv(as_csv(in_order(request.app.state.reader, visit, pending)))


@router.post("/crm/differences", tags=["crm"])
def differences(request: Request, visit: Seeing, body: CrmOwners) -> list[Difference]:
    """Where the CRM and Terradrift differ, by account."""
    found: list[Difference] = request.app.state.reader.crm_differences(visit.sight, body.owners)
    return found


@router.get("/audit", tags=["decisions"])
def audit(
    request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_AUDIT))],
    subject: Literal["", "decision", "change", "letter"] = "", who: Key = "", region: Key = "", account: Key = "",
    since: date | None = None, until: date | None = None, limit: Limit = 200,
) -> list[TrailEntry]:  # fmt: skip
    """The audit trail: who decided, changed or sent again what, when, from whom to whom, why, and which version had spoken."""
    wanted = TrailQuery(subject, who, region, account, since, until, limit)
    found: list[TrailEntry] = request.app.state.reader.trail(visit.sight, wanted)
    return found
