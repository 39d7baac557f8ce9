"""Road distances from a real routing server, and what a plan's travel is by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from infra.roads import roads_of
from infra.roads.osrm import BLOCK, OsrmRoads
from schemas.errors import UnavailableError
from schemas.settings import Travel
from solvers.places import Places
from solvers.roads import Roads
from solvers.travel import haversine_km
from solvers.travel_check import travel_check
from streams.handlers.region.solving import decode_answer, read_travel_checks, solve
from tests.support.osrm import osrm_server, write_map
from tests.support.region import a_region
from tests.unit.solvers.test_travel_check import a_plan

pytestmark = pytest.mark.io
WEST, EAST = -3.2, -1.8
DETOUR = 48.4  # degrees north: the ends of the two roads are joined only up there


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A river without bridges: one road along each bank, at 48.0 and 48.01 degrees, which meet in the far north-east."""
    file = tmp_path_factory.mktemp("osrm") / "river.osm"
    nodes = {
        1: (48.0, WEST),
        2: (48.0, EAST),
        3: (48.01, WEST),
        4: (48.01, EAST),
        5: (DETOUR, EAST),
        6: (DETOUR, EAST + 0.01),
    }
    write_map(file, nodes, [(1, 2), (3, 4), (2, 6, 5, 4)])
    with osrm_server(file) as table:
        yield table


def test_distances_follow_the_road_and_not_the_bird(url: str) -> None:
    here, across = (48.0, -3.0), (48.01, -3.0)
    known = OsrmRoads(url).between(["a", "b", "c"], np.array([here, (48.0, -2.9), across]))
    assert known is not None
    km, hours = known
    assert hours is not None
    straight = haversine_km(np.array([here]), np.array([(48.0, -2.9)]))[0, 0]
    assert (km[0, 1], km[1, 0]) == pytest.approx((straight, straight), rel=0.01)
    assert km[0, 2] > 200 > 2 > haversine_km(np.array([here]), np.array([across]))[0, 0]
    assert 35 < km[0, 2] / hours[0, 2] <= 60
    assert np.diag(km).tolist() == [0, 0, 0]


def test_more_places_than_one_question_takes_are_asked_in_blocks(url: str) -> None:
    places = np.column_stack([np.full(BLOCK + 7, 48.0), np.linspace(WEST, EAST, BLOCK + 7)])
    known = OsrmRoads(url).between([f"a{i}" for i in range(BLOCK + 7)], places)
    assert known is not None
    km, _ = known
    assert km.shape == (BLOCK + 7, BLOCK + 7)
    assert km[0] == pytest.approx(haversine_km(places, places[:1])[:, 0], rel=0.01, abs=0.05)
    assert km == pytest.approx(km.T, abs=0.05)


def test_a_server_that_is_not_there_or_is_none_of_the_kind_is_told_and_not_asked_twice(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = np.array([[48.0, -3.0]])
    for wrong in ("http://127.0.0.1:9/table/v1/driving", url.replace("/table/", "/nearest/")):
        with pytest.raises(UnavailableError, match=wrong):
            OsrmRoads(wrong).between(["a"], place)
    caplog.clear()
    problem, solution, where = a_plan()
    rows = travel_check(problem, solution, where, roads=OsrmRoads("http://127.0.0.1:9/table/v1/driving"))
    assert {row.method for row in rows} == {"routed"}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "straight lines" in caplog.text


def test_a_suggestion_of_the_running_region_is_checked_on_the_road(url: str) -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 3)
    (question,) = bench.open_solves
    by_road = read_travel_checks(decode_answer(solve(question.problem, roads_of(Travel(osrm_url=url)))).travel_checks)
    straight = read_travel_checks(decode_answer(solve(question.problem)).travel_checks)
    assert {row.method for row in by_road} == {"roads"}
    assert [row.rep_id for row in by_road] == [row.rep_id for row in straight] == ["east", "west"]
    for road, line in zip(by_road, straight, strict=True):  # all live along one straight road
        assert road.tour_km_after == pytest.approx(line.tour_km_after, rel=0.02)
        assert road.year_km_after == pytest.approx(line.year_km_after / 1.3, rel=0.02)
        assert road.hours_per_client_after < line.hours_per_client_after


def test_a_matrix_file_and_a_server_that_say_the_same_give_the_same_check(url: str, tmp_path: Path) -> None:
    problem, solution, where = a_plan()
    server = OsrmRoads(url)
    ids = [*problem.account_ids, *problem.rep_ids]
    known = server.between(ids, np.vstack([where.accounts, where.homes]))
    assert known is not None
    km, hours = known
    assert hours is not None
    file = tmp_path / "roads.csv"
    lines = [f"{a},{b},{km[i, j]},{60 * hours[i, j]}" for i, a in enumerate(ids) for j, b in enumerate(ids)]
    file.write_text("\n".join(["from_id,to_id,km,minutes", *lines]))
    matrix: Roads | None = roads_of(Travel(matrix=str(file)))
    assert matrix is not None
    told = [row.model_dump() for row in travel_check(problem, solution, where, roads=matrix)]
    asked = [row.model_dump() for row in travel_check(problem, solution, where, roads=server)]
    assert {row["method"] for row in told} == {"roads"}
    for one, other in zip(told, asked, strict=True):
        assert one == pytest.approx(other)


def test_places_on_a_plane_have_no_roads(url: str) -> None:
    problem, solution, where = a_plan()
    rows = travel_check(problem, solution, Places(where.accounts, where.homes, geographic=False), roads=OsrmRoads(url))
    assert {row.method for row in rows} == {"routed"}
