"""Inserts of rows as Kafka holds them: nothing is parsed on the way, ClickHouse reads the JSON itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import OperationalError

from infra.clickhouse.client import ClickHouseDefectError, translated_errors
from schemas.row_ranges import RowBlock, RowRange

INSERT_SETTINGS: Final[Mapping[str, str]] = {
    "async_insert": "0",
    "date_time_input_format": "best_effort",
    "deduplicate_blocks_in_dependent_materialized_views": "1",
    "input_format_null_as_default": "0",
    "input_format_skip_unknown_fields": "0",
    "input_format_parallel_parsing": "0",  # batches are small: one thread is faster and knows the row number
    "insert_deduplicate": "1",
    "optimize_on_insert": "0",  # a third of the time of an insert; rows of one key are replaced by merges, as across inserts
}
_ROW_NUMBER = re.compile(r"\(at row (\d+)\)")
_SHOWN_BYTES: Final = 300


@dataclass(frozen=True, slots=True)
class Insert:
    """One statement: rows of one table in one order of columns ("" for JSON objects), under a token of their own."""

    place: str
    table: str
    columns: str
    token: str
    blocks: Sequence[RowBlock]
    repeated: bool = False
    """Whether it may have been sent before: then the answer of ClickHouse is no proof, see `repeated.py`."""

    def run(self, client: Client) -> None:
        """Raises UnavailableError, or ClickHouseDefectError naming the row that ClickHouse will never take."""
        try:
            with translated_errors(f"table {self.table}"):
                client.raw_insert(
                    self.table,
                    column_names=self.columns.split(",") if self.columns else None,
                    insert_block=cast(BinaryIO, Once(b"\n".join([block.value for block in self.blocks]))),
                    settings={**INSERT_SETTINGS, "insert_deduplication_token": self.token},
                    fmt="JSONCompactEachRow" if self.columns else "JSONEachRow",
                )
        except ClickHouseDefectError as error:
            raise self.naming_the_row(error) from error

    def naming_the_row(self, error: ClickHouseDefectError) -> ClickHouseDefectError:
        """The error with the row that it counts, by place and text."""
        return ClickHouseDefectError(f"{error}; {self._named(_row_number(error))}")

    def _named(self, number: int) -> str:
        """The place and the text of a row, counted from 1 over all blocks; the first one where there is no such row."""
        offset, line, row = next(
            (found for count, found in enumerate(self.rows(), start=1) if count == number), next(self.rows())
        )
        return f"{self.place} at offset {offset}, line {line}: row {row[:_SHOWN_BYTES]!r}"

    def rows(self) -> Iterator[tuple[int, int, bytes]]:
        """Offset of the record, line within it counted from 1, and the row."""
        for block in self.blocks:
            for line, row in enumerate(block.value.split(b"\n"), start=1):
                yield block.offset, line, row


def inserts_of(asked: RowRange, kept: Iterable[RowBlock], log_id: str, *, repeated: bool) -> list[Insert]:
    """What a range comes to: the same range always comes to the same statements with the same tokens."""
    groups: dict[tuple[str, str], list[RowBlock]] = {}
    for block in kept:
        groups.setdefault((block.table, block.columns), []).append(block)
    span = f"{log_id}-{asked.topic}-{asked.partition}-{asked.first}-{asked.next_offset}"
    return [
        Insert(
            f"{asked.topic}/{asked.partition}",
            table,
            columns,
            "-".join(filter(None, (span, table, columns))),
            blocks,
            repeated,
        )
        for (table, columns), blocks in groups.items()
    ]


class Once:
    """A body that is sent once: where the line breaks, the driver (bytes) or urllib3 (over TLS) would send it again by itself,
    and the sink would not know that it has been repeated; a plain iterator would be empty then."""

    def __init__(self, payload: bytes) -> None:
        self._payload: bytes | None = payload

    def __iter__(self) -> Iterator[bytes]:
        payload, self._payload = self._payload, None
        if payload is None:
            raise OperationalError("the line broke while the insert was sent")
        return iter((payload,))


def _row_number(error: ClickHouseDefectError) -> int:
    found = _ROW_NUMBER.search(str(error))
    return int(found[1]) if found else 1
