"""The watch: sees what concerns one scope, and keeps quiet about what concerns all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.history import Floats
from models.saying import same_size
from models.signals import Signal
from models.verdicts import Budget
from models.watch import Watch
from schemas.settings import Alerts
from tests.unit.models.companies import Company, week

WEEKS = 70
CHANGE = 60
RARE = Alerts(per_territory_month=0.01, per_account_year=0.01)


def signals_of(company: Company, revenue: Floats) -> list[list[Signal]]:
    watch = Watch(RARE)
    return [company.shown(watch, view) for view in company.views(revenue)]


def large_company() -> Company:
    return Company(accounts=160, territories=8, noise=0.2, spread=0.4, order_share=1.0)


def in_territory(company: Company, name: str) -> np.ndarray:
    return np.array([t == name for t in company.territory_of])


def test_a_territory_that_loses_half_is_named_with_the_week_of_the_change() -> None:
    company = large_company()
    revenue = company.revenue(WEEKS)
    revenue[CHANGE:, in_territory(company, "T3")] *= 0.5
    found = [s for s in signals_of(company, revenue)[-1] if s.kind == "territory"]
    assert [(s.scope_id, s.direction) for s in found] == [("T3", "drop")]
    assert abs((found[0].started - week(CHANGE)).days) <= 14
    assert -0.65 < found[0].deviation_share < -0.35
    assert found[0].eur_at_risk > 0


def test_a_territory_that_doubles_is_a_rise() -> None:
    company = large_company()
    revenue = company.revenue(WEEKS)
    revenue[CHANGE:, in_territory(company, "T1")] *= 2
    found = [s for s in signals_of(company, revenue)[-1] if s.kind == "territory"]
    assert [(s.scope_id, s.direction) for s in found] == [("T1", "rise")]


def test_a_market_that_falls_everywhere_is_no_territorys_fault() -> None:
    company = large_company()
    revenue = company.revenue(WEEKS)
    revenue[CHANGE:] *= 0.5
    assert not [
        s for week_of in signals_of(company, revenue)[CHANGE:] for s in week_of if s.kind in ("territory", "zone")
    ]


def test_an_account_that_moves_to_another_territory_makes_no_drift() -> None:
    company = Company(accounts=160, territories=8, noise=0.05, spread=0.4, order_share=1.0)
    revenue = company.revenue(WEEKS)
    watch = Watch(RARE)
    for number, view in enumerate(company.views(revenue)):
        if number >= CHANGE:
            view.territory_of[0:80:8] = ["T7"] * 10  # type: ignore[index]
        signals = company.shown(watch, view)
        assert not [s for s in signals if s.kind == "territory"]


def test_a_regular_large_account_that_falls_silent_is_named() -> None:
    company = large_company()
    revenue = company.revenue(WEEKS)
    largest = int(np.argmax(company.size))
    revenue[CHANGE:, largest] = 0
    found = [s for s in signals_of(company, revenue)[-1] if s.kind == "account"]
    assert [s.scope_id for s in found] == [f"a{largest}"]
    assert found[0].evidence["silent_weeks"] == WEEKS - CHANGE
    assert ("territory", company.territory_of[largest]) in found[0].inside


def test_a_week_without_any_order_is_a_fact_about_the_feed() -> None:
    company = large_company()
    revenue = company.revenue(WEEKS)
    revenue[50] = 0
    weeks = signals_of(company, revenue)
    assert [s.detector for s in weeks[50]] == ["feed silence"]
    assert not [s for week_of in weeks[51:] for s in week_of if s.kind in ("region", "territory")]


def test_a_region_below_its_own_last_year_is_named() -> None:
    company = large_company()
    revenue = company.revenue(130)
    revenue[110:] *= 0.6
    found = [s for s in signals_of(company, revenue)[-1] if s.kind == "region"]
    assert [s.direction for s in found] == ["drop"]


def test_nobody_and_nothing_is_no_error() -> None:
    company = Company(accounts=0)
    assert signals_of(company, np.zeros((5, 0))) == [[]] * 5


def test_a_smaller_budget_raises_the_thresholds_of_its_kind_only_and_is_kept() -> None:
    company = large_company()
    watch, other = Watch(Alerts()), Watch(Alerts())
    watch.keep_to({"territory": Budget(0.25, false=7), "account": Budget(0.25, false=7), "zone": Budget(1.0, useful=1)})
    for view in company.views(company.revenue(80)):
        for one in (watch, other):
            company.shown(one, view)
    strict, usual = (one._company.scopes for one in (watch, other))
    assert strict["territory"].weeks.monitor.thresholds > usual["territory"].weeks.monitor.thresholds
    assert strict["zone"].weeks.monitor.thresholds == usual["zone"].weeks.monitor.thresholds
    assert watch._company.accounts.weeks.monitor.thresholds > other._company.accounts.weeks.monitor.thresholds
    again = Watch.from_bytes(Alerts(), watch.to_bytes())
    assert again.to_bytes() == watch.to_bytes()
    before = strict["territory"].weeks.monitor.thresholds
    watch.keep_to({})
    assert strict["territory"].weeks.monitor.thresholds < before


def test_a_giant_that_does_not_order_for_weeks_counts_in_its_territory_as_one_account_of_twenty() -> None:
    company = large_company()
    revenue = company.revenue(WEEKS)
    giant = int(np.flatnonzero(in_territory(company, "T2"))[0])
    revenue[:, giant] *= 60
    revenue[CHANGE : CHANGE + 3, giant] = 0
    said = [s for week_of in signals_of(company, revenue)[CHANGE:] for s in week_of]
    assert all(abs(s.deviation_share) < 0.15 for s in said if s.kind == "territory")


def test_many_zones_may_not_raise_more_false_alarms_than_the_territories() -> None:
    company, watch = large_company(), Watch(Alerts())
    for view in company.views(company.revenue(20)):
        company.shown(watch, view)
    spent = {kind: one.weeks.monitor.per_year for kind, one in watch._company.scopes.items()}
    assert 8 * spent["territory"] + 32 * spent["zone"] <= 8 * 12 * Alerts().per_territory_month


def test_orders_that_are_all_twice_their_size_are_evidence_of_a_faulty_feed_and_more_orders_are_not() -> None:
    company = Company(accounts=320, territories=8, noise=0.2, spread=0.4, order_share=0.5)
    revenue = company.revenue(WEEKS)
    here, more = in_territory(company, "T1"), in_territory(company, "T5")
    revenue[CHANGE:, here] *= 2
    again = np.random.default_rng(3).random((WEEKS - CHANGE, int(more.sum()))) < 0.7
    late = revenue[CHANGE:, more]
    revenue[CHANGE:, more] = np.where((late == 0) & again, company.size[more], late)
    found = {s.scope_id: s for s in signals_of(company, revenue)[CHANGE + 5] if s.kind == "territory"}
    assert found["T1"].evidence["every_order_times"] == pytest.approx(2, abs=0.3)
    assert found["T5"].direction == "rise"
    assert "every_order_times" not in found["T5"].evidence


@pytest.mark.parametrize(("orders_a_day", "times"), [(1.0, 1.0), (2.0, 2.0)])
def test_orders_sent_twice_are_told_from_orders_of_another_size_by_their_number(
    orders_a_day: float, times: float
) -> None:
    company = Company(accounts=320, territories=8, noise=0.2, spread=0.4, order_share=0.5)
    revenue = company.revenue(WEEKS)
    here, watch = in_territory(company, "T1"), Watch(Alerts())
    revenue[CHANGE:, here] *= 2
    for number, view in enumerate(company.views(revenue)):
        count = np.ones(company.accounts)
        count[here] = orders_a_day if number >= CHANGE else 1.0
        said = company.shown(watch, view, count)
        if number == CHANGE + 5:
            (found,) = [s for s in said if s.kind == "territory" and s.scope_id == "T1"]
    assert found.evidence["every_order_times"] == pytest.approx(2, abs=0.3)
    assert found.evidence["orders_times"] == pytest.approx(times, abs=0.15)


def test_many_zones_of_a_few_accounts_do_not_pull_the_market_down() -> None:
    """In most weeks a zone that orders less than once a week sells nothing; the market of all is far from nothing."""
    company = Company(accounts=160, territories=8, noise=0.2, spread=0.3, order_share=0.25)
    watch, factors = Watch(RARE), []
    for view in company.views(company.revenue(WEEKS)):
        company.shown(watch, replace(view, zone_of=[f"pair {row // 2}" for row in range(160)]))
        factors.append(watch.market_factor)
    assert min(factors) > 0.2


@pytest.mark.parametrize(("accounts", "fault"), [(10, False), (80, True)])
def test_a_few_accounts_that_happen_to_buy_much_less_alike_are_no_fault_of_the_feed(accounts: int, fault: bool) -> None:
    sizes = np.exp(np.linspace(-0.3, 0.3, accounts)) * 0.55
    assert bool(same_size(sizes, np.ones(accounts))) is fault
