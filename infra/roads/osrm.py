"""Road distances and times from the table service of a routing server (OSRM's HTTP API, version 1)."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from schemas.errors import UnavailableError

log = logging.getLogger(__name__)
TIMEOUT_SECONDS: Final = 10
BLOCK: Final = 50  # places from, and as many to: a server takes 100 in one question unless told otherwise
METRES: Final = 1000.0
SECONDS: Final = 3600.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OsrmRoads:
    """`url` is that of the service with its profile, such as http://127.0.0.1:5000/table/v1/driving."""

    url: str

    def between(self, ids: Sequence[str], degrees: Floats) -> tuple[Floats, Floats | None] | None:  # noqa: ARG002 - the port has it
        """Implements solvers.roads.Roads. The server hears places only; None where it finds no way between two of them."""
        n = len(degrees)
        km, hours = np.empty((n, n)), np.empty((n, n))
        blocks = [np.arange(first, min(first + BLOCK, n)) for first in range(0, n, BLOCK)]
        for sources in blocks:
            for targets in blocks:
                at = np.ix_(sources, targets)
                km[at], hours[at] = self._table(degrees[sources], degrees[targets])
        if np.isnan(km).any() or np.isnan(hours).any():
            return None
        return km, hours

    def _table(self, sources: Floats, targets: Floats) -> tuple[Floats, Floats]:
        answer = self._ask(_question(self.url, sources, targets))
        shape = (len(sources), len(targets))
        try:
            metres, seconds = (np.array(answer[name], dtype=np.float64) for name in ("distances", "durations"))
        except (KeyError, TypeError, ValueError) as error:
            raise self._silent(f"an answer without distances and durations: {error!r}") from None
        if metres.shape != shape or seconds.shape != shape:
            raise self._silent(f"tables of shape {metres.shape} and {seconds.shape} instead of {shape}")
        return metres / METRES, seconds / SECONDS

    def _ask(self, question: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(question, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - http(s) only, by the settings
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            raise self._silent(f"{error.code} {error.read(200).decode(errors='replace')}") from None
        except (OSError, ValueError) as error:
            raise self._silent(f"{type(error).__name__}: {error}") from None
        if not isinstance(told, dict) or told.get("code") != "Ok":
            raise self._silent(f"{told}"[:200])
        return told

    def _silent(self, why: str) -> UnavailableError:
        log.warning(
            "no road distances from %s (%s); the travel of this plan is checked in straight lines", self.url, why
        )
        return UnavailableError(f"{self.url}: {why}")


def _question(url: str, sources: Floats, targets: Floats) -> str:
    places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in np.vstack([sources, targets]))
    number = [str(i) for i in range(len(sources) + len(targets))]
    split = len(sources)
    return f"{url}/{places}?annotations=distance,duration&sources={';'.join(number[:split])}&destinations={';'.join(number[split:])}"
