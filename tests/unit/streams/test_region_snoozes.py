"""Ask again after: a snoozed suggestion comes back by itself, unless its reason is gone, and may be decided on before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.settings import Change, Settings
from schemas.topics import SUGGESTIONS
from streams.handlers.region.planning import may_ask
from tests.support.region import (
    MONDAY,
    QUICK,
    REGION,
    RegionBench,
    a_region,
    a_rep_set,
    an_assignment_set,
    noon,
    sunday,
)

MOVED = ["a10", "a11", "a12", "a13", "a14"]


@pytest.fixture
def bench() -> RegionBench:
    """Three weeks are closed, and the suggestion to move a10..a14 from west to east is snoozed to the end of the fifth."""
    bench = a_region()
    bench.weeks(0, 3)
    bench.decide("snooze", bench.suggestion_id, until=sunday(4), decided_by="mia", reason="season")
    assert bench.suggestion()["status"] == "snoozed"
    return bench


def states(bench: RegionBench) -> list[str]:
    return [row["status"] for row in bench.rows(SUGGESTIONS)]


def test_the_same_suggestion_is_asked_again_the_day_after_and_nobody_has_decided_on_it(bench: RegionBench) -> None:
    suggestion_id = bench.suggestion_id
    bench.weeks(3, 2)
    assert bench.suggestion()["status"] == "snoozed"
    bench.close(sunday(4) + timedelta(days=1))
    row = bench.suggestion()
    assert (row["status"], row["suggestion_id"], row["revision"]) == ("proposed", suggestion_id, 2)
    assert (row["decided_by"], row["decision_id"], row["decision_reason"]) == ("", "", "")
    assert row["as_of"].startswith((sunday(4) + timedelta(days=2)).isoformat())  # the end of the day after
    bench.decide("accept", suggestion_id)
    assert [account for account, *_ in bench.changes()] == MOVED


def test_a_snooze_survives_a_restart() -> None:
    bench = a_region(snapshot_records=20)
    bench.weeks(0, 3)
    bench.decide("snooze", bench.suggestion_id, until=sunday(4))
    bench.weeks(3, 1)
    bench.replay()
    state = bench.handler._regions[REGION].state
    assert state.suggestions[bench.suggestion_id].snoozed_until == sunday(4)
    bench.weeks(4, 2)
    assert bench.suggestion()["status"] == "proposed"


def test_who_is_asked_again_has_as_much_time_as_for_a_new_suggestion(bench: RegionBench) -> None:
    expires = sunday(4) + timedelta(days=QUICK.change.suggestion_expires_days)
    assert bench.suggestion()["expires_on"] == expires.isoformat()
    bench.weeks(3, 8)
    assert bench.suggestion()["status"] == "proposed"
    bench.weeks(11, 1)
    assert bench.suggestion()["decision_reason"] == "nobody decided in time"


def test_no_other_plan_is_asked_for_while_one_is_snoozed(bench: RegionBench) -> None:
    bench.weeks(3, 1)
    state = bench.handler._regions[REGION].state
    state.rest_until = None
    assert not may_ask(state, sunday(3), False, QUICK)


def test_a_snoozed_suggestion_whose_reason_is_gone_closes_and_is_not_asked_again(bench: RegionBench) -> None:
    bench.say(*(an_assignment_set(account, "east", sunday(2), source="import") for account in MOVED))
    bench.weeks(3, 3)
    assert states(bench) == ["proposed", "snoozed", "expired"]
    assert bench.suggestion()["decision_reason"] == "the corridor holds again"


def test_a_rep_who_leaves_makes_a_snoozed_plan_give_way(bench: RegionBench) -> None:
    bench.say(a_rep_set("third", -2.5))
    bench.say(a_rep_set("west", -3.0, active_to=sunday(2), occurred_at=noon(sunday(2))))
    bench.close(sunday(2) + timedelta(days=1))
    assert states(bench)[:3] == ["proposed", "snoozed", "expired"]
    assert bench.suggestion()["cause"] == "rep_left"


@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [
        ("accept", {}, "approved"),
        ("modify", {"moves": (("a14", "east"),)}, "modified"),
        ("reject", {"reason": "season"}, "rejected"),
    ],
)
def test_a_snoozed_suggestion_is_decided_on_early_and_the_first_decision_wins(
    bench: RegionBench, kind: str, fields: dict[str, Any], status: str
) -> None:
    suggestion_id = bench.suggestion_id
    bench.decide(kind, suggestion_id, decision_id="first", decided_by="noah", **fields)
    bench.decide("reject", suggestion_id, decision_id="second", decided_by="mia")
    row = bench.suggestion()
    assert (row["status"], row["decided_by"], row["decision_id"]) == (status, "noah", "first")
    assert bench.reasons() == ["stale_decision"]
    bench.weeks(3, 3)
    assert states(bench) == ["proposed", "snoozed", status]


def test_of_two_who_snooze_the_first_says_until_when(bench: RegionBench) -> None:
    bench.decide("snooze", bench.suggestion_id, until=sunday(40), decision_id="second")
    assert bench.reasons() == ["stale_decision"]
    bench.weeks(3, 3)
    assert bench.suggestion()["status"] == "proposed"


def test_a_snooze_without_a_day_lasts_as_long_as_the_rest_of_a_region() -> None:
    bench = a_region()
    bench.weeks(0, 3)
    bench.decide("snooze", bench.suggestion_id)
    bench.weeks(3, 4)
    assert bench.suggestion()["status"] == "snoozed"
    bench.weeks(7, 1)
    assert bench.suggestion()["status"] == "proposed"


def test_the_first_of_two_persons_ends_a_snooze() -> None:
    change = Change(warm_up_weeks=2, budget_share_90_days=0.5, second_approval_moves=3)
    bench = a_region(settings=Settings(change=change))
    bench.weeks(0, 3)
    suggestion_id = bench.suggestion_id
    bench.decide("snooze", suggestion_id, until=sunday(4), decided_by="mia")
    bench.decide("accept", suggestion_id, decided_by="noah")
    row = bench.suggestion()
    assert (row["status"], row["decided_by"], [a["decided_by"] for a in row["approvals"]]) == ("proposed", "", ["noah"])
    bench.decide("accept", suggestion_id, decided_by="rosa")
    assert bench.suggestion()["status"] == "approved"


def a_snoozed_cover(until: date) -> RegionBench:
    """ "east" is away in the fourth to eighth week, and who stands in is to be asked again."""
    bench = a_region(settings=Settings(change=Change(warm_up_weeks=60, cover_lead_days=14)))
    bench.say(a_rep_set("middle", -2.4))
    bench.weeks(0, 1)
    away = {"absent_from": MONDAY + timedelta(days=27), "absent_to": MONDAY + timedelta(days=50)}
    bench.say(a_rep_set("east", -2.0, occurred_at=noon(MONDAY + timedelta(days=7)), **away))
    bench.weeks(1, 1)
    bench.decide("snooze", bench.suggestion_id, until=until)
    return bench


def test_a_snoozed_cover_is_asked_again_while_the_rep_is_away() -> None:
    bench = a_snoozed_cover(MONDAY + timedelta(days=20))
    bench.weeks(2, 1)
    assert states(bench) == ["proposed", "snoozed"]
    bench.weeks(3, 1)
    assert states(bench) == ["proposed", "snoozed", "proposed"]
    bench.decide("accept", bench.suggestion_id)
    assert len([change for change in bench.changes() if change[4] == "cover"]) == 5


def test_a_snoozed_cover_that_nobody_needs_any_more_closes() -> None:
    bench = a_snoozed_cover(MONDAY + timedelta(days=60))
    bench.weeks(2, 7)
    assert states(bench) == ["proposed", "snoozed", "expired"]
    assert bench.suggestion()["decision_reason"] == "nobody is absent any more"


def test_one_more_absent_rep_makes_a_snoozed_cover_give_way_to_one_for_both() -> None:
    bench = a_snoozed_cover(MONDAY + timedelta(days=25))
    away = {"absent_from": MONDAY + timedelta(days=24), "absent_to": MONDAY + timedelta(days=50)}
    bench.say(a_rep_set("west", -3.0, occurred_at=noon(MONDAY + timedelta(days=13)), **away))
    bench.weeks(2, 1)
    assert states(bench)[:3] == ["proposed", "snoozed", "expired"]
