"""Sorting of columns."""

from __future__ import annotations

import numpy as np

from streams.handlers.activity.times import Ints


def stable_order(keys: Ints) -> Ints:
    """The indices that sort the keys (0 to 2**48), equal ones in their order.

    The index is packed below the key: numpy sorts whole numbers far faster than it sorts indices stably.
    """
    bits = max(len(keys) - 1, 1).bit_length()
    return np.sort((keys << bits) | np.arange(len(keys))) & ((1 << bits) - 1)


def runs(keys: Ints) -> tuple[Ints, Ints]:
    """Of sorted keys each different one, and where it begins."""
    if not len(keys):
        return keys, keys
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[starts], starts
