"""The CRM: what became of each change of rep, what would be sent, the file, and where both sides differ."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.pages.forms import Sent
from console.pages.rendering import page
from console.reading.answers.crm import CrmChange
from infra.crm.reconcile import Difference, owners_in
from infra.crm.table import as_csv
from infra.crm.webhook import body_of
from schemas.errors import RefusedError

router = APIRouter(include_in_schema=False)
Seeing = Annotated[Visit, Depends(Allowed(Right.SEE_CRM))]
ALL: Final = 1_000_000
SHOWN: Final = 100
LARGEST: Final = 50_000_000


@router.get("/crm")
def crm(request: Request, visit: Seeing) -> Response:
    """Last deliveries and what the next push would send."""
    return _shown(request, visit)


@router.get("/crm/changes.csv")
def changes_file(request: Request, visit: Seeing, pending: bool = False) -> Response:
    """The changes as a file, in the order in which they were decided."""
    found = in_order(request.app.state.reader, visit, pending)
    named = {"content-disposition": 'attachment; filename="assignment-changes.csv"'}
    return Response(as_csv(found), media_type="text/csv", headers=named)


@router.post("/crm/differences")
def differences(request: Request, visit: Seeing, form: Sent) -> Response:
    """Where an export of the CRM and Terradrift differ; the file is read and not kept."""
    try:
        owners = _owners(form.get("file"))
    except RefusedError as refused:
        return _shown(request, visit, wrong=refused.detail)
    return _shown(request, visit, request.app.state.reader.crm_differences(visit.sight, owners))


def in_order(reader: Any, visit: Visit, pending: bool) -> list[CrmChange]:
    """All changes in sight, the oldest first."""
    found: list[CrmChange] = reader.crm_changes(visit.sight, pending, ALL)
    return found[::-1]


def _owners(file: object) -> dict[str, str]:
    """Raises RefusedError."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise RefusedError("no_file", "choose a file: CSV with the columns account_id and rep_id", "file")
    content = file.file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise RefusedError("too_large", f"{file.filename} is larger than {LARGEST // 1_000_000} MB", "file")
    return owners_in(content, file.filename)


def _shown(request: Request, visit: Visit, found: list[Difference] | None = None, wrong: str = "") -> Response:
    reader = request.app.state.reader
    pending = in_order(reader, visit, pending=True)
    return page(
        request, visit, "crm.html", "crm", pushing=reader.crm_pushing(visit.sight), changes=reader.crm_changes(visit.sight, False, SHOWN), waiting=len(pending),
        preview=[body_of(change).decode() for change in pending[:SHOWN]], found=found, wrong=wrong, most=SHOWN,
    )  # fmt: skip
