"""Laws of packed batches: aiokafka reads what was packed, as it reads what it has built itself."""

from __future__ import annotations

from typing import Any

from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.upstream.packed import pack

STATES = st.dictionaries(st.binary(max_size=70), st.none() | st.binary(max_size=300), max_size=90)


def as_sent(batch: Any, first_number: int) -> bytes:
    """The bytes that go to the broker, in the idempotent producer's count."""
    batch._set_producer_state(7, 3, first_number)
    return bytes(batch._build())


@given(STATES, st.sampled_from([1_000, 2_000, 900_000]))
def test_what_is_packed_is_read_back_whole_and_in_order(state: dict[bytes, bytes | None], most_bytes: int) -> None:
    batches = pack(state, most_bytes)
    assert batches is not None
    read: list[tuple[bytes, bytes | None]] = []
    for batch in batches:
        assert batch.closed()
        assert batch.size() <= most_bytes
        records = MemoryRecords(as_sent(batch, len(read)))
        found = records.next_batch()
        assert found.validate_crc()
        assert (found.producer_id, found.producer_epoch, found.base_sequence) == (7, 3, len(read))
        some = list(found)
        assert not records.has_next()
        assert [one.offset for one in some] == list(range(batch.record_count()))
        read += [(one.key, one.value) for one in some]
    assert read == list(state.items())


@given(STATES, st.integers(900, 2_000))
def test_a_record_that_fits_no_batch_is_left_to_be_sent_alone(state: dict[bytes, bytes | None], size: int) -> None:
    assert pack({**state, b"large": bytes(size)}, 900) is None
