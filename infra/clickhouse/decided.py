"""When, in event time, decisions took effect: their place in a history that is told again."""

from __future__ import annotations

from datetime import UTC, datetime

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors

_DECIDED = "SELECT decision_id, min(as_of) FROM suggestions WHERE decision_id != '' GROUP BY decision_id"


def decided_at(client: Client) -> dict[str, datetime]:
    """decision_id -> the event time its suggestion had reached when the decision was applied."""
    with translated_errors("decisions"):
        return {
            decision_id: at.replace(tzinfo=at.tzinfo or UTC) for decision_id, at in client.query(_DECIDED).result_rows
        }
