"""Compile the loops over fetched records before they are needed: `python -m streams.ready`, once after installation.

The machine code is kept beside the source (or where NUMBA_CACHE_DIR says). A process that has to compile it takes some
seconds of its first batch.
"""

from __future__ import annotations

import numpy as np

from streams.record_kernel import read_records
from streams.texts import Texts


def make_ready() -> None:
    """Read a batch without records, and two texts."""
    read_records(np.empty(0, dtype=np.uint8), *np.empty((6, 0), dtype=np.int64))
    texts = Texts.of([b"{}", b"[]"])
    texts.equal_to(b"{}")
    texts.plain_lines(np.arange(2), 10)


if __name__ == "__main__":
    make_ready()
