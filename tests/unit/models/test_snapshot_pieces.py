"""Pieces of a snapshot: joined they are the whole, and a small change stays in few of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from models.columns import Column, Columns
from models.snapshot import cut, pack, unpack

ARRAYS = st.dictionaries(
    st.text("abc.", min_size=1, max_size=4),
    arrays(st.sampled_from([np.float32, np.float64, np.int64]), array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9), fill=st.just(1)),
    max_size=5,
)  # fmt: skip


@given(ARRAYS, st.integers(1, 600))
def test_pieces_joined_in_order_are_the_whole(values: dict[str, np.ndarray], size: int) -> None:
    whole = pack("kind", "v", {"some": "values"}, values)
    assert b"".join(cut(whole, size).values()) == whole


def test_a_ring_that_took_one_more_week_differs_in_one_piece() -> None:
    ring = np.zeros((117, 1_000), np.float32)
    small = {"level": np.zeros(10), "sums": np.zeros(3)}
    before = cut(pack("kind", "v", {}, {"ring": ring, **small}), 4_000)
    ring[5] = 7
    after = cut(pack("kind", "v", {}, {"ring": ring, **small}), 4_000)
    assert [name for name in after if before[name] != after[name]] == ["ring@20000"]
    assert len(after) == 119, "the header, 117 weeks, and the small ones together"


def test_a_new_account_takes_a_spare_row_and_leaves_the_weeks_before_as_they_were() -> None:
    columns = Columns({"ring": Column(np.float32, np.nan, (3,))})
    for _ in range(17):
        columns.add()
    columns["ring"][:] = 1
    before = cut(pack("kind", "v", {}, columns.state()), 60)
    columns.add()
    columns["ring"][2, -1] = 5
    after = cut(pack("kind", "v", {}, columns.state()), 60)
    assert [name for name in after if before[name] != after[name]] == ["ring@160"]


def test_columns_read_from_a_snapshot_keep_their_spare_rows() -> None:
    kinds = {"ring": Column(np.float32, np.nan, (3,))}
    columns = Columns(kinds)
    for _ in range(17):
        columns.add()
    _, read = unpack("kind", "v", pack("kind", "v", {}, columns.state()))
    again = Columns.restored(kinds, columns.rows, read)
    assert again.add() == 17
    assert np.isnan(again["ring"][:, 17]).all()
    assert again["ring"].shape == (3, 18)
