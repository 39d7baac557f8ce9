"""What is open, and what was sent: both in ClickHouse, so that a restart anywhere goes on where the last process stood.

A message is recorded as being sent before it leaves and as sent afterwards. After kill -9 in between nobody knows whether it
left: it is sent again, word for word and under the same id. That one repetition is what mail makes unavoidable.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.notify.due import RANK, Item, Message, Told
from schemas.rows import NotificationRow

COLUMNS = tuple(NotificationRow.model_fields)
OPEN_ITEMS = """
    SELECT concat('alert:', alert_id), 'alerts', group_id, toString(region_id), toString(severity), title, eur_at_risk,
        acknowledged_by != '' OR ifNull(silenced_until >= (SELECT toDate32(as_of) FROM watermark), 0) OR verdict != ''
    FROM alerts_now WHERE state IN ('firing', 'recovering')
    UNION ALL
    SELECT concat('suggestion:', suggestion_id), 'suggestions', '', toString(region_id), 'info', reason, worth_eur, 0
    FROM suggestions_now WHERE status = 'proposed'
"""
UNFINISHED = "SELECT {columns} FROM notifications FINAL WHERE state IN ('sending', 'failed') AND attempts < 30 ORDER BY created_at, notification_id"
SENT = """
    SELECT recipient, channel, kind, items, changed_at FROM notifications FINAL
    WHERE state = 'sent' AND hasAny(items, {keys:Array(String)}) OR state = 'sent' AND changed_at > now() - INTERVAL 2 DAY
"""


class Memory:
    """Reads what is open and what was told, and writes what becomes of messages."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def open_items(self) -> list[Item]:
        with translated_errors("what is open"):
            rows = self._client.query(OPEN_ITEMS).result_rows
        return [_item(*row) for row in rows]

    def told(self, items: list[Item]) -> list[Told]:
        """What was sent about these, and everything of the last two days."""
        with translated_errors("what was sent"):
            rows = self._client.query(SENT, parameters={"keys": [item.key for item in items]}).result_rows
        return [Told(row[0], row[1], row[2], tuple(row[3]), row[4].replace(tzinfo=UTC)) for row in rows]

    def unfinished(self) -> list[NotificationRow]:
        """Messages that were being sent when a process ended, or that the other side did not take."""
        with translated_errors("unfinished messages"):
            rows = self._client.query(UNFINISHED.format(columns=", ".join(COLUMNS))).named_results()
            return [NotificationRow.model_validate(_aware(row)) for row in rows]

    def write(self, row: NotificationRow) -> None:
        with translated_errors("notifications"):
            self._client.insert("notifications", [list(row.model_dump().values())], column_names=list(COLUMNS))


def begun(message: Message, now: datetime) -> NotificationRow:
    return NotificationRow(
        notification_id=message.message_id, recipient=message.recipient, channel=message.channel, kind=message.kind,
        items=message.items, subject=message.subject, body=message.body, state="sending", attempts=1, detail="",
        created_at=now, changed_at=now,
    )  # fmt: skip


def message_of(row: NotificationRow) -> Message:
    return Message(row.notification_id, row.recipient, row.channel, row.kind, row.items, row.subject, row.body)


def _item(
    key: str,
    about: Literal["alerts", "suggestions"],
    cause: str,
    region: str,
    severity: str,
    title: str,
    eur: float,
    handled: int,
) -> Item:
    return Item(key, about, cause, region, severity if severity in RANK else "warning", title, eur, bool(handled))


def _aware(row: dict[str, object]) -> dict[str, object]:
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
