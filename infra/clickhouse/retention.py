"""How long ClickHouse keeps what customers and reps did: the TTL of these tables, by the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors

FORGOTTEN_BY: Final[Mapping[str, str]] = {
    "orders": "occurred_at", "visits": "occurred_at", "opportunities": "occurred_at", "surveys": "occurred_at",
    "potentials": "week",
}  # fmt: skip
"""Table -> when its row happened. Master data, decisions and what was advised are kept: as-was and the audit need them."""
_YEARS: Final = re.compile(r" TTL .*?toIntervalYear\((\d+)\)")


def keep_for(client: Client, years: int | None) -> list[str]:
    """Set or take away the TTL where it differs, and return these tables; old rows go in the background, within hours."""
    kept = _kept_for(client)
    changed = [table for table in FORGOTTEN_BY if kept[table] != years]
    for table in changed:
        ttl = "REMOVE TTL" if years is None else f"MODIFY TTL {FORGOTTEN_BY[table]} + toIntervalYear({years:d})"
        with translated_errors(f"retention of {table}"):
            client.command(f"ALTER TABLE {table} {ttl}")
    return changed


def _kept_for(client: Client) -> dict[str, int | None]:
    with translated_errors("retention"):
        rows = client.query(
            "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND name IN {names:Array(String)}",
            parameters={"names": list(FORGOTTEN_BY)},
        ).result_rows
    found = {str(name): _YEARS.search(str(engine)) for name, engine in rows}
    return {name: int(years.group(1)) if years else None for name, years in found.items()}
