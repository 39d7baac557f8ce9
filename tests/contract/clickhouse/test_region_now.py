"""A region read back from ClickHouse poses the very problem that the region stage would pose."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access
from infra.clickhouse.region_now import RegionNow, known_regions, region_now
from schemas import rows
from schemas.region_log import AccountSet, DealSet, RepSet
from schemas.settings import Settings, load_settings
from schemas.topics import POTENTIALS
from schemas.what_if import RepLeaves, WhatIfRefusedError
from solvers.what_if import what_if
from streams.handlers.region.planning import places_of, problem_of
from streams.system.areas import nobody_there
from streams.system.region_now import situation_now, situation_of
from tests.contract.clickhouse.small_company import write_rows
from tests.support.region import (
    MONDAY,
    REGION,
    RegionBench,
    a_region,
    a_rep_set,
    an_account_set,
    an_assignment_set,
    noon,
)

pytestmark = pytest.mark.io
SETTINGS = Settings()
WEEKS = 4
DAY = MONDAY + timedelta(days=7 * WEEKS)
BEFORE = noon(MONDAY - timedelta(days=30))
FAR = date(2030, 1, 1)
_offsets = count()


def a_fact(event: str, at: datetime, **fields: Any) -> dict[str, Any]:
    return {"log_id": "log", "topic": "t", "partition": 0, "offset": next(_offsets), "event_id": event, "occurred_at": at, **fields}  # fmt: skip


@pytest.fixture(scope="module")
def bench() -> RegionBench:
    """West has fifteen of twenty accounts: one is pinned, one was pinned, one has an open deal, one asks for a skill, one has
    no place, one moved lately, one by hand, one belongs to nobody."""
    bench = a_region(settings=SETTINGS)
    bench.say(
        a_rep_set("east", -2.0, skills=("wine",), weekly_hours=30.0, seniority=0.7, absent_from=FAR, absent_to=FAR)
    )
    bench.say(an_account_set("a03", -2.85, skills=("wine",), visit_minutes=70.0, visits_per_year=9.0))
    bench.say(an_account_set("a04", None, lat=None))
    bench.say(an_assignment_set("a06", "east", MONDAY, source="decision"))
    bench.say(an_assignment_set("a08", "east", MONDAY, source="crm"))
    bench.say(an_assignment_set("a07", None, MONDAY))
    bench.say(DealSet("a02", "d1", True, noon(MONDAY), "d1"))
    bench.say(DealSet("a05", "d2", True, noon(MONDAY), "d2"), DealSet("a05", "d2", False, noon(MONDAY + timedelta(days=3)), "d2b"))  # fmt: skip
    bench.weeks(0, WEEKS)
    bench.decide("pin", account_id="a00", until=date(2027, 1, 1), reason="the chairman's brother")
    bench.decide("pin", account_id="a01")
    bench.decide("unpin", account_id="a01", occurred_at=noon(MONDAY + timedelta(days=1)))
    return bench


@pytest.fixture(scope="module")
def told(bench: RegionBench, access: Access) -> None:
    state = bench.handler._regions[REGION].state
    written: list[Any] = [rows.PotentialRow.model_validate(row) for row in bench.rows(POTENTIALS)]
    written += [_account(account.now) for account in state.accounts.values()]
    written.append(_account(an_account_set("a99", -2.0, status="closed")))
    written += [_rep(rep) for rep in state.reps.values()]
    for number, name in enumerate(state.accounts):
        written.append(_assignment(name, "west" if number < 15 else "east", BEFORE.date()))
    written += [
        _assignment("a06", "east", MONDAY, "decision"),
        _assignment("a08", "east", MONDAY, "crm"),
        _assignment("a07", None, MONDAY),
    ]
    for week in range(WEEKS):
        at = noon(MONDAY + timedelta(days=7 * week + 2))
        written += [
            rows.VisitRow(**a_fact(f"v{week}{name}", at, visit_id=f"v{week}{name}", account_id=name, rep_id="west", duration_minutes=30, travel_minutes=20, region_id=REGION))
            for name in state.accounts
        ]  # fmt: skip
    for deal, stage, day in (("d1", "open", 0), ("d2", "open", 0), ("d2", "won", 3)):
        written.append(rows.OpportunityRow(**a_fact(f"{deal}{stage}", noon(MONDAY + timedelta(days=day)), opportunity_id=deal,
            account_id="a02" if deal == "d1" else "a05", stage=stage)))  # fmt: skip
    for kind, account, at, until in (
        ("pin", "a00", 0, date(2027, 1, 1)),
        ("pin", "a01", 0, None),
        ("unpin", "a01", 1, None),
    ):
        written.append(rows.DecisionRow(**a_fact(f"{kind}{account}", noon(MONDAY + timedelta(days=at)), decision_id=f"{kind}{account}",
            region_id=REGION, kind=kind, account_id=account, until=until, reason="the chairman's brother" if account == "a00" else "")))  # fmt: skip
    write_rows(access, written, SETTINGS)


def _account(now: AccountSet) -> rows.AccountRow:
    names = ("account_id", "kind", "segment", "status", "lat", "lon", "postal_code", "city", "family_id", "visit_minutes", "visits_per_year", "skills")  # fmt: skip
    return rows.AccountRow(**a_fact(now.account_id, BEFORE, region_id=REGION, **{name: getattr(now, name) for name in names}))  # fmt: skip


def _rep(now: RepSet) -> rows.RepRow:
    names = ("rep_id", "home_lat", "home_lon", "weekly_hours", "seniority", "absent_from", "absent_to", "skills")
    return rows.RepRow(**a_fact(now.rep_id, BEFORE, region_id=REGION, **{name: getattr(now, name) for name in names}))


def _assignment(account: str, rep: str | None, day: date, source: str = "import") -> rows.AssignmentRow:
    return rows.AssignmentRow(**a_fact(f"{account}{day}", noon(day), account_id=account, rep_id=rep, valid_from=day,
                              source=source, region_id=REGION))  # fmt: skip


@pytest.fixture
def now(told: None, client: Client) -> RegionNow:
    found = region_now(client, REGION)
    assert found is not None
    return found


def test_the_problem_read_back_is_the_one_the_region_would_pose(bench: RegionBench, now: RegionNow) -> None:
    state = bench.handler._regions[REGION].state
    assert now.day == DAY
    wanted, accounts = problem_of(state, DAY, SETTINGS)
    situation = situation_of(now, REGION, SETTINGS)
    found = situation.problem
    assert found.account_ids == wanted.account_ids
    assert (found.rep_ids, found.held_because) == (wanted.rep_ids, wanted.held_because)
    told = (
        "potential",
        "hours",
        "visits",
        "distance_km",
        "detour_km",
        "current",
        "capacity",
        "seniority",
        "movable",
        "eligible",
    )
    for name in told:
        assert np.array_equal(getattr(found, name), getattr(wanted, name), equal_nan=name.endswith("_km")), name
    assert situation.places is not None
    assert np.array_equal(situation.places.accounts, places_of(state, wanted, accounts).accounts, equal_nan=True)
    reasons = {name: why for name, why in zip(found.account_ids, found.held_because, strict=True) if why}
    assert set(reasons) == {"a00", "a02", "a06", "a08"}
    assert reasons["a00"] == "pinned until 2027-01-01: the chairman's brother"


def test_a_question_about_a_running_region_is_answered_from_what_is_known_now(now: RegionNow) -> None:
    answer = what_if(situation_of(now, REGION, SETTINGS), [RepLeaves(rep_id="east")])
    assert answer.as_of == DAY
    assert {move.to_rep for move in answer.moves} == {"west"}


def test_a_region_nobody_knows_is_refused_with_those_that_are_known(told: None, client: Client) -> None:
    assert known_regions(client) == [REGION]
    with pytest.raises(WhatIfRefusedError, match=f"nothing is known of a region 'nowhere'; known are: {REGION}"):
        situation_now(client, "nowhere", SETTINGS)


def test_an_area_in_the_settings_where_nobody_is_is_found_among_all_accounts(
    told: None, client: Client, tmp_path: Path
) -> None:
    config = tmp_path / "terradrift.toml"
    config.write_text('[[rules.barriers]]\nname = "x"\none_side = ["account a00"]\nother_side = ["account a77"]\n')
    assert nobody_there(client, load_settings(config), config) == [
        "rules.barriers: 'x' names 'account a77' in other_side (line 4), where no account lies"
    ]
    assert nobody_there(client, SETTINGS, None) == []
