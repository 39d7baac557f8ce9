"""Inserts that may have been sent before: the rows are looked for, since neither answer nor token proves that they are there.

ClickHouse notes the token of an insert in the deduplication log of the table before it renames the part into its place
(seen in 26.9: a write to the log, then the rename of `tmp_insert_...`). Killed between the two it remembers a token whose
rows are gone, and answers the repetition with success; in the other order it would double them. So the rows are looked
for, by the sorting key and the version of their table, and only what is missing is sent: under the token of the insert,
and while ClickHouse knows that one without its rows, under the next.

These tokens are the same for everybody who repeats the range, so two sinks that both find rows missing write them once. And
another sink's insert of the same token may be between the two calls this very moment: it is waited for before a row
counts as missing. None that begins later can add a row, since the token is known by then.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.external import ExternalData

from infra.clickhouse.client import ClickHouseDefectError, translated_errors
from infra.clickhouse.inserts import INSERT_SETTINGS, Insert
from schemas.errors import UnavailableError
from schemas.row_ranges import RowBlock

log = logging.getLogger(__name__)

TOKENS: Final = 4
"""To lose rows all the same, ClickHouse would have to be killed between the two calls for each of them in turn."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The columns that tell the rows of a table apart, and those that say which of two is newer (none: neither is)."""

    table: str
    key: tuple[str, ...]
    version: tuple[str, ...] = ()


FED: Final[Mapping[str, Identity]] = {"potentials": Identity("potentials_newest", ("account_id",), ("week", "as_of"))}
"""What a materialised view fills from a table: it has parts, and a deduplication log, of its own."""

_COLUMNS: Final = """
SELECT name, type, is_in_sorting_key, engine_full
FROM system.columns AS c INNER JOIN system.tables AS t ON c.database = t.database AND c.table = t.name
WHERE c.database = currentDatabase() AND c.table = {table:String} ORDER BY position"""
_UNDER_WAY: Final = "SELECT count() FROM system.processes WHERE Settings['insert_deduplication_token'] = {token:String}"
OTHERS_SECONDS: Final = 60.0
"""ClickHouse gives an insert up whose sender has been silent for half of it."""
_VERSION: Final = re.compile(r"ReplacingMergeTree\((?:[^()]*,\s*)?(\w+)\)")
_SETTINGS: Final = {
    **INSERT_SETTINGS, "input_format_skip_unknown_fields": "1", "join_use_nulls": "0", "join_algorithm": "hash", "max_result_rows": "0",
}  # fmt: skip
_FORGOTTEN: Final[Mapping[str, str]] = {"names": "AND (kind, id) NOT IN (SELECT kind, id FROM erasures)"}
"""Rows that were erased since are not missing."""
_LINE: Final = "line_of_the_insert"


def write_missing(client: Client, insert: Insert, may_write: Callable[[], None] = lambda: None) -> int:
    """Write what is not there of an insert that may have been sent before; the number of rows that were not.

    `may_write` is asked before each attempt, since looking and waiting take time: it raises where another has taken over.
    Raises UnavailableError, or ClickHouseDefectError as the insert itself does.
    """
    found, sent = 0, insert
    for number in range(TOKENS):
        missing = missing_rows(client, insert)
        if missing:
            _wait_for_others(client, sent)
            missing = missing_rows(client, insert)
        if not missing:
            break
        if number:
            log.warning("%s: ClickHouse knows the insert into %s, but not %d rows of it: they are written again",
                        insert.place, insert.table, len(missing))  # fmt: skip
        token = f"{insert.token}-again-{number}" if number else insert.token
        sent = replace(insert, token=token, blocks=missing)
        may_write()
        sent.run(client)
        found = found or len(missing)
    else:  # not raised: what the retention deletes at once would stop the sink for ever
        if missing := missing_rows(client, insert):
            log.error("%s: %d rows of the insert into %s are not there after %d tokens", insert.place, len(missing),
                      insert.table, TOKENS)  # fmt: skip
    return found


def _wait_for_others(client: Client, insert: Insert) -> None:
    """Until no insert under this token is under way."""
    until = time.monotonic() + OTHERS_SECONDS
    while True:
        with translated_errors(f"table {insert.table}"):
            ((under_way,),) = client.query(_UNDER_WAY, parameters={"token": insert.token}).result_rows
        if not under_way:
            return
        if time.monotonic() > until:
            raise UnavailableError(f"table {insert.table}: another insert of {insert.place} does not end")
        time.sleep(0.05)


def missing_rows(client: Client, insert: Insert) -> list[RowBlock]:
    """The rows of the insert that its table, or the table it feeds, has in no version as new; one to a block."""
    with translated_errors(f"table {insert.table}"):
        columns = client.query(_COLUMNS, parameters={"table": insert.table}, settings=_SETTINGS).result_rows
    if not columns:
        raise ClickHouseDefectError(f"table {insert.table}: it is not there, or may not be read")
    types = {name: kind for name, kind, _, _ in columns}
    version = _VERSION.search(columns[0][3])
    own = Identity(insert.table, tuple(n for n, _, keyed, _ in columns if keyed), (version[1],) if version else ())
    wanted = {own, FED.get(insert.table, own)}
    lines = set().union(*(_lines_not_in(client, insert, types, identity) for identity in wanted))
    rows = [RowBlock(offset, insert.table, row, insert.columns) for offset, _, row in insert.rows()]
    return [rows[line] for line in sorted(lines)]


def _lines_not_in(client: Client, insert: Insert, types: Mapping[str, str], identity: Identity) -> list[int]:
    """The numbers of the rows, counted from 0, that are not in the table."""
    key = ", ".join(f"`{name}`" for name in identity.key)
    version = ", ".join(("1", *(f"`{name}`" for name in identity.version)))
    question = f"""
        SELECT {_LINE} FROM (SELECT {_LINE}, {key}, tuple({version}) AS newest FROM sent) AS s
        LEFT JOIN (
            SELECT {key}, 1 AS found, max(tuple({version})) AS newest FROM {{table:Identifier}}
            WHERE ({key}) IN (SELECT {key} FROM sent) GROUP BY {key}
        ) AS t USING ({key})
        WHERE (NOT found OR t.newest < s.newest) {_FORGOTTEN.get(identity.table, "")}"""  # noqa: S608 (names of columns, from the catalogue of ClickHouse)
    names = insert.columns.split(",") if insert.columns else sorted({*identity.key, *identity.version})
    sent = ExternalData(
        file_name="sent",
        data=_numbered(insert),
        fmt="JSONCompactEachRow" if insert.columns else "JSONEachRow",
        structure=[f"{_LINE} UInt32", *(f"`{name}` {types[name]}" for name in names)],
    )
    try:
        with translated_errors(f"table {identity.table}"):
            found = client.query(question, {"table": identity.table}, _SETTINGS, external_data=sent).result_rows
    except ClickHouseDefectError as error:
        raise insert.naming_the_row(error) from error
    return [line for (line,) in found]


def _numbered(insert: Insert) -> bytes:
    """The rows as they are sent, each with its number before its first column."""
    start = b"[%d," if insert.columns else b'{"%s":%%d,' % _LINE.encode()
    return b"\n".join([start % number + row.lstrip()[1:] for number, (_, _, row) in enumerate(insert.rows())])
