"""The writer of rows: exact offset ranges, so that kill -9 anywhere changes no count.

A range [first, next_offset) of a Kafka partition is recorded in the ledger (`sink_batches`), then inserted table by table
under a token of its own, and only then may the caller commit `next_offset`. Batch boundaries move from start to start, so
tokens alone do not protect; the ledger makes the next life repeat the same boundaries. Ranges are written one after the
other, therefore only the newest range of a partition can be half-written; all before it are complete.

Facts have one more danger: after a crash the activity stage may have put the same fact into Kafka twice. The source
offsets of a source partition only rise within one facts partition, except for such repetitions; the sink keeps the mark
up to which each source is written, in the ledger, and leaves out what is not above it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, ClickHouseDefectError, connect, translated_errors
from infra.clickhouse.ledger import Ledger, Range
from infra.clickhouse.repetitions import Marks, without_repetitions
from schemas.topics import BY_NAME, FACTS

INSERT_SETTINGS: Final[Mapping[str, str]] = {
    "async_insert": "0",
    "date_time_input_format": "best_effort",
    "deduplicate_blocks_in_dependent_materialized_views": "1",
    "input_format_null_as_default": "0",
    "input_format_skip_unknown_fields": "0",
    "input_format_parallel_parsing": "0",  # batches are small: one thread is faster and knows the row number
    "insert_deduplicate": "1",
}
Rows = Mapping[str, Sequence[bytes]]
_ROW_NUMBER = re.compile(r"\(at row (\d+)\)")
_SHOWN_BYTES: Final = 300


class OrderError(Exception):
    """The caller does not keep to the protocol of ranges: a defect of the caller, never of the data."""


@dataclass(slots=True)
class _Lane:
    """One partition of a topic: `end` is the first offset not yet written, `unsure` the range that may be half-written."""

    marks: Marks
    end: int
    unsure: Range | None
    recorded: bool  # whether the ledger has `unsure` for certain


class Sink:
    """Writes rows of Kafka topics to their tables. One instance may serve many partitions, each from one thread at a time.

    There must be one writer per partition: a consumer group sees to that.
    """

    def __init__(self, access: Access, log_id: str) -> None:
        """`log_id` names the life of the broker the offsets belong to. Connects when first used."""
        self._access = access
        self._log_id = log_id
        self._client: Client | None = None
        self._lanes: dict[tuple[str, int], _Lane] = {}

    def resume(self, topic: str, partition: int, committed: int) -> list[Range]:
        """Begin (again) with a partition whose consumer stands at `committed`; must come before `write`.

        Returns the ranges that may be half-written: none or one. The caller goes to its first offset (which may lie after
        `committed`: what is before it is complete), reads exactly that range, writes and commits it; then it cuts ranges of
        its own. Without one it goes on at `committed`. Raises UnavailableError.
        """
        standing = self._ledger().standing(topic, partition, committed)
        unsure = standing.unsure
        end = committed if unsure is None else unsure.first
        self._lanes[topic, partition] = _Lane(standing.marks, end, unsure, recorded=unsure is not None)
        return [] if unsure is None else [unsure]

    def write(self, topic: str, partition: int, first: int, next_offset: int, rows: Rows) -> int:
        """Write the rows of the offsets [first, next_offset); returns how many were new. Then `next_offset` may be committed.

        `rows` maps a table to its rows, each one JSON object. After UnavailableError call again with the very same
        arguments. Raises ClickHouseDefectError naming table and row when ClickHouse will never take a row, OrderError for
        a range that overlaps, or differs from one that may be half-written.
        """
        lane = self._lane(topic, partition)
        asked = Range(first, next_offset)
        _check(topic, lane, asked, rows)
        kept, marks = without_repetitions(rows, lane.marks) if topic == FACTS.name else (rows, lane.marks)
        if any(kept.values()):
            if not (lane.unsure and lane.recorded):
                lane.unsure = asked
                self._ledger().record(topic, partition, asked, marks)
                lane.recorded = True
            for table, lines in kept.items():
                self._insert(table, lines, f"{self._log_id}-{topic}-{partition}-{first}-{next_offset}-{table}")
        self._lanes[topic, partition] = _Lane(marks, next_offset, unsure=None, recorded=False)
        return sum(len(lines) for lines in kept.values())

    def close(self) -> None:
        """Let go of the connections. The sink connects again when used again."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _lane(self, topic: str, partition: int) -> _Lane:
        try:
            return self._lanes[topic, partition]
        except KeyError:
            raise OrderError(f"resume {topic}/{partition} before writing to it") from None

    def _insert(self, table: str, lines: Sequence[bytes], token: str) -> None:
        if not lines:
            return
        try:
            with translated_errors(f"table {table}"):
                self._connected().raw_insert(
                    table,
                    insert_block=b"\n".join(lines),
                    settings={**INSERT_SETTINGS, "insert_deduplication_token": token},
                    fmt="JSONEachRow",
                )
        except ClickHouseDefectError as error:
            number = _ROW_NUMBER.search(str(error))
            row = lines[min(int(number[1]) - 1, len(lines) - 1)] if number else lines[0]
            raise ClickHouseDefectError(f"{error}; row {row[:_SHOWN_BYTES]!r}") from error

    def _ledger(self) -> Ledger:
        return Ledger(self._connected(), self._log_id)

    def _connected(self) -> Client:
        if self._client is None:
            self._client = connect(self._access)
        return self._client


def _check(topic: str, lane: _Lane, asked: Range, rows: Rows) -> None:
    """Raise OrderError unless the range may be written now."""
    if strangers := rows.keys() - BY_NAME[topic].row_types.keys():
        raise OrderError(f"topic {topic} has no table {', '.join(sorted(strangers))}")
    if asked.next_offset <= asked.first:
        raise OrderError(f"{topic}: the range {asked} is empty")
    if lane.unsure is not None and asked != lane.unsure:
        raise OrderError(f"{topic}: {lane.unsure} may be half-written; repeat it before {asked}")
    if asked.first < lane.end:
        raise OrderError(f"{topic}: {asked} overlaps what is written up to {lane.end}")
