"""A file of road distances: from_id, to_id, km and, where known, minutes."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas.errors import SettingsError

Pair = tuple[str, str]
HOURS = 1 / 60


@dataclass(frozen=True)
class MatrixRoads:
    """Read once in each process that asks: only the path goes from one to the other."""

    path: Path

    @classmethod
    def read(cls, path: Path) -> MatrixRoads:
        """Raises SettingsError naming the line and the reason."""
        roads = cls(path)
        roads._known  # noqa: B018 - reads it
        return roads

    def __reduce__(self) -> tuple[type[MatrixRoads], tuple[Path]]:
        return type(self), (self.path,)

    def between(
        self,
        ids: Sequence[str],
        degrees: NDArray[np.float64],  # noqa: ARG002 - the port has it
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None] | None:
        """Implements solvers.roads.Roads. A pair told in one direction alone holds for both; the places are not needed."""
        found = [self._known.get((a, b)) or self._known.get((b, a)) if a != b else (0.0, 0.0) for a in ids for b in ids]
        if None in found:
            return None
        both = np.array(found, dtype=np.float64).reshape(len(ids), len(ids), 2)
        hours = both[..., 1]
        return both[..., 0], None if np.isnan(hours).any() else hours

    @cached_property
    def _known(self) -> dict[Pair, tuple[float, float]]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                return dict(self._pairs(csv.DictReader(file)))
        except OSError as error:
            raise SettingsError(f"[travel] matrix: {self.path}: {error.strerror}") from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise SettingsError(f"[travel] matrix: {self.path}: not a CSV file in UTF-8: {error}") from None

    def _pairs(self, rows: csv.DictReader[str]) -> Iterator[tuple[Pair, tuple[float, float]]]:
        missing = {"from_id", "to_id", "km"} - set(rows.fieldnames or ())
        if missing:
            raise SettingsError(f"[travel] matrix: {self.path}: no column {', '.join(sorted(missing))}")
        for row in rows:
            if not row["from_id"] or not row["to_id"]:
                raise self._wrong(rows.line_num, "from_id and to_id", "must name an account or a rep")
            km = self._number(rows.line_num, "km", row["km"])
            minutes = self._number(rows.line_num, "minutes", row["minutes"]) if row.get("minutes") else math.nan
            yield (row["from_id"], row["to_id"]), (km, minutes * HOURS)

    def _number(self, line: int, field: str, text: str | None) -> float:
        try:
            value = float(text or "")
        except ValueError:
            raise self._wrong(line, field, f"{text!r} is not a number") from None
        if not 0 <= value < math.inf:
            raise self._wrong(line, field, f"{text!r} is not a number from 0 on")
        return value

    def _wrong(self, line: int, field: str, why: str) -> SettingsError:
        return SettingsError(f"[travel] matrix: {self.path}: line {line}: {field}: {why}")
