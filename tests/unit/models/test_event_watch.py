"""Market events: expected at once, then confirmed or refuted by what the accounts in their reach buy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from models.event_watch import EventWatch, MarketNews
from models.history import Floats
from models.signals import Signal
from models.watch import Watch
from schemas.settings import Alerts
from tests.unit.models.companies import Company, week

WEEKS, EVENT = 75, 60
REACH = tuple(range(0, 160, 4))


def an_event(effect: float | None, event_id: str = "m1", number: int = EVENT) -> MarketNews:
    return MarketNews(
        event_id, "competitor_opened", week(number), REACH, effect, ("zone", "Z0"), (("region", ""),), "Lidl"
    )


def told(stated: float | None, real: float, effect_ends: int = WEEKS) -> list[list[Signal]]:
    """Signals of each week about the event."""
    company = Company(accounts=160, territories=8, noise=0.3, spread=0.4, order_share=0.7)
    watch, revenue = Watch(Alerts()), company.revenue(WEEKS)
    revenue[EVENT:effect_ends, list(REACH)] *= 1 + real
    return weeks_of(company, watch, revenue, {EVENT: an_event(stated)})


def weeks_of(company: Company, watch: Watch, revenue: Floats, events: dict[int, MarketNews]) -> list[list[Signal]]:
    said = []
    for number, view in enumerate(company.views(revenue)):
        if number in events:
            watch.hear(events[number], view.account_ids)
        if number % 9 == 0:
            watch = Watch.from_bytes(Alerts(), watch.to_bytes())
        said.append([s for s in company.shown(watch, view) if s.event_id])
    return said


def verdicts(weeks: Sequence[Sequence[Signal]]) -> list[str]:
    return [str(week_of[-1].evidence["expectation"]) if week_of else "" for week_of in weeks]


def test_an_event_is_expected_at_once_and_confirmed_when_the_drop_comes() -> None:
    weeks = told(-0.3, -0.4)
    assert weeks[EVENT][0].evidence["expectation"] == "expected"
    assert weeks[EVENT][0].deviation_share == -0.3
    assert "confirmed" in verdicts(weeks)[EVENT : EVENT + 4]
    last = weeks[-1][0]
    assert -0.47 < last.deviation_share < -0.33
    assert last.started == week(EVENT)


def test_an_event_that_did_nothing_is_withdrawn_and_nothing_is_expected_of_it_any_more() -> None:
    weeks = told(-0.3, 0.0)
    assert weeks[EVENT]
    assert not any(weeks[EVENT + 5 :])
    assert "confirmed" not in verdicts(weeks)


def test_an_effect_that_ends_is_no_longer_told() -> None:
    weeks = told(-0.4, -0.4, effect_ends=EVENT + 8)
    assert verdicts(weeks)[EVENT + 6] == "confirmed"
    assert not any(weeks[EVENT + 12 :])


def test_a_kind_of_event_that_states_no_effect_is_expected_to_do_what_it_has_done_before() -> None:
    company = Company(accounts=160, territories=8, noise=0.2, spread=0.4, order_share=1.0)
    watch, revenue = Watch(Alerts()), company.revenue(WEEKS)
    revenue[45:50, list(REACH)] *= 0.5
    revenue[EVENT:, list(REACH)] *= 0.5
    events = {44: an_event(None, "m0", 44), 45: an_event(-0.5, "m1", 45), EVENT: an_event(None, "m2")}
    weeks = weeks_of(company, watch, revenue, events)
    assert not weeks[44]
    assert weeks[EVENT][0].event_id == "m2"
    assert -0.35 < float(weeks[EVENT][0].evidence["expected_effect"]) < -0.15


def test_what_an_event_did_of_which_nothing_was_known_is_expected_of_the_next_of_its_kind() -> None:
    company = Company(accounts=160, territories=8, noise=0.2, spread=0.4, order_share=1.0)
    watch, revenue = Watch(Alerts()), company.revenue(WEEKS)
    revenue[40:, list(REACH)] *= 0.6
    weeks = weeks_of(company, watch, revenue, {40: an_event(None, "m0", 40), EVENT: an_event(None, "m1")})
    assert not any(weeks[:EVENT])
    assert weeks[EVENT][0].event_id == "m1"
    assert -0.3 < float(weeks[EVENT][0].evidence["expected_effect"]) < -0.05


def test_of_an_event_that_is_told_late_orders_have_told_a_part_already() -> None:
    watch, company = Watch(Alerts()), Company(accounts=160)
    for view in company.views(company.revenue(20)):
        company.shown(watch, view)
    watch.hear(an_event(-0.3, "early", 12), view.account_ids)
    watch.hear(an_event(-0.3, "now", 20), view.account_ids)
    assert [(one.weeks, one.effect) for one in watch.believed(week(20))] == [(9, -0.3), (1, -0.3)]
    assert [one.weeks for one in watch.believed(week(19))] == [8, 0]


def test_an_event_that_is_told_twice_is_expected_once() -> None:
    watch, company = Watch(Alerts()), Company(accounts=160)
    for view in company.views(company.revenue(10)):
        company.shown(watch, view)
    for _ in range(2):
        watch.hear(an_event(-0.3), view.account_ids)
    news = watch.close_day(
        view.week + timedelta(days=7), view.account_ids, np.zeros(0, np.intp), np.zeros(0), lambda _: ()
    )
    assert [s.event_id for s in news] == ["m1"]
    assert EventWatch().learnt("competitor_opened") == 0


def test_the_effect_of_an_event_is_no_second_alarm_of_its_zone_or_territory() -> None:
    company = Company(accounts=160, territories=8, noise=0.1, spread=0.2, order_share=1.0)
    watch, revenue = Watch(Alerts()), company.revenue(WEEKS)
    revenue[EVENT:, list(REACH)] *= 0.7
    said = []
    for number, view in enumerate(company.views(revenue)):
        if number == EVENT:
            watch.hear(an_event(-0.3), view.account_ids)
        said.append(company.shown(watch, view))
    late = [s for week_of in said[EVENT:] for s in week_of if s.kind in ("territory", "zone") and not s.event_id]
    assert all(abs(s.deviation_share) < 0.12 for s in late)
