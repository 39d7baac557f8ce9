"""Accounts on a plane: one path a territory, so that thousands of dots cost a browser next to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from statistics import fmean
from typing import Final

WIDTH: Final = 1000.0
MARGIN: Final = 40.0
LEAST_SPAN_DEGREES: Final = 0.05
COLOURS: Final = 16
"""Classes c0 … c15 of the style sheet; territories beyond share them, told apart by their labels."""

LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Projection:
    """Latitude and longitude to x and y of a picture, equirectangular around its middle: true enough for a region."""

    west: float
    north: float
    squeeze: float
    scale: float
    height: float

    def __call__(self, place: LatLon) -> tuple[float, float]:
        lat, lon = place
        return (
            round(MARGIN + (lon - self.west) * self.squeeze * self.scale, 1),
            round(MARGIN + (self.north - lat) * self.scale, 1),
        )

    def place(self, x: float, y: float) -> LatLon:
        """Latitude and longitude of a point of the picture: the way back."""
        return self.north - (y - MARGIN) / self.scale, self.west + (x - MARGIN) / self.squeeze / self.scale


def fitted(places: Sequence[LatLon]) -> Projection:
    """The projection that shows all of the places in a picture 1000 wide and between 500 and 1100 high."""
    if not places:
        return Projection(-5, 51, 0.7, 100, 600)
    south, north = min(p[0] for p in places), max(p[0] for p in places)
    west, east = min(p[1] for p in places), max(p[1] for p in places)
    squeeze = cos(radians((south + north) / 2))
    across = max((east - west) * squeeze, LEAST_SPAN_DEGREES)
    down = max(north - south, LEAST_SPAN_DEGREES)
    scale = min((WIDTH - 2 * MARGIN) / across, (1100 - 2 * MARGIN) / down)
    height = max(500.0, down * scale + 2 * MARGIN)
    slack_x = ((WIDTH - 2 * MARGIN) / scale - across) / squeeze / 2
    slack_y = ((height - 2 * MARGIN) / scale - down) / 2
    return Projection(west - slack_x, north + slack_y, squeeze, scale, round(height, 1))


def dots(points: Iterable[tuple[float, float]]) -> str:
    """A path of dots: strokes of no length, which round caps make visible."""
    return "".join(f"M{x:g} {y:g}h0" for x, y in points)


def middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where a label of the points goes."""
    return round(fmean(x for x, _ in points), 1), round(fmean(y for _, y in points), 1)


def arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A bent line from start to end; "" where they are too near for a line to be seen."""
    (x1, y1), (x2, y2) = start, end
    length = hypot(x2 - x1, y2 - y1)
    if length < 12:
        return ""
    bend = min(0.15 * length, 40) / length
    cx, cy = (x1 + x2) / 2 - (y2 - y1) * bend, (y1 + y2) / 2 + (x2 - x1) * bend
    return f"M{x1:g} {y1:g}Q{cx:.1f} {cy:.1f} {x2:g} {y2:g}"


def colours(reps: Iterable[str]) -> Mapping[str, str]:
    """Rep -> class of its colour, in the order of the ids, so that a rep keeps its colour from page to page."""
    return {rep: f"c{number % COLOURS}" for number, rep in enumerate(sorted(set(reps) - {""}))} | {"": "c-none"}
