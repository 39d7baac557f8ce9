"""Distances on the road for the check of a plan's travel: from a file, or from a routing server."""

from __future__ import annotations

from pathlib import Path

from infra.roads.matrix import MatrixRoads
from infra.roads.osrm import OsrmRoads
from schemas.settings import Travel


def roads_of(travel: Travel) -> MatrixRoads | OsrmRoads | None:
    """What the settings name; None without. A file is read now, so that a wrong one is told at the start.

    Raises SettingsError naming the line and the reason.
    """
    if travel.osrm_url:
        return OsrmRoads(travel.osrm_url)
    return MatrixRoads.read(Path(travel.matrix)) if travel.matrix else None
