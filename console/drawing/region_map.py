"""The map of a region: territories as dots by size of potential, homes of reps, and what would move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.drawing.maps import LatLon, arrow, colours, dots, fitted, middle
from console.drawing.tiles import Tile, TileServer, laid
from console.reading.answers.alerts import MarketNews
from console.reading.answers.territories import Place, RepFacts
from schemas.rows import MoveRow

SIZES: Final = {"A": "big", "B": "medium"}
KM_PER_DEGREE: Final = 111.2


@dataclass(frozen=True, slots=True)
class Layer:
    """The accounts of one territory: a path for each size of dot."""

    rep_id: str
    colour: str
    paths: Mapping[str, str]
    label: tuple[float, float]
    accounts: int


@dataclass(frozen=True, slots=True)
class MovedDot:
    """An account that would change hands."""

    account_id: str
    x: float
    y: float
    before: str
    after: str
    arrow: str
    from_rep: str
    to_rep: str


@dataclass(frozen=True, slots=True)
class Home:
    rep_id: str
    x: float
    y: float
    colour: str


@dataclass(frozen=True, slots=True)
class Circle:
    """A market event with its reach."""

    x: float
    y: float
    r: float
    news: MarketNews


@dataclass(frozen=True, slots=True)
class RegionMap:
    """Everything a template draws; x and y are in units of a picture `width` by `height`."""

    width: float
    height: float
    layers: tuple[Layer, ...]
    homes: tuple[Home, ...]
    moved: tuple[MovedDot, ...] = ()
    circles: tuple[Circle, ...] = ()
    tiles: tuple[Tile, ...] = ()
    credit: str = ""


def region_map(
    places: Sequence[Place],
    reps: Sequence[RepFacts],
    moves: Sequence[MoveRow] = (),
    news: Sequence[MarketNews] = (),
    colour_of: Mapping[str, str] | None = None,
    about: Collection[str] | None = None,
    under: TileServer | None = None,
) -> RegionMap:
    """Draw a region. `colour_of` overrides the colour of territories, such as by their deviation.

    `about` are the accounts that the map is about: all others, and the homes of their reps, stay in the background. `under`
    is where the streets and towns below come from, if anywhere.
    """
    homes = {rep.rep_id: (rep.lat, rep.lon) for rep in reps if rep.lat is not None and rep.lon is not None}
    project = fitted([(p.lat, p.lon) for p in places])
    shades = dict(colours([*(p.rep_id for p in places), *(r.rep_id for r in reps)])) | dict(colour_of or {})
    at = {p.account_id: project((p.lat, p.lon)) for p in places}
    shown = [p for p in places if about is None or p.account_id in about]
    rest = [p.model_copy(update={"rep_id": ""}) for p in places if about is not None and p.account_id not in about]
    centres = _centres(shown, at)
    moving = {move.account_id for move in moves}
    return RegionMap(
        width=1000,
        height=project.height,
        layers=(*_layers(rest, at, {"": "c-rest"}, moving), *_layers(shown, at, shades, moving)),
        homes=tuple(
            Home(rep, *project(home), shades[rep]) for rep, home in homes.items() if rep in centres and _inside(project(home), project.height)
        ),
        moved=tuple(_moved(move, at, centres, shades) for move in moves if move.account_id in at),
        circles=tuple(
            Circle(*project((n.lat, n.lon)), round(n.reach_km / KM_PER_DEGREE * project.scale, 1), n)
            for n in news
            if n.lat is not None and n.lon is not None
        ),
        tiles=laid(under, project) if under and places else (),
        credit=under.credit if under and places else "",
    )  # fmt: skip


def _layers(
    places: Sequence[Place], at: Mapping[str, LatLon], shades: Mapping[str, str], moving: set[str]
) -> list[Layer]:
    by_rep: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_rep[place.rep_id].append(place)
    layers = []
    for rep, owned in sorted(by_rep.items()):
        sized: dict[str, list[LatLon]] = defaultdict(list)
        for place in owned:
            if place.account_id not in moving:
                sized[SIZES.get(place.segment, "small")].append(at[place.account_id])
        label = middle([at[place.account_id] for place in owned])
        paths = {size: dots(points) for size, points in sorted(sized.items(), reverse=True)}
        layers.append(Layer(rep, shades.get(rep, "c-none"), paths, label, len(owned)))
    return layers


def _centres(places: Sequence[Place], at: Mapping[str, LatLon]) -> dict[str, LatLon]:
    owned: dict[str, list[LatLon]] = defaultdict(list)
    for place in places:
        owned[place.rep_id].append(at[place.account_id])
    return {rep: middle(points) for rep, points in owned.items()}


def _moved(
    move: MoveRow, at: Mapping[str, LatLon], centres: Mapping[str, LatLon], shades: Mapping[str, str]
) -> MovedDot:
    x, y = at[move.account_id]
    line = arrow((x, y), centres[move.to_rep]) if move.to_rep in centres else ""
    before, after = shades.get(move.from_rep, "c-none"), shades.get(move.to_rep, "c-none")
    return MovedDot(move.account_id, x, y, before, after, line, move.from_rep, move.to_rep)


def _inside(point: LatLon, height: float) -> bool:
    return -20 <= point[0] <= 1020 and -20 <= point[1] <= height + 20
