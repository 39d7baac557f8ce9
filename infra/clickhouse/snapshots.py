"""Snapshots: tables that ClickHouse makes anew from a view every minute, so that KPIs need not go through the history.

A view (`views/*.sql`) says what a snapshot holds; the table stands in a migration. `as_of` is the watermark it was made at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.clickhouse.view_files import EVERY_SECONDS, all_views


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table and the SELECT it is made of; later ones may read earlier ones."""

    table: str
    select: str

    @property
    def refresher(self) -> str:
        return f"{self.table}_refresh"

    def create_statement(self) -> str:
        return (
            f"CREATE MATERIALIZED VIEW IF NOT EXISTS {self.refresher} REFRESH AFTER {EVERY_SECONDS} SECOND TO {self.table} "
            f"AS {self.select} COMMENT 'Makes {self.table} anew'"
        )


SNAPSHOTS: Final = (
    Snapshot(
        "ownership",
        "SELECT a.region_id AS region_id, h.*, (SELECT as_of FROM watermark) AS as_of "
        "FROM assignments_history AS h LEFT JOIN accounts_now AS a ON h.account_id = a.account_id",
    ),
    Snapshot("account_state", "SELECT *, (SELECT as_of FROM watermark) AS as_of FROM account_plan"),
    Snapshot("territory_state", "SELECT *, (SELECT max(as_of) FROM account_state) AS as_of FROM territories"),
    Snapshot("activity_windows", "SELECT *, (SELECT as_of FROM watermark) AS as_of FROM activity_windows_live"),
    Snapshot("plan_windows", "SELECT *, (SELECT max(as_of) FROM activity_windows) AS as_of FROM plan_windows_live"),
    Snapshot("relation_windows", "SELECT *, (SELECT as_of FROM watermark) AS as_of FROM relation_windows_live"),
    Snapshot("shown_scopes", "SELECT *, (SELECT as_of FROM watermark) AS as_of FROM published_scopes"),
    Snapshot("flash_figures", "SELECT * FROM flash_figures_live"),
)


def create_snapshots(client: Client) -> None:
    """Create what makes them, where it is missing. The views must be there."""
    for snapshot in SNAPSHOTS:
        with translated_errors(snapshot.refresher):
            client.command(snapshot.create_statement())


def refreshers() -> list[str]:
    """Everything that is made anew, in the order in which one reads another: the flash page last."""
    *before, last = (snapshot.refresher for snapshot in SNAPSHOTS)
    return [*before, *(f"{view.name}_made" for view in all_views() if view.is_made), last]


def refresh_snapshots(client: Client) -> None:
    """Make every snapshot now, and return when all are made: KPIs then speak of all rows written before.

    Raises UnavailableError, or ClickHouseDefectError naming the snapshot that cannot be made.
    """
    for refresher in refreshers():
        with translated_errors(refresher):
            client.command(f"SYSTEM WAIT VIEW {refresher}")  # one that is being made may have begun before
            client.command(f"SYSTEM REFRESH VIEW {refresher}")
            client.command(f"SYSTEM WAIT VIEW {refresher}")
