"""A file of road distances: what it may leave out, and how a wrong line is told."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from infra.roads import roads_of
from infra.roads.matrix import MatrixRoads
from schemas.errors import SettingsError
from schemas.settings import Settings, Travel

NOWHERE = np.zeros((2, 2))


def a_matrix(tmp_path: Path, text: str) -> MatrixRoads:
    (tmp_path / "roads.csv").write_text(text)
    return MatrixRoads.read(tmp_path / "roads.csv")


def test_one_direction_stands_for_both_and_a_second_one_for_itself(tmp_path: Path) -> None:
    roads = a_matrix(tmp_path, "from_id,to_id,km,minutes\nA1,R1,10,12\nA1,A2,5,6\nA2,A1,7,9\n")
    km, hours = roads.between(["R1", "A1"], NOWHERE) or (None, None)
    assert km is not None
    assert hours is not None
    assert km.tolist() == [[0, 10], [10, 0]]
    assert hours.tolist() == [[0, 0.2], [0.2, 0]]
    between, _ = roads.between(["A1", "A2"], NOWHERE) or (None, None)
    assert between is not None
    assert between.tolist() == [[0, 5], [7, 0]]


def test_a_pair_that_is_not_known_leaves_the_whole_territory_to_straight_lines(tmp_path: Path) -> None:
    assert a_matrix(tmp_path, "from_id,to_id,km\nA1,R1,10\n").between(["R1", "A2"], NOWHERE) is None


def test_without_all_minutes_there_are_no_hours(tmp_path: Path) -> None:
    known = a_matrix(tmp_path, "from_id,to_id,km,minutes\nA1,R1,10,\n").between(["R1", "A1"], NOWHERE)
    assert known is not None
    assert known[1] is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("from_id,km\nA1,3\n", "no column to_id"),
        ("from_id,to_id,km\nA1,R1,3\nA2,R1,far\n", "line 3: km: 'far' is not a number"),
        ("from_id,to_id,km\nA1,R1,-3\n", "line 2: km: '-3' is not a number from 0 on"),
        ("from_id,to_id,km\nA1,R1,nan\n", "line 2: km: 'nan' is not a number from 0 on"),
        ("from_id,to_id,km\nA1,R1\n", "line 2: km: None is not a number"),
        ("from_id,to_id,km,minutes\nA1,R1,3,soon\n", "line 2: minutes: 'soon' is not a number"),
        ("from_id,to_id,km\n,R1,3\n", "line 2: from_id and to_id: must name an account or a rep"),
    ],
)
def test_a_wrong_line_is_named_before_anything_starts(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SettingsError, match=r"roads\.csv") as told:
        a_matrix(tmp_path, text)
    assert why in str(told.value)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match=r"matrix: nowhere\.csv: No such file"):
        roads_of(Travel(matrix="nowhere.csv"))


def test_only_the_path_goes_to_another_process(tmp_path: Path) -> None:
    roads = a_matrix(tmp_path, "from_id,to_id,km\n" + "".join(f"A{i},R1,10\n" for i in range(1000)))
    assert len(pickle.dumps(roads)) < 500
    assert pickle.loads(pickle.dumps(roads)).between(["A7", "R1"], NOWHERE) is not None  # noqa: S301 - our own bytes


def test_one_source_at_most() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        Settings.model_validate(
            {"travel": {"matrix": "roads.csv", "osrm_url": "http://127.0.0.1:5000/table/v1/driving"}}
        )
    assert roads_of(Travel()) is None
