"""The writer of rows: exact offset ranges, so that kill -9 anywhere changes no count.

A range [first, next_offset) of a Kafka partition is recorded in the ledger (`sink_batches`), then inserted table by table
under a token of its own, and only then may the caller commit `next_offset`. Batch boundaries move from start to start, so
tokens alone do not protect; the ledger makes the next life repeat the same boundaries. Ranges are written one after the
other, therefore only the newest range of a partition can be half-written; all before it are complete. And since
ClickHouse may remember a token and not its rows, the rows of a repeated range are looked for: `repeated`.

Facts have one more danger: after a crash the activity stage may have put the same fact into Kafka twice. The source
offsets of a source partition only rise within one facts partition, except for such repetitions; the sink keeps the mark
up to which each source is written, in the ledger, and leaves out what is not above it.

And a sink may be paused, lose its partitions and wake up: `epochs` tells how it is kept from writing then.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, connect
from infra.clickhouse.epochs import Epochs, Look, Place
from infra.clickhouse.inserts import Insert, inserts_of
from infra.clickhouse.ledger import Entry, Ledger, Range
from infra.clickhouse.repeated import write_missing
from infra.clickhouse.repetitions import Marks, without_repetitions
from schemas.row_ranges import RowBlock, RowRange
from schemas.topics import BY_NAME, FACTS

PARALLEL_INSERTS: Final = 4
"""ClickHouse works on one insert with one thread; while it does, another one may be on its way."""


class OrderError(Exception):
    """The caller does not keep to the protocol of ranges: a defect of the caller, never of the data."""


@dataclass(slots=True)
class _Lane:
    """One partition of a topic: `end` is the first offset not yet written, `unsure` the range that may be half-written.

    `recorded` tells whether the ledger has `unsure` in our epoch for certain, `sent` whether an insert of it may be there.
    """

    epoch: int
    marks: Marks
    end: int
    unsure: Range | None
    recorded: bool = False
    sent: bool = False

    def written(self, asked: RowRange, marks: Marks) -> None:
        self.marks, self.end, self.unsure = marks, asked.next_offset, None
        self.recorded = self.sent = False


@dataclass(frozen=True, slots=True)
class _Task:
    """A range on its way: the rows that are new, the marks after them."""

    asked: RowRange
    lane: _Lane
    kept: Sequence[RowBlock]
    marks: Marks
    repeated: bool  # whether an insert of it may be known to ClickHouse already

    def inserts(self, log_id: str) -> list[Insert]:
        return inserts_of(self.asked, self.kept, log_id, repeated=self.repeated)


class Sink:
    """Writes rows of Kafka topics to their tables. One instance may serve many partitions, from one thread at a time.

    There must be one writer per partition: a consumer group sees to that, and epochs where it cannot.
    """

    def __init__(self, access: Access, log_id: str) -> None:
        """`log_id` names the life of the broker the offsets belong to. Connects when first used."""
        self._access = access
        self._log_id = log_id
        self._client: Client | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._lanes: dict[Place, _Lane] = {}

    def resume(self, topic: str, partition: int, committed: int) -> list[Range]:
        """Take (again) a partition whose consumer stands at `committed`; must come before `write`.

        Whoever had it before can no longer write it. Returns the ranges that may be half-written: none or one. The caller
        goes to its first offset (which may lie after `committed`: what is before it is complete), reads exactly that range,
        writes and commits it; then it cuts ranges of its own. Without one it goes on at `committed`. Raises UnavailableError.
        """
        client = self._connected()
        epoch = Epochs(client, self._log_id).begin(topic, partition)
        standing = Ledger(client, self._log_id).standing(topic, partition, committed)
        unsure = standing.unsure
        end = committed if unsure is None else unsure.first
        self._lanes[topic, partition] = _Lane(epoch, standing.marks, end, unsure, sent=unsure is not None)
        return [] if unsure is None else [unsure]

    def write(self, ranges: Sequence[RowRange]) -> int:
        """Write ranges, one a partition; returns how many rows were new. Then their `next_offset`s may be committed.

        After UnavailableError call again with the very same ranges; partitions that were given up may be left out. Raises
        ClickHouseDefectError naming table, place and row when ClickHouse will never take a row, TakenOverError when another
        sink has resumed a partition since, OrderError for a range that overlaps, or differs from one that may be half-written.
        """
        tasks = [self._task(asked) for asked in ranges]
        if len({task.asked.place for task in tasks}) < len(tasks):
            raise OrderError("two ranges of one partition at once")
        busy = [task for task in tasks if task.kept]
        if busy:
            look = self._begin(busy)
            inserts = [insert for task in busy for insert in task.inserts(self._log_id)]
            self._insert_all(inserts, look)
        for task in tasks:
            task.lane.written(task.asked, task.marks)
        return sum(block.rows for task in busy for block in task.kept)

    def close(self) -> None:
        """Let go of the connections. The sink connects again when used again."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def _task(self, asked: RowRange) -> _Task:
        lane = self._lanes.get(asked.place)
        if lane is None:
            raise OrderError(f"resume {asked.topic}/{asked.partition} before writing to it")
        _check(lane, asked)
        if asked.topic != FACTS.name:
            return _Task(asked, lane, asked.blocks, lane.marks, lane.sent)
        return _Task(asked, lane, *without_repetitions(asked.blocks, lane.marks), lane.sent)

    def _begin(self, tasks: Sequence[_Task]) -> Look:
        """Record the ranges, then look whether the partitions are still ours: in this order, see `epochs`."""
        entries: list[Entry] = []
        for task in tasks:
            lane, asked = task.lane, task.asked
            if not lane.recorded:
                lane.unsure = Range(asked.first, asked.next_offset)
                entries.append(Entry(asked.topic, asked.partition, lane.unsure, lane.epoch, lane.marks, task.marks))
        client = self._connected()
        Ledger(client, self._log_id).record(entries)
        for task in tasks:
            task.lane.recorded = True
        look = Epochs(client, self._log_id).look({task.asked.place: task.lane.epoch for task in tasks})
        for task in tasks:
            task.lane.sent = True
        return look

    def _insert_all(self, inserts: Sequence[Insert], look: Look) -> None:
        """All at once; when some fail, the others are awaited all the same, and the first failure is raised."""
        if len(inserts) == 1:
            self._insert(inserts[0], look)
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(PARALLEL_INSERTS, "sink")
        futures = [self._threads.submit(self._insert, insert, look) for insert in inserts]
        failures = [error for future in futures if (error := future.exception()) is not None]
        if failures:
            raise failures[0]

    def _insert(self, insert: Insert, look: Look) -> None:
        look.refresh_if_old()
        if insert.repeated:
            write_missing(self._connected(), insert, look.refresh_if_old)
        else:
            insert.run(self._connected())

    def _connected(self) -> Client:
        if self._client is None:
            self._client = connect(self._access)
        return self._client


def _check(lane: _Lane, asked: RowRange) -> None:
    """Raise OrderError unless the range may be written now."""
    topic = asked.topic
    tables = BY_NAME[topic].row_types
    for table, columns in {(block.table, block.columns) for block in asked.blocks}:
        if table not in tables:
            raise OrderError(f"topic {topic} has no table {table}")
        if columns and (strangers := set(columns.split(",")) - tables[table].model_fields.keys()):
            raise OrderError(f"table {table} has no column {', '.join(sorted(strangers))}")
    wanted = Range(asked.first, asked.next_offset)
    if asked.next_offset <= asked.first:
        raise OrderError(f"{topic}: the range {wanted} is empty")
    if lane.unsure is not None and wanted != lane.unsure:
        raise OrderError(f"{topic}: {lane.unsure} may be half-written; repeat it before {wanted}")
    if asked.first < lane.end:
        raise OrderError(f"{topic}: {wanted} overlaps what is written up to {lane.end}")
