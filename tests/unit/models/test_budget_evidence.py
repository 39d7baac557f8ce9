"""What marks have made of a false-alarm budget stands in the evidence of every alert that is measured."""

from __future__ import annotations

import numpy as np

from models.event_watch import MarketNews
from models.history import Floats
from models.signals import SCOPES, Signal
from models.snapshot import pack, unpack
from models.verdicts import Budget
from models.watch import Watch
from schemas.settings import Alerts
from tests.unit.models.companies import Company, week

MARKS = {
    "territory": Budget(0.64, useful=1, false=3, expected=2),
    "zone": Budget(1.0, expected=1),
    "account": Budget(0.8, false=1),
    "region": Budget(0.8, false=1),
}
FACTS = {"budget_share", "marked_useful", "marked_false", "marked_expected"}
CHANGE, WEEKS = 100, 112
EVENT = MarketNews(
    "m1", "competitor_opened", week(CHANGE), tuple(range(1, 160, 4)), -0.3, ("zone", "Z1"), (("region", ""),)
)


def a_company() -> tuple[Company, Floats]:
    """T3 loses half, its largest account falls silent, an event takes a third of four zones, and the region a fifth."""
    company = Company(accounts=160, territories=8, noise=0.1, spread=0.4, order_share=1.0)
    revenue = company.revenue(WEEKS)
    revenue[CHANGE - 20 :] *= 0.8
    revenue[CHANGE:, 3::8] *= 0.5
    revenue[CHANGE:, list(EVENT.rows)] *= 0.7
    revenue[CHANGE:, int(np.argmax(company.size))] = 0
    return company, revenue


def signals(budgets: dict[str, Budget]) -> list[Signal]:
    company, revenue = a_company()
    watch = Watch(Alerts())
    said: list[Signal] = []
    for number, view in enumerate(company.views(revenue)):
        if number == CHANGE:
            watch.keep_to(budgets)
            watch.hear(EVENT, view.account_ids)
        told = company.shown(watch, view)
        said += told if number >= CHANGE else []
    return said


def test_every_measured_signal_shows_the_budget_of_its_kind_and_the_marks_behind_it() -> None:
    said = signals(MARKS)
    assert {"account", "territory", "zone", "region"} <= {one.kind for one in said}
    assert any(one.event_id for one in said)
    for one in said:
        shown = {name: one.evidence[name] for name in FACTS & one.evidence.keys()}
        assert shown == (MARKS[one.kind].facts() if one.kind in MARKS else {}), one


def test_without_marks_no_signal_speaks_of_budgets() -> None:
    said = signals({kind: Budget() for kind in SCOPES})
    assert said
    assert not [one for one in said if FACTS & one.evidence.keys()]


def test_a_feed_that_stopped_is_a_fact_and_spends_no_budget() -> None:
    company = Company()
    watch, revenue = Watch(Alerts()), company.revenue(20)
    watch.keep_to(MARKS)
    revenue[-1] = 0
    for view in company.views(revenue):
        said = company.shown(watch, view)
    assert [one.evidence for one in said] == [{"feed_silent": True}]


def test_marks_are_kept_in_a_snapshot_and_one_that_knows_shares_alone_is_still_read() -> None:
    watch = Watch(Alerts())
    watch.keep_to(MARKS)
    assert Watch.from_bytes(Alerts(), watch.to_bytes())._budgets == MARKS
    values, arrays = unpack("watch", Watch.version, watch.to_bytes())
    del values["marks"]
    older = Watch.from_bytes(Alerts(), pack("watch", Watch.version, values, arrays))
    assert older._budgets == {kind: Budget(one.share) for kind, one in MARKS.items()}
