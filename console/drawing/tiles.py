"""A map under the dots: pictures of a tile server that the company named, each laid where our projection has its corners.

Tiles are cut in Mercator's projection and ours is not, but a tile of a region spans a degree or two: stretched between its own
corners it is off by less than a dot. Nothing is asked of anybody unless a server is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import asinh, atan, degrees, floor, log2, pi, radians, sinh, tan
from typing import Final

from console.drawing.maps import WIDTH, Projection

ACROSS: Final = 5.0
"""Tiles side by side at most, roughly: a picture of 256 points is then drawn about as large as it is."""
DEEPEST: Final = 19
MERCATOR_ENDS: Final = 85.0
_ORIGIN: Final = re.compile(r"^https?://[^/]+")


@dataclass(frozen=True, slots=True)
class TileServer:
    """Where tiles come from: `template` has {z}, {x} and {y}; `credit` is what the server wants said beside its pictures."""

    template: str
    credit: str = ""

    @property
    def origin(self) -> str:
        """Scheme and host: the only place beside our own that a page may take pictures from."""
        found = _ORIGIN.match(self.template)
        return found[0] if found else ""

    def address(self, zoom: int, column: int, row: int) -> str:
        return self.template.replace("{z}", str(zoom)).replace("{x}", str(column)).replace("{y}", str(row))


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture and the part of the map it covers."""

    address: str
    x: float
    y: float
    width: float
    height: float


def laid(server: TileServer, project: Projection) -> tuple[Tile, ...]:
    """The tiles that cover the picture of a projection, row by row."""
    north, west = project.place(0, 0)
    south, east = project.place(WIDTH, project.height)
    zoom = max(0, min(DEEPEST, floor(log2(ACROSS * 360 / max(east - west, 1e-6)))))
    last = 2**zoom - 1
    columns = range(max(0, floor(_column(west, zoom))), min(last, floor(_column(east, zoom))) + 1)
    rows = range(max(0, floor(_row(north, zoom))), min(last, floor(_row(south, zoom))) + 1)
    return tuple(_tile(server, project, zoom, column, row) for row in rows for column in columns)


def _tile(server: TileServer, project: Projection, zoom: int, column: int, row: int) -> Tile:
    left, top = project((_latitude(row, zoom), _longitude(column, zoom)))
    right, bottom = project((_latitude(row + 1, zoom), _longitude(column + 1, zoom)))
    return Tile(server.address(zoom, column, row), left, top, round(right - left, 1), round(bottom - top, 1))


def _column(lon: float, zoom: int) -> float:
    return float((lon + 180) / 360 * 2**zoom)


def _row(lat: float, zoom: int) -> float:
    kept = max(-MERCATOR_ENDS, min(MERCATOR_ENDS, lat))
    return float((1 - asinh(tan(radians(kept))) / pi) / 2 * 2**zoom)


def _longitude(column: int, zoom: int) -> float:
    return float(column / 2**zoom * 360 - 180)


def _latitude(row: int, zoom: int) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * row / 2**zoom))))
