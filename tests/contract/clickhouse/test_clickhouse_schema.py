"""The migrated schema against the row classes, both ways; and against the golden file, where a difference is a decision.

Rewrite the golden file with TERRADRIFT_WRITE_GOLDEN=1.
"""

from __future__ import annotations

import os
import re
import types
import typing
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from pydantic import AwareDatetime, BaseModel

from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate, status
from schemas.errors import UnavailableError
from schemas.rows import CrmDeliveryRow, CrmPusherRow, DeadLetterReplayRow, ErasureRow, NotificationRow
from schemas.topics import DAY_MS, SINK_TOPICS

pytestmark = pytest.mark.io
GOLDEN = Path(__file__).parents[2] / "golden" / "clickhouse_schema.sql"
ROW_TYPES = {table: model for topic in SINK_TOPICS for table, model in topic.row_types.items()} | {
    "dead_letter_replays": DeadLetterReplayRow,  # written by commands, not by the sink
    "notifications": NotificationRow,
    "crm_deliveries": CrmDeliveryRow,
    "crm_pushers": CrmPusherRow,
    "erasures": ErasureRow,
}


def types_of(annotation: Any) -> set[str]:
    """The ClickHouse types, without LowCardinality, that a field of a row class may have."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return {f"Nullable({name})" for name in types_of(inner)}
    if origin is tuple:
        return {f"Array({name})" for name in types_of(arguments[0])}
    if origin is typing.Literal:
        return {"String"} if isinstance(arguments[0], str) else {"UInt8"}
    if annotation is AwareDatetime or annotation is datetime:
        return {"DateTime64(3, 'UTC')"}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = [(name, types_of(field.annotation)) for name, field in annotation.model_fields.items()]
        spellings = [""]
        for name, possible in fields:
            spellings = [
                f"{start}{', ' if start else ''}{name} {kind}" for start in spellings for kind in sorted(possible)
            ]
        return {f"Tuple({text})" for text in spellings}
    return {
        str: {"String"}, bool: {"Bool"}, float: {"Float64"}, Decimal: {"Decimal(18, 2)"}, date: {"Date32"},
        int: {"UInt16", "UInt32", "UInt64"},
    }[annotation]  # fmt: skip


def plain(kind: str) -> str:
    """A ClickHouse type without LowCardinality, which is storage and not meaning."""
    start = kind.find("LowCardinality(")
    while start >= 0:
        depth, end = 1, start + len("LowCardinality(")
        while depth:
            depth += {"(": 1, ")": -1}.get(kind[end], 0)
            end += 1
        kind = kind[:start] + kind[start + len("LowCardinality(") : end - 1] + kind[end:]
        start = kind.find("LowCardinality(")
    return kind


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_a_table_has_the_fields_of_its_row_class_and_no_others(client: Client, table: str) -> None:
    found = client.query(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {t:String}",
        parameters={"t": table},
    )
    columns = {name: plain(kind) for name, kind in found.result_rows}
    fields = {name: types_of(field.annotation) for name, field in ROW_TYPES[table].model_fields.items()}
    assert columns.keys() == fields.keys()
    assert {name: kind for name, kind in columns.items() if kind not in fields[name]} == {}


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_a_table_fills_in_the_same_defaults_as_its_row_class(client: Client, table: str) -> None:
    found = client.query(
        "SELECT name, default_expression FROM system.columns WHERE database = currentDatabase() AND table = {t:String} AND default_kind = 'DEFAULT'",
        parameters={"t": table},
    )
    ours = {name: text.strip("'") for name, text in found.result_rows}
    theirs = {
        name: str(field.default)
        for name, field in ROW_TYPES[table].model_fields.items()
        if not field.is_required() and field.default not in (None, "", 0, ())
    }
    assert ours.keys() == theirs.keys()
    assert all(text == theirs[name] or float(text) == float(theirs[name]) for name, text in ours.items())


def test_every_table_view_and_column_says_what_it_is(client: Client) -> None:
    silent = client.query(
        "SELECT table || '.' || name FROM system.columns WHERE database = currentDatabase() AND comment = '' AND table != 'schema_versions' AND NOT match(table, '^[.]|_(refresh|fill|made|live)$') "
        "UNION ALL SELECT name FROM system.tables WHERE database = currentDatabase() AND comment = '' AND name != 'schema_versions' AND name NOT LIKE '.%'"
    ).result_rows
    assert silent == []


def test_every_table_remembers_enough_blocks_to_repeat_a_batch(client: Client) -> None:
    tables = client.query(
        "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    )
    forgetful = [
        name
        for name, text in tables.result_rows
        if name in {*ROW_TYPES, "sink_batches"} and "non_replicated_deduplication_window = 10000" not in text
    ]
    assert forgetful == []


def test_the_ledger_remembers_a_range_for_longer_than_kafka_keeps_it(client: Client) -> None:
    text = client.query("SHOW CREATE TABLE sink_batches").result_rows[0][0]
    kept = re.search(r"TTL toDateTime\(written_at\) \+ toIntervalDay\((\d+)\)", text)
    assert kept is not None
    assert int(kept[1]) * DAY_MS > max(topic.retention_ms for topic in SINK_TOPICS)


def test_migrating_twice_changes_nothing(access: Access, client: Client) -> None:
    before = schema(client)
    assert migrate(access) == []
    assert schema(client) == before
    assert {migration.state for migration in status(access)} == {"applied"}


def test_the_pace_and_the_rows_an_earlier_version_made_do_not_outlive_it(access: Access, client: Client) -> None:
    def made() -> list[tuple[str, str]]:
        found = client.query(
            "SELECT name, extract(create_table_query, 'REFRESH AFTER [0-9]+ [A-Z]+') FROM system.tables "
            "WHERE database = currentDatabase() AND (name LIKE '%_made' OR name LIKE 'target_months%') ORDER BY name"
        )
        return [(str(name), str(pace)) for name, pace in found.result_rows]

    before = made()
    client.command("ALTER TABLE kpi_response_rate_made MODIFY REFRESH AFTER 60 SECOND")
    client.command(
        "CREATE MATERIALIZED VIEW target_months_made REFRESH AFTER 60 SECOND ENGINE = MergeTree ORDER BY tuple() AS SELECT 1 AS x"
    )
    client.command("CREATE VIEW target_months_live AS SELECT 1 AS x")
    assert len(set(made()) - set(before)) == 3
    migrate(access)
    assert made() == before


def test_status_of_a_server_without_our_database_is_pending_and_creates_nothing(server: Access) -> None:
    nowhere = replace(server, database="never_made")
    assert {migration.state for migration in status(nowhere)} == {"pending"}
    client = connect(server, database="")
    assert client.query("SELECT count() FROM system.databases WHERE name = 'never_made'").result_rows == [(0,)]
    client.close()


def test_migrating_a_server_that_is_not_there_says_so() -> None:
    with pytest.raises(UnavailableError):
        migrate(Access("http://127.0.0.1:1"))


def test_the_schema_is_the_golden_one(access: Access, client: Client) -> None:
    text = schema(client).replace(f"{access.database}.", "")
    if os.environ.get("TERRADRIFT_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def schema(client: Client) -> str:
    """Every table as ClickHouse understood it, tables before views, by name."""
    names = client.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name != 'schema_versions' AND engine != 'View' AND name NOT LIKE '.%' AND name NOT LIKE '%_made' ORDER BY name"
    ).result_rows
    return "".join(
        re.sub(
            r"DEFINER = \S+ ",
            "",
            f"{client.command(f'SHOW CREATE TABLE {name}')}\n\n".replace("\\n", "\n").replace("\\'", "'"),
        )
        for (name,) in names
    )
