"""Laws of the columns: what is done for a whole batch at once comes to what is done record by record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
from aiokafka.consumer.fetcher import READ_UNCOMMITTED, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.settings import Company, Settings
from schemas.topics import ORDERS, REGION_EVENTS, RESTORED_HEADER, TICK_KEY, VISIT_REPORTS
from streams.columns import RecordColumns
from streams.handlers.activity.ordering import runs, stable_order
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.activity.times import FORMS, UNREAD, ms_of, read_times
from streams.ports import MemoryStore, Output, Record
from streams.texts import Texts
from streams.transport.upstream.lean_fetch import LeanBatches, LeanRecords, LeanResult
from tests.support.bench import NOW_MS
from tests.support.events import an_order

TIMES = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1900 <= at.year <= 2200)
PLACES = {20: "seconds", 24: "milliseconds", 27: "microseconds"}


@given(st.lists(st.tuples(TIMES, st.sampled_from(sorted(FORMS))), max_size=8))
def test_times_are_read_as_datetime_reads_them(some: list[tuple[datetime, int]]) -> None:
    texts = [at.isoformat(timespec=PLACES[length]).replace("+00:00", "Z") for at, length in some]
    assert read_times(texts).tolist() == [ms_of(datetime.fromisoformat(text)) for text in texts]


@given(
    st.from_regex(r"[0-9]{4}-[0-3][0-9]-[0-3][0-9]T[0-2][0-9]:[0-9]{2}:[0-9]{2}Z", fullmatch=True)
    | st.text(max_size=30)
)
def test_a_time_that_does_not_exist_is_not_read(text: str) -> None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        assert read_times([text]).tolist() == [UNREAD]
    else:
        assert int(read_times([text])[0]) in (UNREAD, ms_of(at if at.tzinfo else at.replace(tzinfo=UTC)))


@given(st.lists(st.integers(0, 5) | st.integers(0, 2**47), max_size=30))
def test_equal_keys_keep_their_order(keys: list[int]) -> None:
    column = np.array(keys, dtype=np.int64)
    order = stable_order(column)
    assert order.tolist() == sorted(range(len(keys)), key=lambda at: keys[at])
    different, starts = runs(column[order])
    assert different.tolist() == sorted(set(keys))
    assert column[order][starts].tolist() == different.tolist()


BATCHES = st.lists(
    st.lists(st.tuples(st.none() | st.binary(max_size=3), st.none() | st.binary(max_size=3), st.booleans()), min_size=1, max_size=4),
    max_size=4,
)  # fmt: skip


@given(BATCHES, st.integers(0, 20), st.sampled_from([0, 1, 2, 3, 4]))
def test_records_are_fetched_in_columns_as_aiokafka_fetches_them(batches: list[Any], wanted: int, codec: int) -> None:
    wanted %= len(batches[0]) if batches else 1  # a broker answers from the batch on that holds the offset
    own = PartitionRecords(*_response(batches, wanted, codec, MemoryRecords))
    lean = LeanRecords(*_response(batches, wanted, codec, LeanBatches))
    theirs = [(one.offset, one.timestamp, one.key, one.value, one.headers) for one in own]
    result = LeanResult(None, assignment=None, partition_records=lean, backoff=0)
    result.check_assignment = lambda _: True
    result._update_position = lambda: None
    got = result.getall()
    assert [(one.offset, one.timestamp_ms, one.key, one.value, one.headers) for one in got] == theirs
    assert [one.restored for one in got] == [bool(headers) for *_, headers in theirs]
    assert lean.next_fetch_offset == own.next_fetch_offset


def _response(batches: list[Any], wanted: int, codec: int, kind: Any) -> tuple[Any, ...]:
    """The arguments of aiokafka's class: batches whose offsets follow each other."""
    return TopicPartition("orders", 0), kind(_log(batches, codec)), [], wanted, None, None, True, READ_UNCOMMITTED


def _log(batches: list[Any], codec: int) -> bytes:
    data, first = b"", 0
    for batch in batches:
        builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1_000_000)
        for number, (key, value, restored) in enumerate(batch):
            builder.append(number, 1_000, key, value, [(RESTORED_HEADER, b"1")] if restored else [])
        data += first.to_bytes(8, "big") + bytes(builder.build())[8:]
        first += len(batch)
    return data


@given(BATCHES.filter(bool), st.data())
def test_a_damaged_batch_is_refused_or_read_within_its_bytes(batches: list[Any], data: st.DataObject) -> None:
    raw = bytearray(_log(batches[:1], 0))
    at = data.draw(st.integers(57, len(raw) - 1))  # the number of records, and the records
    raw[at] = data.draw(st.integers(0, 255))
    records = LeanRecords(
        TopicPartition("orders", 0), LeanBatches(bytes(raw)), [], 0, None, None, False, READ_UNCOMMITTED
    )
    try:
        found = records.take_all()
    except (CorruptRecordException, UnicodeDecodeError):
        return
    assert sum(len(one.key or b"") + len(one.value or b"") for one in found) < len(raw)


