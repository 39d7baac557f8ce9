"""Laws of the table of known ids: it holds what was added, nothing else, however it was added."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.handlers.activity.known_ids import LEAST_SLOTS, KnownIds, ids_of

ID = st.integers(1, 40) | st.integers(1, 2**64 - 1) | st.integers(1, 30).map(lambda n: n * LEAST_SLOTS)
"""Small ones, any, and ones that all want the same slot."""
BATCHES = st.lists(st.lists(ID, max_size=60), max_size=8)


@given(BATCHES, st.lists(ID, max_size=60))
def test_it_holds_what_was_added_and_nothing_else(batches: list[list[int]], asked: list[int]) -> None:
    known, truth = KnownIds(), set[int]()
    for batch in batches:
        known.add(np.array(batch, dtype=np.uint64))
        truth.update(batch)
    assert len(known) == len(truth)
    assert known.hold(np.array(asked, dtype=np.uint64)).tolist() == [one in truth for one in asked]


@given(st.integers(0, 2**32))
def test_it_grows(seed: int) -> None:
    ids = np.random.default_rng(seed).integers(1, 2**63, 3 * LEAST_SLOTS, dtype=np.uint64)
    known = KnownIds()
    for part in np.array_split(ids, 7):
        known.add(part)
    assert known.hold(ids).all()
    assert len(known) == len(set(ids.tolist()))
    assert not known.hold(ids + np.uint64(2**63)).any()


def test_a_digest_of_nothing_but_zeros_is_an_id() -> None:
    known = KnownIds()
    known.add(ids_of(bytes(8)))
    assert known.hold(ids_of(bytes(8))).tolist() == [True]
