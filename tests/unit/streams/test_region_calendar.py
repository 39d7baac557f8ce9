"""A region's calendar: it follows the slowest partition, waits for a solve, and brings dated changes into force on their day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.region_log import MarketEventSet
from schemas.topics import ALERTS, DAY_MARKERS, POTENTIALS, SUGGESTIONS
from tests.support.region import (
    MONDAY,
    REGION,
    RegionBench,
    a_day,
    a_region,
    an_account_set,
    an_assignment_set,
    noon,
    sunday,
)


def weeks_said(bench: RegionBench) -> list[str]:
    return sorted({row["week"] for row in bench.rows(POTENTIALS)})


def owners_said(bench: RegionBench, account_id: str) -> list[str]:
    return [row["rep_id"] for row in bench.rows(POTENTIALS) if row["account_id"] == account_id]


def test_a_day_closes_when_the_slowest_marker_says_so() -> None:
    bench = a_region()
    bench.say(a_day(REGION, "a00", MONDAY, 100_00, 1))
    bench.close(sunday(0), partitions=range(1, DAY_MARKERS))
    assert weeks_said(bench) == []
    bench.close(sunday(0) - timedelta(days=1), partitions=[0])
    assert weeks_said(bench) == []
    bench.close(sunday(0), partitions=[0])
    assert weeks_said(bench) == [MONDAY.isoformat()]


def test_a_mark_of_the_past_or_said_twice_closes_nothing_again() -> None:
    bench = a_region()
    bench.weeks(0, 2)
    said = len(bench.emits)
    bench.close(sunday(1))
    bench.close(sunday(0))
    assert len(bench.emits) == said


def test_every_active_account_has_a_potential_each_week_with_its_interval_around_it() -> None:
    bench = a_region()
    bench.weeks(0, 10)
    rows = bench.rows(POTENTIALS)
    assert len(rows) == 10 * 20
    assert all(row["low_eur"] <= row["potential_eur"] <= row["high_eur"] for row in rows)
    assert rows[-1]["potential_eur"] == pytest.approx(52 * 500, rel=0.1)


def test_an_assignment_counts_from_its_day() -> None:
    bench = a_region(10, 10)
    bench.say(an_assignment_set("a00", "east", sunday(1)))
    bench.weeks(0, 3)
    assert owners_said(bench, "a00") == ["west", "east", "east"]


def test_an_assignment_told_late_does_not_undo_a_newer_one() -> None:
    bench = a_region(10, 10)
    bench.say(an_assignment_set("a00", "east", sunday(0)))
    bench.weeks(0, 2)
    bench.say(an_assignment_set("a00", "west", MONDAY - timedelta(days=300)))
    bench.weeks(2, 1)
    assert owners_said(bench, "a00") == ["east", "east", "east"]


def test_an_account_closes_on_its_day_with_an_alert_and_has_no_potential_from_then_on() -> None:
    bench = a_region(10, 10)
    bench.weeks(0, 3)
    bench.say(an_account_set("a00", -3.0, status="closed", occurred_at=noon(sunday(4))))
    bench.weeks(3, 1)
    assert bench.rows(ALERTS) == []
    bench.weeks(4, 1)
    alerts = [(row["scope_id"], row["detected_on"]) for row in bench.rows(ALERTS) if row["state"] == "firing"]
    assert ("a00", sunday(4).isoformat()) in alerts
    assert max(row["week"] for row in bench.rows(POTENTIALS) if row["account_id"] == "a00") == "2026-01-26"


def test_an_account_that_left_for_another_region_counts_here_no_more() -> None:
    bench = a_region(10, 10)
    bench.weeks(0, 2)
    bench.say(an_account_set("a00", -3.0, left=True, occurred_at=noon(sunday(1))))
    bench.weeks(2, 1)
    assert len([row for row in bench.rows(POTENTIALS) if row["account_id"] == "a00"]) == 2


def test_an_account_of_another_region_that_leaves_it_is_no_account_here() -> None:
    bench = a_region(10, 10)
    bench.say(an_account_set("stranger", -3.0, left=True))
    bench.weeks(0, 1)
    assert "stranger" not in {row["account_id"] for row in bench.rows(POTENTIALS)}


def test_a_correction_of_a_closed_day_is_learnt_once() -> None:
    bench = a_region(10, 10)
    bench.weeks(0, 3)
    late = a_day(REGION, "a00", MONDAY + timedelta(days=16), 900_00, 2, 1, 30.0, 20.0)
    bench.say(late, late)
    assert bench.count("corrections") == 1
    twin = a_region(10, 10)
    twin.weeks(0, 3)
    twin.say(late)
    bench.weeks(3, 1)
    twin.weeks(3, 1)
    assert bench.rows(POTENTIALS) == twin.rows(POTENTIALS)
    rows = {row["account_id"]: row["potential_eur"] for row in bench.rows(POTENTIALS) if row["week"] == "2026-01-26"}
    assert rows["a00"] > rows["a01"]


def test_a_correction_that_is_too_late_is_counted_and_changes_nothing() -> None:
    bench, twin = a_region(10, 10), a_region(10, 10)
    bench.weeks(0, 9)
    twin.weeks(0, 9)
    bench.say(a_day(REGION, "a00", MONDAY, 10**9, 1))
    assert bench.count("too_late_days") == 1
    bench.weeks(9, 1)
    twin.weeks(9, 1)
    assert bench.rows(POTENTIALS) == twin.rows(POTENTIALS)


def test_the_calendar_stands_still_while_a_solve_is_out() -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 6)
    assert len(bench.open_solves) == 1
    assert weeks_said(bench)[-1] == "2026-01-19", "the week that asked"
    bench.answer()
    assert weeks_said(bench)[-1] == "2026-02-09", "all that was marked meanwhile"
    assert [row["created_on"] for row in bench.rows(SUGGESTIONS)] == [sunday(2).isoformat()]


def test_an_answer_that_comes_twice_or_to_another_question_is_ignored() -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 4)
    asked = bench.open_solves[0]
    bench.answer()
    said = len(bench.rows(SUGGESTIONS))
    bench.open_solves.append(asked)
    bench.answer()
    assert len(bench.rows(SUGGESTIONS)) == said == 1


def test_messages_of_a_region_nobody_named_are_buried() -> None:
    bench = a_region()
    bench.say(a_day("nowhere", "a00", MONDAY, 1))
    bench.say(an_assignment_set("nobody", "west"))
    assert [letter["reason"] for letter in bench.letters()] == ["unknown_region", "unknown_account"]


def test_a_market_event_in_reach_is_named_by_the_alerts_it_may_explain() -> None:
    bench = a_region(10, 10)
    bench.weeks(0, 30)
    opened = noon(sunday(29))
    bench.say(
        MarketEventSet("m1", "m1", "competitor_opened", opened, 48.0, -2.9, 15.0, expected_effect=-0.5, note="Lidl")
    )
    bench.say(MarketEventSet("far", "far", "competitor_opened", opened, 43.0, 5.0, 15.0, expected_effect=-0.5))
    for week in range(30, 42):
        day = MONDAY + timedelta(days=7 * week + 2)
        bench.say(*(a_day(REGION, f"a{i:02d}", day, 10_000 if i < 4 else 50_000, 1) for i in range(20)))
        bench.close(sunday(week))
    named = {one for row in bench.rows(ALERTS) for one in row["related_market_events"]}
    assert named == {"m1"}
