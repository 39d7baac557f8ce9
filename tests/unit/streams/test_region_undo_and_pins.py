"""What was accepted can be undone, and what is pinned stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.verdicts import Budget
from schemas.topics import ALERTS
from tests.support.region import (
    REGION,
    RegionBench,
    a_region,
    a_rep_set,
    an_account_set,
    an_assignment_set,
    noon,
    sunday,
)

DECIDED_ON = sunday(2)
MOVED = ["a10", "a11", "a12", "a13", "a14"]


@pytest.fixture
def bench() -> RegionBench:
    """Three weeks are closed and the suggestion to move a10..a14 from west to east is open."""
    bench = a_region()
    bench.weeks(0, 3)
    assert sorted(move["account_id"] for move in bench.suggestion()["moves"]) == MOVED
    return bench


def test_undoing_brings_every_account_back(bench: RegionBench) -> None:
    suggestion_id = bench.suggestion_id
    bench.decide("accept", suggestion_id)
    bench.weeks(3, 1)
    bench.decide("undo", suggestion_id)
    back = (sunday(3) + timedelta(days=1)).isoformat()
    assert [change for change in bench.changes() if change[4] == "undo"] == [
        (account, "east", "west", back, "undo") for account in MOVED
    ]
    assert (bench.suggestion()["status"], bench.suggestion()["revision"]) == ("rolled_back", 2)
    bench.weeks(4, 1)
    assert {bench.owner_of(account) for account in MOVED} == {"west"}


def test_undoing_before_the_moves_are_in_force_lets_them_never_come_into_force(bench: RegionBench) -> None:
    suggestion_id = bench.suggestion_id
    bench.decide("accept", suggestion_id, effective_from=sunday(4))
    bench.decide("undo", suggestion_id)
    bench.weeks(3, 3)
    assert {bench.owner_of(account) for account in MOVED} == {"west"}


def test_undoing_leaves_an_account_alone_that_has_gone_on_to_a_third_rep(bench: RegionBench) -> None:
    suggestion_id = bench.suggestion_id
    bench.say(a_rep_set("third", -2.5))
    bench.decide("accept", suggestion_id)
    bench.weeks(3, 1)
    bench.say(an_assignment_set("a14", "third", sunday(3), source="crm"))
    bench.decide("undo", suggestion_id)
    assert [change[0] for change in bench.changes() if change[4] == "undo"] == MOVED[:-1]


@pytest.mark.parametrize("gone", [{"left": True}, {"status": "closed"}])
def test_an_account_that_is_gone_is_neither_moved_nor_brought_back(bench: RegionBench, gone: dict[str, Any]) -> None:
    suggestion_id = bench.suggestion_id
    bench.say(an_account_set("a14", -2.3, occurred_at=noon(DECIDED_ON), **gone))
    bench.decide("accept", suggestion_id)
    bench.weeks(3, 1)
    bench.say(an_account_set("a13", -2.3, occurred_at=noon(sunday(3)), **gone))
    bench.decide("undo", suggestion_id)
    assert [change[0] for change in bench.changes() if change[4] == "move"] == MOVED[:-1]
    assert [change[0] for change in bench.changes() if change[4] == "undo"] == MOVED[:-2]


def test_the_rest_begins_when_the_moves_are_in_force(bench: RegionBench) -> None:
    bench.decide("accept", bench.suggestion_id, moves=(("a14", "east"),), effective_from=sunday(6))
    bench.weeks(3, 8)
    assert bench.suggestion()["status"] == "approved"
    bench.weeks(11, 1)
    assert bench.suggestion()["status"] == "proposed"


@pytest.mark.parametrize("kind", ["reject", "snooze"])
def test_what_was_not_accepted_cannot_be_undone(bench: RegionBench, kind: str) -> None:
    suggestion_id = bench.suggestion_id
    bench.decide("undo", suggestion_id, decision_id="early")
    bench.decide(kind, suggestion_id)
    bench.decide("undo", suggestion_id, decision_id="late")
    assert bench.reasons() == ["stale_decision", "stale_decision"]


def test_a_pinned_account_is_not_suggested_and_not_moved() -> None:
    bench = a_region()
    bench.decide("pin", account_id="a12", reason="promised")
    bench.weeks(0, 3)
    assert "a12" not in {move["account_id"] for move in bench.suggestion()["moves"]}


def test_a_pin_set_after_the_suggestion_is_respected_when_it_is_accepted(bench: RegionBench) -> None:
    bench.decide("pin", account_id="a12")
    bench.decide("accept", bench.suggestion_id)
    assert "a12" not in [account for account, *_ in bench.changes()]


@pytest.mark.parametrize("release", ["unpinned", "run out"])
def test_a_pin_that_is_over_binds_nobody(bench: RegionBench, release: str) -> None:
    bench.decide("pin", account_id="a12", until=DECIDED_ON - timedelta(days=1) if release == "run out" else None)
    if release == "unpinned":
        bench.decide("unpin", account_id="a12")
    bench.decide("accept", bench.suggestion_id)
    assert "a12" in [account for account, *_ in bench.changes()]


def test_a_pin_on_an_account_of_nobody_is_refused(bench: RegionBench) -> None:
    bench.decide("pin", account_id="nobody")
    assert bench.reasons() == ["unknown_account"]


@pytest.mark.parametrize("kind", ["acknowledge", "assign", "silence"])
def test_what_people_do_with_an_alert_leaves_the_suggestion_waiting(bench: RegionBench, kind: str) -> None:
    said = bench.suggestion()
    bench.decide(kind, alert_id="alert-1", until=DECIDED_ON)
    assert bench.suggestion() == said


def test_a_verdict_on_an_alert_nobody_remembers_is_refused(bench: RegionBench) -> None:
    bench.decide("mark", alert_id="stranger", verdict="false")
    assert bench.reasons() == ["unknown_alert"]


def test_a_verdict_moves_the_budget_of_the_alerts_kind_and_survives_a_restart() -> None:
    bench = a_region(10, 10)
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 2)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(1), occurred_at=noon(sunday(1))))
    bench.weeks(2, 1)
    alert = next(row for row in bench.rows(ALERTS) if row["scope_id"] == "west")
    bench.decide("mark", alert_id=alert["alert_id"], verdict="false")
    assert bench.reasons() == []
    assert budgets(bench) == {"territory": Budget(0.8, false=1)}
    bench.weeks(3, 1)
    bench.replay()
    assert budgets(bench) == {"territory": Budget(0.8, false=1)}


def budgets(bench: RegionBench) -> dict[str, Budget]:
    return dict(bench.handler._regions[REGION].learner._watch._budgets)
