"""The outbox: changes of reps in ClickHouse, and what became of each on its way to the CRM.

A change is recorded as being sent before it leaves. After kill -9 in between it is sent again: the CRM drops it by its
Idempotency-Key. Changes of one account keep their order: while one waits, those after it wait too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.clickhouse.read import rows_of
from infra.crm.webhook import Verdict
from schemas.rows import AssignmentChangeRow, CrmDeliveryRow

COLUMNS = tuple(CrmDeliveryRow.model_fields)
DONE = "(SELECT change_id FROM crm_deliveries FINAL WHERE state IN ('delivered', 'refused'))"


@dataclass(frozen=True, slots=True)
class Outcome:
    change: AssignmentChangeRow
    verdict: Verdict


def changes(client: Client, pending_only: bool, since: datetime | None = None) -> list[AssignmentChangeRow]:
    """Changes in the order in which they were said; those not yet delivered, or all."""
    condition = f"({{all:UInt8}} OR change_id NOT IN {DONE}) AND as_of >= {{since:DateTime64(3, 'UTC')}} ORDER BY as_of, change_id"
    values = {"all": int(not pending_only), "since": since or datetime(1970, 1, 1)}  # noqa: DTZ001 - ClickHouse takes it as UTC
    return rows_of(client, AssignmentChangeRow, "assignment_changes FINAL", condition, values)


def push(
    client: Client,
    waiting: Sequence[AssignmentChangeRow],
    send: Callable[[AssignmentChangeRow], Verdict],
    clock: Callable[[], datetime],
) -> Iterator[Outcome]:
    """Deliver each in order. Raises UnavailableError when ClickHouse is away: nothing leaves that could not be remembered."""
    stuck: set[str] = set()
    for change in waiting:
        if change.account_id in stuck:
            continue
        _write(
            client,
            CrmDeliveryRow(change_id=change.change_id, state="sending", attempts=0, detail="", changed_at=clock()),
        )
        verdict = send(change)
        row = CrmDeliveryRow(
            change_id=change.change_id, state=verdict.state, attempts=verdict.attempts, detail=verdict.detail[:500], changed_at=clock()
        )  # fmt: skip
        _write(client, row)
        if verdict.state == "failed":
            stuck.add(change.account_id)
        yield Outcome(change, verdict)


def _write(client: Client, row: CrmDeliveryRow) -> None:
    with translated_errors("crm_deliveries"):
        client.insert("crm_deliveries", [list(row.model_dump().values())], column_names=list(COLUMNS))
