"""Room on the disk for the embedded ClickHouse: asked before it starts, since it would only say that it cannot reserve a mebibyte."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from infra.embedded.clickhouse_config import KEPT_FREE_BYTES
from schemas.errors import UnavailableError

START_BYTES: Final = 64 * 2**20
"""What tables, settings and logs of a start may take, beyond what ClickHouse keeps free."""


def require_room(folder: Path) -> None:
    """Raises UnavailableError where the disk of the folder has too little room for ClickHouse to write anything."""
    needed, free = KEPT_FREE_BYTES + START_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise UnavailableError(
            f"the disk of {folder.absolute()} has {_mebibytes(free)} free and needs {_mebibytes(needed)}: ClickHouse keeps "
            f"{_mebibytes(KEPT_FREE_BYTES)} free and writes nothing below; free {_mebibytes(needed - free)} there, or name "
            "a folder on another disk with --dir"
        )


def _mebibytes(size: int) -> str:
    """Rounded up, so that who frees what is said has freed enough."""
    return f"{-(-size // 2**20):,} MiB"
