"""The life of alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from models.alert import Alert, AlertChange
from models.alerts import AlertBook
from models.causes import CauseContext, KnownEvent
from models.signals import Direction, Scope, Signal
from schemas.settings import Alerts

SUNDAY = date(2024, 3, 10)
SETTINGS = Alerts(confirm_weeks=2, recover_weeks=3)
CONTEXT = CauseContext(region_potential_eur=1_000_000)


def day(week: int) -> date:
    return SUNDAY + timedelta(weeks=week)


def a_signal(
    kind: Scope = "territory",
    scope_id: str = "T1",
    direction: Direction = "drop",
    deviation: float = -0.2,
    at_risk: float = 30_000,
    inside: tuple[tuple[str, str], ...] = (("region", ""),),
    **evidence: float | str | bool,
) -> Signal:
    return Signal(
        kind=kind,
        scope_id=scope_id,
        direction=direction,
        statistic=3.0,
        threshold=2.0,
        started=SUNDAY - timedelta(days=20),
        observed_eur=80,
        expected_eur=100,
        deviation_share=deviation,
        deviation_sigma=-2,
        eur_at_risk=at_risk,
        sample_weeks=4,
        accounts=30,
        detector="cusum",
        inside=inside,
        evidence=evidence,
    )


def a_book() -> AlertBook:
    return AlertBook(SETTINGS, "north")


def life(book: AlertBook, weeks: list[list[Signal]], context: CauseContext = CONTEXT) -> list[list[AlertChange]]:
    return [book.step(day(k), signals, [], context) for k, signals in enumerate(weeks)]


def told(changes: list[list[AlertChange]]) -> list[list[str]]:
    return [[change.what for change in of_week] for of_week in changes]


def only(book: AlertBook) -> Alert:
    (alert,) = book.open_alerts
    return alert


def test_an_alert_fires_when_confirmed_and_resolves_after_quiet_weeks() -> None:
    here: list[Signal] = [a_signal()]
    changes = told(life(a_book(), [here, here, here, [], [], [], []]))
    assert changes == [["opened"], ["confirmed"], [], ["recovering"], [], ["resolved"], []]


def test_a_signal_of_one_week_never_fires() -> None:
    changes = life(a_book(), [[a_signal()], []])
    assert told(changes) == [["opened"], ["dismissed"]]
    assert changes[1][0].alert.state == "normal"


def test_a_relapse_is_the_same_alert() -> None:
    book = a_book()
    here = [a_signal()]
    changes = life(book, [here, here, [], here])
    assert told(changes)[3] == ["resumed"]
    assert changes[3][0].alert.alert_id == changes[0][0].alert.alert_id


def test_a_day_without_a_closed_week_says_nothing_about_absence() -> None:
    book = a_book()
    life(book, [[a_signal()]] * 2)
    assert book.step(day(2), None, [], CONTEXT) == []
    assert only(book).state == "firing"


def test_small_deviations_are_never_an_alert() -> None:
    assert told(life(a_book(), [[a_signal(deviation=-0.04)]])) == [[]]


def test_a_rise_and_a_drop_of_one_scope_are_two_alerts() -> None:
    book = a_book()
    life(book, [[a_signal(), a_signal(direction="rise", deviation=0.3)]])
    assert [alert.dedup_key for alert in book.open_alerts] == ["territory|T1|drop", "territory|T1|rise"]


@pytest.mark.parametrize(("at_risk", "severity"), [(4_000, "info"), (6_000, "warning"), (30_000, "critical")])
def test_severity_is_the_share_of_the_regions_potential_at_risk(at_risk: float, severity: str) -> None:
    book = a_book()
    life(book, [[a_signal(at_risk=at_risk)]])
    assert only(book).severity == severity


def test_an_account_inside_a_drifting_territory_belongs_to_its_group() -> None:
    book = a_book()
    account = a_signal("account", "a9", inside=(("zone", "Z1"), ("territory", "T1"), ("region", "")))
    life(book, [[account, a_signal()]])
    inner, outer = book.open_alerts
    assert inner.group_id == outer.group_id == outer.alert_id
    assert inner.group_count == 2


def test_a_silent_feed_fires_at_once_as_a_data_fault_and_judges_nothing_else() -> None:
    book = a_book()
    life(book, [[a_signal()], [a_signal()]])
    book.step(day(2), [a_signal("region", "", deviation=-1.0, inside=(), feed_silent=True)], [], CONTEXT)
    region, territory = book.open_alerts
    assert (region.state, region.cause_class, region.scope_id) == ("firing", "data_fault", "north")
    assert territory.state == "firing"


def test_missed_visits_before_the_drop_are_an_execution_gap() -> None:
    book = a_book()
    context = CauseContext(1_000_000, visits_held={("territory", "T1"): 0.4})
    life(book, [[a_signal()]], context)
    alert = only(book)
    assert alert.cause_class == "execution_gap"
    assert "40%" in alert.causes[0].evidence


def test_a_market_event_in_the_zone_explains_a_drop_better_than_missed_visits() -> None:
    book = a_book()
    opening = KnownEvent("e1", "market_event", day(-4), (("zone", "Z1"),), note="competitor opened")
    context = CauseContext(1_000_000, visits_held={("zone", "Z1"): 0.4})
    book.step(day(0), [a_signal("zone", "Z1")], [opening], context)
    alert = only(book)
    assert [cause.cause for cause in alert.causes] == ["demand_shift", "execution_gap", "demand_shift"]
    assert alert.event_ids == ("e1",)


def test_an_event_elsewhere_or_long_ago_explains_nothing() -> None:
    book = a_book()
    events = [KnownEvent("far", "market_event", day(-1), (("zone", "Z9"),))]
    events += [KnownEvent("old", "rep_left", day(-20), (("territory", "T1"),))]
    book.step(day(0), [a_signal()], events, CONTEXT)
    assert only(book).event_ids == ()


def test_a_rep_who_leaves_opens_a_firing_alert_at_once_and_once() -> None:
    book = a_book()
    left = KnownEvent("e2", "rep_left", day(0), (("territory", "T1"),), structural=True, eur_at_risk=9_000)
    (change,) = book.step(day(0), None, [left], CONTEXT)
    assert (change.what, change.alert.state, change.alert.cause_class) == ("opened", "firing", "capacity_change")
    assert book.step(day(0), None, [left], CONTEXT) == []
    assert book.step(day(1), [], [], CONTEXT) == []


def test_the_drop_after_a_rep_left_belongs_to_that_alert() -> None:
    book = a_book()
    book.step(day(0), None, [KnownEvent("e2", "rep_left", day(0), (("territory", "T1"),), structural=True)], CONTEXT)
    book.step(day(1), [a_signal()], [], CONTEXT)
    drop, left = book.open_alerts
    assert drop.group_id == left.alert_id
    assert drop.cause_class == "capacity_change"


def test_a_structural_alert_ends_when_settled_or_old() -> None:
    book = a_book()
    left = KnownEvent("e2", "rep_left", day(0), (("territory", "T1"),), structural=True)
    (change,) = book.step(day(0), None, [left], CONTEXT)
    assert [c.what for c in book.resolve(change.alert.alert_id, day(1))] == ["resolved"]
    book.step(day(1), None, [KnownEvent("e3", "rep_left", day(1), (("territory", "T2"),), structural=True)], CONTEXT)
    assert [c.what for c in book.step(day(15), [], [], CONTEXT)] == ["resolved"]


def test_a_book_read_from_its_snapshot_goes_on_alike() -> None:
    book = a_book()
    event = KnownEvent("e1", "market_event", day(-1), (("territory", "T1"),), note="fair")
    book.step(day(0), [a_signal(share=0.5)], [event], CONTEXT)
    again = AlertBook.from_bytes(SETTINGS, "north", book.to_bytes())
    assert again.step(day(1), [a_signal()], [], CONTEXT) == book.step(day(1), [a_signal()], [], CONTEXT)
    assert again.to_bytes() == book.to_bytes()


def test_ids_can_be_derived_by_the_caller_and_repeat_on_replay() -> None:
    def joined(*parts: str) -> str:
        return "/".join(parts)

    book = AlertBook(SETTINGS, "north", joined)
    (change,) = book.step(day(0), [a_signal()], [], CONTEXT)
    assert change.alert.alert_id == "north/territory|T1|drop/2024-02-19/2024-03-10"


@pytest.mark.parametrize(
    ("evidence", "words"),
    [({"silent_together": "9 accounts"}, "9 accounts"), ({"every_order_times": 2.02}, "sent twice"), ({"every_order_times": 0.01}, "unit"),
     ({"every_order_times": 2.02, "orders_times": 2.0}, "orders are sent more than once"),
     ({"every_order_times": 0.5, "orders_times": 0.5}, "orders are sent in part"),
     ({"every_order_times": 100.0, "orders_times": 1.1}, "as many as usual: another currency or unit")],
)  # fmt: skip
def test_accounts_silent_together_and_orders_all_of_one_wrong_size_are_faults_of_the_data(
    evidence: dict[str, float | str | bool], words: str
) -> None:
    book = a_book()
    life(book, [[a_signal(**evidence)]])
    assert only(book).cause_class == "data_fault"
    assert words in only(book).causes[0].evidence


def an_event_signal(verdict: str) -> Signal:
    return replace(a_signal(expectation=verdict), event_id="m1")


def test_an_event_waits_for_its_test_and_fires_when_it_is_confirmed() -> None:
    book = a_book()
    assert told(life(book, [[an_event_signal("expected")]] * 5 + [[an_event_signal("confirmed")]]))[0] == ["opened"]
    assert only(book).state == "firing"
    assert only(book).confirmed == day(5)


def test_a_refuted_event_is_withdrawn() -> None:
    book = a_book()
    assert told(life(book, [[an_event_signal("expected")], [an_event_signal("expected")], []]))[-1] == ["dismissed"]
    assert not book.open_alerts


def test_news_between_the_weeks_opens_an_alert_and_takes_nothing_back() -> None:
    book = a_book()
    life(book, [[a_signal()], [a_signal()]])
    book.step(day(1) + timedelta(days=2), None, [], CONTEXT, [replace(a_signal(), scope_id="T9")])
    assert sorted((alert.scope_id, alert.state) for alert in book.open_alerts) == [("T1", "firing"), ("T9", "pending")]


def test_a_scope_watched_by_the_day_fires_on_the_day_that_shows_it_often_enough() -> None:
    book = AlertBook(Alerts(confirm_weeks=2, confirm_days=3), "north")
    told_by_day = [
        [change.what for change in book.step(SUNDAY + timedelta(days=2 + n), None, [], CONTEXT, [replace(a_signal(), shown_days=n + 1)])]
        for n in range(4)
    ]  # fmt: skip
    assert told_by_day == [["opened"], [], ["confirmed"], []]
