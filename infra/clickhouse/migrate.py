"""Bring the database up to date: numbered migrations for tables, then the present text of every view.

Tables change by migrations that are never edited once merged. Views hold no data, so `views/*.sql` and `kpis/*.sql` are
simply replaced each time; a formula therefore stands in exactly one place. Last come the snapshots, which are made of views.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster
from clickhouse_migrations.exceptions import MigrationException

from infra.clickhouse.client import Access, ClickHouseDefectError, connect, translated_errors
from infra.clickhouse.snapshots import create_snapshots
from infra.clickhouse.view_files import ViewFile, all_views

MIGRATIONS: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class MigrationState:
    """One numbered migration. `state` is applied, pending, md5-mismatch (edited since) or unknown (no file)."""

    version: int
    state: str


def migrate(access: Access) -> list[int]:
    """Create or update the database of `access`; returns the versions applied now. Doing it twice changes nothing.

    Raises UnavailableError while the server is not there, ClickHouseDefectError naming what failed.
    """
    connect(access, database="").close()  # an unreachable server is told as such, before anything else
    with _migration_errors():
        applied = _cluster(access).migrate(access.database, MIGRATIONS) or []
    client = connect(access)
    try:
        _replace_views(client, all_views())
        create_snapshots(client)
    finally:
        client.close()
    return [migration.version for migration in applied]


def status(access: Access) -> list[MigrationState]:
    """Every migration and whether it is applied; changes nothing, works before the first `migrate`."""
    connect(access, database="").close()
    with _migration_errors():
        rows = _cluster(access).status(access.database, MIGRATIONS)
    return [MigrationState(row.version, row.state) for row in rows]


def _cluster(access: Access) -> ClickhouseCluster:
    return ClickhouseCluster(
        db_host=access.host,
        db_port=str(access.port),
        db_user=access.user,
        db_password=access.password,
        db_name=access.database,
        secure=access.secure,
        driver="clickhouse-connect",
    )


@contextmanager
def _migration_errors() -> Iterator[None]:
    """What clickhouse-migrations raises, in our words: the driver's errors and its own complaints."""
    try:
        with translated_errors("migrations"):
            yield
    except MigrationException as error:
        raise ClickHouseDefectError(f"migrations: {error}") from error


def _replace_views(client: Client, views: Sequence[ViewFile]) -> None:
    for view in views:
        with translated_errors(f"view {view.name}"):
            client.command(view.create_statement())
            if view.is_made:
                _make(client, view)
    _drop_what_is_made_no_more(client, views)
    with translated_errors("comments of views"):
        found = client.query(
            "SELECT table, name, comment FROM system.columns WHERE database = currentDatabase() ORDER BY table, position"
        )
        columns: dict[str, dict[str, str]] = {}
        for table, column, comment in found.result_rows:
            columns.setdefault(table, {})[column] = comment
        for view in views:
            # `alerts_now` has the columns of `alerts`: what is said there need not be said again
            inherited = columns.get(view.name.removesuffix("_now"), {})
            if statement := view.comment_statement(columns[view.name], inherited):
                client.command(statement)


def _drop_what_is_made_no_more(client: Client, views: Sequence[ViewFile]) -> None:
    """An earlier version may have made the rows of a view that is now asked itself."""
    plain = [f"{view.name}_made" for view in views if not view.is_made]
    with translated_errors("views that are made no more"):
        left = client.query(
            "SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN {plain:Array(String)}",
            parameters={"plain": plain},
        )
        for (made,) in left.result_rows:
            client.command(f"DROP VIEW {made} SYNC")
            client.command(f"DROP VIEW IF EXISTS {made.removesuffix('_made')}_live")


def _make(client: Client, view: ViewFile) -> None:
    """The table of a made view; a new one where its formula has other columns than before. It fills at once."""
    columns = (
        "SELECT groupArray((name, type)) FROM system.columns WHERE database = currentDatabase() AND table = {t:String}"
    )
    formula, made = (
        client.query(columns, parameters={"t": name}).result_rows for name in (view.live_name, f"{view.name}_made")
    )
    if formula != made:
        client.command(f"DROP VIEW IF EXISTS {view.name}_made SYNC")
    for statement in view.made_statements():
        client.command(statement)
