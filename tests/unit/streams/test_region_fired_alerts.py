"""Alerts that fire between the weeks wait for the Sunday, on which the corridor is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from models.causes import KnownEvent
from models.signals import Signal
from schemas.settings import Settings
from schemas.topics import ALERTS
from streams.handlers.region.learning import Learner
from streams.handlers.region.state import RegionState
from streams.handlers.region.voice import Voice
from streams.ports import Output
from tests.support.region import a_region, a_rep_set, noon, sunday

TUESDAY = sunday(9) + timedelta(days=2)


def a_signal(shown_days: int) -> Signal:
    return Signal(
        kind="territory", scope_id="R1", direction="drop", statistic=6.0, threshold=5.0, started=TUESDAY, observed_eur=80.0,
        expected_eur=100.0, deviation_share=-0.2, deviation_sigma=-2.0, eur_at_risk=9_000.0, sample_weeks=1, accounts=12,
        detector="shiryaev-roberts daily scopes", shown_days=shown_days,
    )  # fmt: skip


def a_voice() -> Voice:
    return Voice("north", 0, Settings(), "v", Output(), "log")


def test_a_change_that_fires_on_a_tuesday_calls_for_a_plan_on_the_sunday_if_it_still_stands() -> None:
    learner, state, voice = Learner(Settings(), "north"), RegionState("north"), a_voice()
    learner._news = [a_signal(1)]
    assert learner.close_day(state, TUESDAY, voice) == []
    learner._news = [a_signal(2)]
    assert learner.close_day(state, TUESDAY + timedelta(days=1), voice) == []
    (alert_id,) = learner.open_alerts
    again = Learner.from_parts(Settings(), learner.to_parts())
    for one in (learner, again):
        one._signals = [a_signal(2)]
        assert one.close_day(state, sunday(10), a_voice()) == [alert_id]
        one._signals = [a_signal(2)]
        assert one.close_day(state, sunday(11), a_voice()) == []


def test_a_change_that_turns_out_to_be_a_fault_of_the_data_by_sunday_calls_for_no_plan() -> None:
    learner, state = Learner(Settings(), "north"), RegionState("north")
    for days, at in ((1, TUESDAY), (2, TUESDAY + timedelta(days=1))):
        learner._news = [a_signal(days)]
        assert learner.close_day(state, at, a_voice()) == []
    learner._signals = [replace(a_signal(2), evidence={"every_order_times": 0.5, "orders_times": 1.0})]
    assert learner.close_day(state, sunday(10), a_voice()) == []
    assert len(learner.open_alerts) == 1


def test_a_rep_who_leaves_calls_for_a_plan_on_the_day() -> None:
    learner = Learner(Settings(), "north")
    learner.note(KnownEvent("e1", "rep_left", TUESDAY, (("territory", "R1"),), structural=True, eur_at_risk=5_000))
    assert len(learner.close_day(RegionState("north"), TUESDAY, a_voice())) == 1


def test_an_alert_names_the_suggestion_that_was_made_of_it_at_once_and_from_then_on() -> None:
    bench = a_region(10, 10)
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 2)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(1), occurred_at=noon(sunday(1))))
    bench.weeks(2, 1)
    row = bench.suggestion()
    (alert_id,) = row["alert_ids"]
    told = [alert for alert in bench.rows(ALERTS) if alert["alert_id"] == alert_id]
    assert [alert["suggestion_id"] for alert in told[:2]] == ["", row["suggestion_id"]]
    assert [alert["revision"] for alert in told] == list(range(len(told)))
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(3, 2)
    told = [alert for alert in bench.rows(ALERTS) if alert["alert_id"] == alert_id]
    assert (told[-1]["state"], told[-1]["suggestion_id"]) == ("resolved", row["suggestion_id"])
    others = {alert["suggestion_id"] for alert in bench.rows(ALERTS) if alert["alert_id"] not in row["alert_ids"]}
    assert row["suggestion_id"] not in others
