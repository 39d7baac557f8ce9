"""The demo company: believable, balanced at the start, and shocked where it says so."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pytest

from infra.feeds.record import FeedRecord
from infra.simulator.company import Company, build
from infra.simulator.demand import Orders, day_number, make_orders, yearly_totals
from infra.simulator.places import km_between, of_town
from infra.simulator.shelves import PRODUCTS, shelves
from infra.simulator.size import SMALL, DemoSize
from infra.simulator.surveys import surveys
from infra.simulator.targets import month_targets
from infra.simulator.visits import NIGHT_KM
from schemas.events import Account, MarketEvent, Rep, Survey, Target, VisitReport
from schemas.topics import BY_NAME


@lru_cache(maxsize=1)
def small() -> Company:
    return build(SMALL)


@lru_cache(maxsize=1)
def demo() -> Company:
    return build(DemoSize())


def records(company: Company) -> list[FeedRecord]:
    feed = company.feed()
    return [*feed.roster, *feed.events]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert records(build(SMALL)) == records(small())
    assert records(build(replace(SMALL, seed=8))) != records(small())


def test_every_record_fits_its_topic_and_its_key() -> None:
    for record in records(small()):
        topic = BY_NAME[record.topic]
        assert topic.payload is not None
        assert str(getattr(topic.payload.model_validate_json(record.value), topic.key)).encode() == record.key


def test_events_come_in_order_of_time_and_ids_never_repeat() -> None:
    events = list(small().feed().events)
    assert all(one.at <= other.at for one, other in itertools.pairwise(events))
    assert len({record.value for record in records(small())}) == len(records(small()))


def test_every_account_has_a_rep_of_its_own_region() -> None:
    company = demo()
    assert (company.team.region[company.team.owner] == company.market.region).all()


def test_all_territories_are_within_ten_percent_of_their_fair_share_before_the_shocks() -> None:
    company = demo()
    second_year = yearly_totals(company.orders, len(company.market), 364, 728)
    for region in (0, 1):
        loads = np.bincount(company.team.owner, weights=second_year)[company.team.region == region]
        assert np.abs(loads / loads.mean() - 1).max() < 0.10


def test_territories_are_compact() -> None:
    market, team = demo().market, demo().team
    km = km_between(market.lat, market.lon, team.home_lat[team.owner], team.home_lon[team.owner])
    assert km.mean() < 50
    assert np.percentile(km, 99) < 150


def test_the_demo_has_the_size_it_promises() -> None:
    company = demo()
    assert len(company.market) == 1_500
    assert len(company.team.ids) == 16
    assert 60_000 <= len(company.orders.day) <= 90_000
    assert (company.orders.day % 7 < 5).all()


def test_orders_swing_with_the_season_of_their_kind() -> None:
    company = demo()
    year = company.orders.day < 364
    kind = company.market.kind[company.orders.account]
    december = year & (company.orders.day >= 335)
    june = year & (company.orders.day >= 152) & (company.orders.day < 182)
    cents = company.orders.cents
    institutes = cents[december & (kind == 2)].sum() / cents[june & (kind == 2)].sum()
    assert institutes > 1.2


@pytest.mark.parametrize("index", [0, 3, 4])
def test_a_zone_shock_changes_the_demand_of_its_accounts_by_its_effect(index: int) -> None:
    company = demo()
    shock = company.planted()[index]
    touched = np.isin(company.market.ids, shock.account_ids)
    undisturbed = make_orders(company.size, company.market, ())
    from_day = day_number(company.size, shock.complete_on)
    shocked, calm = (
        yearly_totals(orders, len(company.market), from_day, company.size.days)[touched].sum()
        for orders in (company.orders, undisturbed)
    )
    assert shocked / calm - 1 == pytest.approx(shock.effect, abs=0.10)


def test_zone_shocks_lie_where_they_say_and_within_one_region() -> None:
    company = demo()
    for shock in company.planted():
        inside = [company.market.ids.index(account_id) for account_id in shock.account_ids]
        assert {("north-west", "south-east")[company.market.region[i]] for i in inside} == {shock.region_id}
        if shock.radius_km is not None and shock.lat is not None and shock.lon is not None:
            km = km_between(company.market.lat[inside], company.market.lon[inside], shock.lat, shock.lon)
            assert km.max() <= shock.radius_km


def test_shocks_are_well_apart() -> None:
    shocks = demo().planted()
    assert {shock.kind for shock in shocks} == {
        "competitor_opened", "account_closed", "rep_left", "slow_decline", "boom"
    }  # fmt: skip
    starts = [shock.starts_on for shock in shocks]
    assert all((later - earlier).days >= 28 for earlier, later in itertools.pairwise(starts))
    for region in ("north-west", "south-east"):
        own = [shock.starts_on for shock in shocks if shock.region_id == region]
        assert all((later - earlier).days >= 56 for earlier, later in itertools.pairwise(own))


def test_a_competitor_is_announced_after_it_opened() -> None:
    shock = small().planted()[0]
    (record,) = (r for r in small().feed().events if r.topic == "market-events" and b"competitor_opened" in r.value)
    event = MarketEvent.model_validate_json(record.value)
    assert event.occurred_at.date() == shock.starts_on
    assert record.at.date() == shock.announced_on
    assert record.at > event.occurred_at


def test_a_closed_account_orders_nothing_more_and_a_rep_who_left_visits_nobody() -> None:
    company = small()
    closed, left = company.planted()[1], company.planted()[2]
    account = company.market.ids.index(closed.account_ids[0])
    assert company.orders.day[company.orders.account == account].max() < day_number(company.size, closed.starts_on)
    rep = company.team.ids.index(left.rep_ids[0])
    assert company.visits.day[company.visits.rep == rep].max() < day_number(company.size, left.starts_on)
    told = [Rep.model_validate_json(r.value) for r in company.feed().events if r.topic == "reps"]
    assert [(each.rep_id, (left.starts_on - each.active_to).days) for each in told if each.active_to] == [
        (left.rep_ids[0], 1)
    ]


def test_visits_take_believable_time() -> None:
    visits = demo().visits
    assert 20 < visits.travel_km.mean() < 60
    assert 0.10 < sum(outcome == "none" for outcome in visits.outcome) / len(visits.outcome) < 0.25
    assert (visits.day % 7 < 5).all()
    assert visits.minute.max() < 21 * 60


@pytest.mark.parametrize(
    ("town", "phrase"),
    [("Lannion", "de Lannion"), ("Angers", "d'Angers"), ("Le Mans", "du Mans"), ("Les Herbiers", "des Herbiers")],
)
def test_names_follow_the_language(town: str, phrase: str) -> None:
    assert of_town(town) == phrase


@pytest.mark.parametrize("seed", range(3))
def test_small_companies_of_any_seed_are_whole(seed: int) -> None:
    company = build(replace(SMALL, seed=seed, accounts=60))
    assert len(company.planted()) == 5
    assert set(company.team.owner.tolist()) == set(range(len(company.team.ids)))


def targets_of(company: Company, orders: Orders) -> list[Target]:
    told = month_targets(company.size, company.market, company.team, orders)
    return [Target.model_validate_json(record.value) for record in told]


def test_the_targets_of_a_year_know_nothing_of_it() -> None:
    company = demo()
    orders = company.orders
    before = orders.day < day_number(company.size, date(2026, 1, 1))
    known = Orders(orders.account[before], orders.day[before], orders.minute[before], orders.cents[before])
    of_2026 = [target for target in targets_of(company, orders) if target.month.year == 2026]
    assert of_2026 == [target for target in targets_of(company, known) if target.month.year == 2026]
    assert len(of_2026) == 12 * 16
    assert {target.occurred_at.date() for target in of_2026} == {date(2026, 1, 1)}


def test_the_company_about_reaches_its_quotas_and_its_plan_of_visits_and_the_reps_do_not_all() -> None:
    company = demo()
    start, orders, owner = company.size.start, company.orders, company.team.owner
    quota, planned = defaultdict(float), defaultdict(float)
    for target in targets_of(company, orders):
        if target.month.year == 2025:
            quota[target.rep_id] += float(target.revenue or 0)
            planned[target.rep_id] += target.visits or 0
    first, last = ((date(year, 1, 1) - start) // timedelta(days=1) for year in (2025, 2026))
    in_year = (orders.day >= first) & (orders.day < last)
    sold = np.bincount(owner[orders.account[in_year]], weights=orders.cents[in_year] / 100, minlength=16)
    visits = (company.visits.day >= first) & (company.visits.day < last)
    attained = [float(eur) / quota[rep_id] for rep_id, eur in zip(company.team.ids, sold, strict=True)]
    assert 0.9 < sold.sum() / sum(quota.values()) < 1.1
    assert 0.75 < min(attained) < 1 < max(attained) < 1.25
    assert 0.8 < visits.sum() / sum(planned.values()) < 1.1


def test_customers_and_reps_answer_and_who_has_left_does_not() -> None:
    company = demo()
    told = [Survey.model_validate_json(record.value) for record in surveys(company.size, company.market, company.team, company.shocks)]  # fmt: skip
    assert len({answer.survey_id for answer in told}) == len(told)
    of_customers = np.array([answer.score for answer in told if answer.account_id])
    of_reps = [answer for answer in told if answer.rep_id]
    assert len(of_customers) > 1_000
    assert 0 < np.mean(of_customers >= 9) - np.mean(of_customers <= 6) < 0.6
    assert {answer.rep_id for answer in of_reps} == set(company.team.ids)
    assert 6 < np.mean([answer.score for answer in of_reps]) < 8.5
    (left,) = [shock for shock in company.shocks if shock.kind == "rep_left"]
    assert all(a.occurred_at.date() < left.starts_on for a in of_reps if a.rep_id == left.rep_ids[0])


def test_an_account_keeps_what_stands_on_its_shelf_and_the_best_known_product_stands_on_most() -> None:
    company = demo()
    seen = shelves(company.size, company.market, company.visits)
    last: dict[int, set[str]] = {}
    for account, products in zip(company.visits.account.tolist(), seen, strict=True):
        if products:
            here = set(products) - {"none"}
            assert last.get(account, set()) <= here
            last[account] = here
    holding = [sum(product in here for here in last.values()) / len(last) for product in PRODUCTS]
    assert holding == sorted(holding, reverse=True)
    assert holding[0] > 0.8 > 0.3 > holding[-1] > 0
    assert ("none",) in seen


def test_calls_plans_and_nights_are_told_beside_the_visits_and_change_no_order() -> None:
    company = demo()
    told = [VisitReport.model_validate_json(r.value) for r in company.feed().events if r.topic == "visit-reports"]
    made = [report for report in told if (report.channel, report.status) == ("visit", "done")]
    calls = [report for report in told if report.channel != "visit"]
    plans = [report for report in told if report.status != "done"]
    assert len(made) == len(company.visits.day)
    assert len(made) + len(calls) + len(plans) == len(told)
    assert 0.2 < len(calls) / len(made) < 0.5
    assert {report.channel for report in calls} == {"call", "video"}
    assert 0.02 < len([plan for plan in plans if plan.status == "moved"]) / len(made) < 0.06
    assert 0.01 < len([plan for plan in plans if plan.status == "cancelled"]) / len(made) < 0.03
    assert sum(report.travel_minutes + report.travel_km + report.nights for report in (*calls, *plans)) == 0
    assert {report.occurred_at.weekday() < 5 for report in told} == {True}
    away = [report for report in made if report.nights]
    assert 100 < len(away) < 500
    assert min(report.travel_km for report in away) > NIGHT_KM


def test_nobody_calls_for_a_rep_who_left_or_at_an_account_that_closed() -> None:
    company = small()
    for shock in company.planted():
        if shock.kind in ("rep_left", "account_closed"):
            touched = np.isin(company.contacts.account, [company.market.ids.index(each) for each in shock.account_ids])
            assert company.contacts.day[touched].max() < day_number(company.size, shock.starts_on)


def test_an_accounts_contacts_are_as_old_as_the_visit_that_confirmed_them() -> None:
    company = demo()
    told = [Account.model_validate_json(r.value) for r in records(company) if r.topic == "accounts"]
    latest: dict[str, Account] = {}
    for account in told:
        before = latest.get(account.account_id)
        assert account.contact_updated_on is None or account.contact_updated_on <= account.occurred_at.date()
        assert before is None or (before.contact_updated_on or date.min) <= (account.contact_updated_on or date.min)
        latest[account.account_id] = account
    days = [account.contact_updated_on for account in latest.values() if account.contact_updated_on]
    assert 0.8 < len(days) / len(latest) < 0.98
    ages = [(company.size.day(company.size.weeks) - day).days for day in days]
    assert 200 < np.median(ages) < 800
    assert len({account.event_id for account in told}) == len(told)