TEXTS = st.lists(
    st.none() | st.sampled_from([b"", b"{}", b"k", b'{"a":1}', b'{"a":"\\n"}', b"{\x7f}", b"[1]"]), max_size=6
)


@given(TEXTS, TEXTS, st.integers(0, 6), st.integers(0, 6))
def test_texts_in_columns_are_the_texts(some: list[Any], more: list[Any], start: int, end: int) -> None:
    texts = Texts.together([Texts.of(some), Texts.of(more)])
    both = [*some, *more]
    assert list(texts) == [texts[i] for i in range(len(texts))] == both
    assert list(texts[start:end]) == both[start:end]
    assert texts.equal_to(b"{}") == [i for i, text in enumerate(both) if text == b"{}"]


@given(TEXTS.filter(bool), st.data())
def test_plain_texts_are_given_as_lines_and_any_other_as_none(some: list[Any], data: st.DataObject) -> None:
    at = data.draw(st.lists(st.integers(0, len(some) - 1), min_size=1))
    plain = all(some[i] in (b"{}", b'{"a":1}') for i in at)
    lines = Texts.of(some).plain_lines(np.array(at), 7)
    assert (lines is not None) == plain
    if lines is not None:
        assert lines.tobytes() == b"".join(some[i] + b"\n" for i in at)


@given(
    st.lists(st.tuples(st.binary(max_size=2), st.booleans()), min_size=1, max_size=8),
    st.integers(0, 8),
    st.integers(0, 8),
)
def test_columns_are_the_records_they_are_made_of(some: list[tuple[bytes, bool]], start: int, end: int) -> None:
    records = [
        Record("t", 1, 7 + i, i, b"k", value, restored, ((RESTORED_HEADER, b""),) if restored else ())
        for i, (value, restored) in enumerate(some)
    ]
    columns = RecordColumns.of(records)
    assert list(columns) == records
    assert list(columns[start:end]) == records[start:end]
    assert (len(columns), columns[-1]) == (len(records), records[-1])


STEPS = st.lists(
    st.tuples(st.just("order"), st.integers(0, 6), st.integers(1, 9), st.sampled_from(["a", "b", "c"]))
    | st.tuples(st.just("tick"), st.just(0), st.integers(1, 12), st.just("")),
    max_size=20,
)


@settings(max_examples=80, deadline=None)
@given(STEPS, st.integers(0, 20))
def test_at_every_closing_a_region_has_been_told_the_same_in_one_batch_or_in_many(
    steps: list[Any], crash_at: int
) -> None:
    records = [_record(offset, *step) for offset, step in enumerate(steps)]
    together, apart = _stage(MemoryStore()), _stage(MemoryStore())
    once = [together.handle(records)]
    singly = [apart.handle([record]) for record in records]
    assert _closings(once) == _closings(singly)
    store = MemoryStore()
    broken = [_stage(store).handle(records[:crash_at])]
    again = [_stage(store).handle(records)]  # a new process, to which all of it comes again
    assert _closings([*broken, *again])[-1] == _closings(singly)[-1]


def _record(offset: int, kind: str, number: int, day: int, account: str) -> Record:
    at = f"2026-03-{day:02d}T10:00:00Z"
    if kind == "tick":
        value = json.dumps({"event_id": f"t{offset}", "occurred_at": at})
        return Record(ORDERS.name, 0, offset, NOW_MS, TICK_KEY, value.encode())
    order = an_order(f"o{number}", f"{number + day}.50", at, account_id=account)
    return Record(ORDERS.name, 0, offset, NOW_MS, account.encode(), order.model_dump_json().encode())


def _stage(store: MemoryStore) -> Any:
    """A partition whose visits are far ahead, so that orders alone close its days."""
    company = Company(currency="EUR", unknown_accounts="create")
    stage = ActivityStage(Settings(company=company), "log").open(0, store)
    value = json.dumps({"event_id": "far", "occurred_at": "2026-04-30T00:00:00Z"}).encode()
    stage.handle([Record(VISIT_REPORTS.name, 0, 0, NOW_MS, TICK_KEY, value)])
    return stage


def _closings(outputs: list[Output]) -> list[tuple[str, Any]]:
    """What had been told of days and accounts when a day was first closed, and at the end."""
    told: dict[tuple[Any, ...], Any] = {}
    found: list[tuple[str, Any]] = []
    for emit in (emit for output in outputs for emit in output.emits if emit.topic == REGION_EVENTS.name):
        message = json.loads(emit.value)
        match message["t"]:
            case "days":
                told.update({("day", day[0], day[1]): day for day in message["days"]})
            case "closed" if emit.partition == 0 and message["day"] not in dict(found):  # a mark may be said again
                found.append((message["day"], dict(told)))
            case "account":
                told["account", message["account_id"]] = message
    return [*found, ("end", told)]
