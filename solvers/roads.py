"""Distances on the road, from whoever knows them: the port of the travel check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from solvers.problem import Floats


class Roads(Protocol):
    """A distance matrix or a routing server."""

    def between(self, ids: Sequence[str], degrees: Floats) -> tuple[Floats, Floats | None] | None:
        """(n, n) km and, where known, (n, n) hours from each place to each other.

        ids: the account of each place, or the rep whose home it is; degrees: (n, 2) latitude and longitude. None where a
        pair is not known. Raises UnavailableError when there is no answer at all.
        """
        ...
