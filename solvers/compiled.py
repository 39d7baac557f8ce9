"""Inner loops compiled to machine code, once for all: the result is cached beside the source.

Only modules that are imported when a solve begins use this, so a process that never solves never loads the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile at the first call for the types it is called with; one thread, no interpreter."""
    return cast(F, numba.njit(cache=True)(function))
