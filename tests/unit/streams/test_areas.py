"""Areas of barriers where nobody is are told, with the line that names them."""

from __future__ import annotations

from typing import Any

import h3

from schemas.settings import Barrier, Rules, Settings
from streams.system.areas import told

RENNES = {"account_id": "A1", "region_id": "west", "postal_code": "35000", "city": "Rennes", "lat": 48.11, "lon": -1.68}
NOWHERE = {"account_id": "A2", "region_id": "east", "postal_code": None, "city": None, "lat": None, "lon": None}
HERE, ELSEWHERE = h3.latlng_to_cell(48.11, -1.68, 4), h3.latlng_to_cell(40.0, -1.68, 4)


def findings(one: list[str], other: list[str], places: list[dict[str, Any]], text: str = "") -> list[str]:
    barrier = Barrier(name="the river", one_side=tuple(one), other_side=tuple(other))
    return told(places, Settings(rules=Rules(barriers=(barrier,))), text)


def test_areas_where_somebody_is_say_nothing() -> None:
    assert findings(["postal 35", "city rennes"], ["account A2", f"cell {HERE}"], [RENNES, NOWHERE]) == []


def test_each_area_where_nobody_is_is_named_with_its_line() -> None:
    text = '[[rules.barriers]]\nname = "the river"\none_side = ["postal 35", "city Rennse"]\nother_side = [\n  "account A3"]'
    found = findings(["postal 35", "city Rennse"], ["account A3", f"cell {ELSEWHERE}"], [RENNES, NOWHERE], text)
    assert found == [
        "rules.barriers: 'the river' names 'city Rennse' in one_side (line 3), where no account lies",
        "rules.barriers: 'the river' names 'account A3' in other_side (line 5), where no account lies",
        f"rules.barriers: 'the river' names 'cell {ELSEWHERE}' in other_side, where no account lies",
    ]


def test_before_the_first_account_is_known_nothing_is_said() -> None:
    assert findings(["postal 35"], ["postal 44"], []) == []
