"""Rows as they were inserted, each counted: in tables whose merges are off nothing that came twice can vanish by itself."""

from __future__ import annotations

from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from schemas.topics import FACTS, SINK_TOPICS

IDENTITY = {
    **dict.fromkeys(FACTS.row_types, ("event_id",)),
    "names": ("kind", "id", "log_id", "topic", "partition", "offset"),
    "alerts": ("alert_id", "revision", "as_of"),
    "assignment_changes": ("change_id", "as_of"),
    "dead_letters": ("dead_letter_id",),
    "model_quality": ("region_id", "horizon_weeks", "segment", "week", "as_of"),
    "potentials": ("region_id", "account_id", "week", "as_of"),
    "potentials_newest": ("account_id", "rank"),
    "suggestions": ("suggestion_id", "revision", "as_of"),
}
"""Every table that the sink fills, and what makes a row of it this row and no other: its key and its version."""
UNMERGED = (
    "max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1, "
    "parts_to_delay_insert = 1000000, parts_to_throw_insert = 1000000"
)
"""No two parts are small enough to be merged. A setting of the table, which, unlike SYSTEM STOP MERGES, outlives the server."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Of a table: its rows, how many they are by identity, and how many by all they say."""

    rows: int
    identities: int
    contents: int


def keep_every_row(client: Client) -> None:
    """From now on, until the tables go."""
    for table in IDENTITY:
        client.command(f"ALTER TABLE {table} MODIFY SETTING {UNMERGED}")


def stored_in(client: Client) -> dict[str, Stored]:
    """Of every table that the sink fills."""
    return {
        table: Stored(*client.query(_count(table, identity)).result_rows[0]) for table, identity in IDENTITY.items()
    }


def _count(table: str, identity: tuple[str, ...]) -> str:
    columns = ", ".join(f"`{name}`" for name in identity)
    return f"SELECT count(), uniqExact(({columns}, 0)), uniqExact(toString(tuple(*))) FROM {table}"


def unmentioned() -> set[str]:
    """Tables of the sink that nobody here counts."""
    return {table for topic in SINK_TOPICS for table in topic.row_types} - IDENTITY.keys()
