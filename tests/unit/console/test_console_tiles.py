"""Maps have streets and towns below them where a tile server is named; else nothing is asked of anybody."""

from __future__ import annotations

import re

import pytest

from console.drawing.maps import WIDTH, fitted
from console.drawing.tiles import TileServer, laid
from infra.settings import elsewhere
from schemas.errors import SettingsError
from tests.support.console_visitors import Visitor, a_console

SERVER = TileServer("https://tiles.example:8443/base/{z}/{x}/{y}.png?style=light", "© the <mappers>")
ADDRESS = re.compile(r"https://tiles\.example:8443/base/(\d+)/(\d+)/(\d+)\.png")
BREST = (48.39, -4.486)
AROUND_BREST = [(48.0, -5.0), (48.7, -4.0)]
PAGES = {"/territories": "mia", "/suggestions/s1": "mia", "/alerts/a1": "omar"}


@pytest.mark.parametrize("path", PAGES)
def test_without_a_server_a_map_is_drawn_alone_and_the_browser_may_ask_nobody(path: str) -> None:
    app, _, _ = a_console()
    answer = Visitor(app, PAGES[path]).get(path)
    assert ("<svg" in answer.text, "<image" in answer.text, "Map below" in answer.text) == (True, False, False)
    assert "img-src 'self' data:;" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", PAGES)
def test_with_a_server_pictures_may_come_from_it_alone_and_its_makers_are_named(path: str) -> None:
    app, _, _ = a_console(SERVER)
    answer = Visitor(app, PAGES[path]).get(path)
    pictures = re.findall(r'<image href="([^"]+)"', answer.text)
    assert len(pictures) > 3
    assert [picture for picture in pictures if not ADDRESS.match(picture)] == []
    assert "Map below: © the &lt;mappers&gt;" in answer.text
    policy = answer.headers["content-security-policy"].split("; ")
    assert "img-src 'self' data: https://tiles.example:8443" in policy
    assert [part for part in policy if "tiles.example" in part and not part.startswith("img-src")] == []


def test_a_map_with_nothing_on_it_asks_for_no_tiles() -> None:
    app, reader, _ = a_console(SERVER)
    reader.empty = True
    assert "<image" not in Visitor(app, "mia").get("/territories").text


def test_a_place_lies_on_the_tile_that_the_world_gives_it() -> None:
    """Brest is on tile 499/354 of zoom 10, as every map of that kind has it: 0.24 from its left edge, 0.29 from its top."""
    project = fitted(AROUND_BREST)
    x, y = project(BREST)
    (tile,) = [t for t in laid(SERVER, project) if t.x <= x < t.x + t.width and t.y <= y < t.y + t.height]
    assert tile.address == "https://tiles.example:8443/base/10/499/354.png?style=light"
    assert ((x - tile.x) / tile.width, (y - tile.y) / tile.height) == pytest.approx((0.24, 0.29), abs=0.01)


@pytest.mark.parametrize("places", [AROUND_BREST, [BREST], [(41.0, -5.0), (51.0, 9.0)], [(-80.0, -170.0), (84.0, 170.0)], [(69.0, 20.0), (71.0, 30.0)]])  # fmt: skip
def test_tiles_cover_the_picture_without_gaps_and_are_few(places: list[tuple[float, float]]) -> None:
    project = fitted(places)
    tiles = laid(SERVER, project)
    assert len(tiles) <= 60
    lefts, tops = sorted({tile.x for tile in tiles}), sorted({tile.y for tile in tiles})
    assert len(tiles) == len(lefts) * len(tops)
    for tile in tiles:
        right, bottom = tile.x + tile.width, tile.y + tile.height
        assert right == pytest.approx(next((x for x in lefts if x > tile.x), right), abs=0.2)
        assert bottom == pytest.approx(next((y for y in tops if y > tile.y), bottom), abs=0.2)
    if max(abs(lon) for _, lon in places) < 170:  # beyond the ends of the world there is no tile
        assert lefts[0] <= 0
        assert max(tile.x + tile.width for tile in tiles) >= WIDTH


@pytest.mark.parametrize(
    "address",
    ["http://tiles.example/{z}/{x}/{y}.png", "https://tiles.example/{z}/{x}.png", "https://tiles.example;script-src/{z}/{x}/{y}",
     "https://tiles.example/{z}/{x}/{y}.png script-src *", "javascript:{z}{x}{y}", 'https://tiles.example/{z}/{x}/{y}"onload=x'],
)  # fmt: skip
def test_an_address_that_is_no_tile_server_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="TERRADRIFT_CONSOLE_TILES"):
        elsewhere({"TERRADRIFT_CONSOLE_TILES": address})


@pytest.mark.parametrize("address", [SERVER.template, "http://localhost:8080/{z}/{x}/{y}.png", ""])
def test_a_server_of_the_company_or_of_this_machine_is_taken(address: str) -> None:
    assert elsewhere({"TERRADRIFT_CONSOLE_TILES": address}).console_tiles == address
