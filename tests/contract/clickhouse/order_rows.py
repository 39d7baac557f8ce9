"""Orders, and names, as rows on their way into ClickHouse: one record of one, and one record of many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.row_ranges import RowBlock, SourceSpan

START = datetime(2024, 12, 1, tzinfo=UTC)
COLUMNS = ("event_id", "occurred_at", "order_id", "account_id", "amount", "currency", "region_id", "log_id", "topic", "partition", "offset")  # fmt: skip


def a_row(log_id: str, offset: int) -> dict[str, Any]:
    """Orders of three years, so that one batch falls into several partitions of the table."""
    return {
        "event_id": f"{log_id}-e{offset}", "occurred_at": (START + timedelta(days=200 * (offset % 5))).isoformat(), "order_id": f"o{offset}",
        "account_id": f"a{offset % 7}", "amount": "1.50", "currency": "EUR", "region_id": "north",
        "log_id": log_id, "topic": "orders", "partition": 3, "offset": offset,
    }  # fmt: skip


def an_order(log_id: str, offset: int, record: int = 0) -> RowBlock:
    return RowBlock(record, "orders", json.dumps(a_row(log_id, offset)).encode())


def orders(log_id: str, offsets: Sequence[int], record: int = 0, columns: Sequence[str] = COLUMNS) -> RowBlock:
    """One record of many orders."""
    lines = [json.dumps([row[column] for column in columns]) for row in (a_row(log_id, n) for n in offsets)]
    span = SourceSpan("orders", 3, offsets[0], offsets[-1], len(offsets))
    return RowBlock(record, "orders", "\n".join(lines).encode(), ",".join(columns), span)


def a_name(log_id: str, offset: int) -> RowBlock:
    row = {
        "kind": "account", "id": f"a{offset}", "name": "n", "occurred_at": START.isoformat(),
        "log_id": log_id, "topic": "accounts", "partition": 3, "offset": offset,
    }  # fmt: skip
    return RowBlock(0, "names", json.dumps(row).encode())
