"""Weeks for what watches and values a whole company, with market events and alerts that come and go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from models.alerts import AlertBook
from models.causes import CauseContext, KnownEvent
from models.company_watch import CompanyWatch
from models.event_effects import EventEffect
from models.event_watch import EventWatch, MarketNews
from models.history import Floats
from models.potential import PotentialModel
from models.signals import Scope, Signal
from models.verdicts import Budget, Verdicts
from models.watch import Watch
from schemas.settings import Alerts, Potential
from tests.laws.feeds.case import dice
from tests.unit.models.companies import Company, week

ACCOUNTS = 24
DAILY = 8  # of them order on every day but Sunday
IDS = [f"a{i}" for i in range(ACCOUNTS)]
COMPANY = Company(accounts=ACCOUNTS, territories=2, noise=0.2, spread=0.3, order_share=1.0)
VIEWS = list(COMPANY.views(COMPANY.revenue(900)))
REACH, ELSEWHERE = tuple(range(0, ACCOUNTS, 2)), tuple(range(1, ACCOUNTS, 2))
LONG, SHORT = 40, 8  # weeks from one event of a kind to the next
ALERTS = Alerts(confirm_weeks=2, recover_weeks=3)
CONTEXT = CauseContext(region_potential_eur=1_000_000)


def observed(number: int) -> Floats:
    """Orders of a week: an event takes half of those in its reach, for thirty weeks of forty."""
    eur = VIEWS[number].observed.copy()
    eur[list(REACH)] *= 0.5 if number % LONG >= 10 else 1.0
    eur[ELSEWHERE[0]] *= 0.0 if number % 60 >= 45 else 1.0  # falls silent
    return eur


def news(number: int) -> list[MarketNews]:
    """Events of the week: one that does what it states, one that does nothing, and one that states nothing."""

    def told(subject: str, rows: tuple[int, ...], effect: float | None) -> MarketNews:
        scope = ("zone", f"Z{rows[0]}")
        return MarketNews(
            f"{subject} {number} {rows[0]}", subject, week(number), rows, effect, scope, (("region", ""),)
        )

    of_the_week = []
    if number % LONG == 10:
        of_the_week += [told("competitor_opened", REACH[i : i + 3], -0.4) for i in range(0, 12, 3)]
    if number % SHORT == 3:
        of_the_week.append(told("price_change", ELSEWHERE, 0.3))
    if number % SHORT == 6:
        of_the_week.append(told("season", ELSEWHERE[:4], None))
    return of_the_week


@dataclass
class World:
    """Market events and the company they are judged by."""

    company: CompanyWatch = field(default_factory=lambda: CompanyWatch(1, 0.2))
    events: EventWatch = field(default_factory=EventWatch)


def fed_days(company: CompanyWatch, number: int, eur: Floats) -> list[Any]:
    """Accounts that order daily do so six times, a sixth each; the others on one day of theirs."""
    said: list[Any] = []
    company.reach(IDS)
    for weekday in range(7):
        rows = np.array([i for i in range(ACCOUNTS) if (weekday < 6 if i < DAILY else i % 7 == weekday)], np.intp)
        rows = rows[eur[rows] != 0]
        of_day = np.where(rows < DAILY, eur[rows] / 6, eur[rows])
        day = week(number) + timedelta(days=weekday)
        said += company.close_day(day, rows, of_day, np.zeros(rows.size, np.intp))
    return said


def company_week(company: CompanyWatch, number: int, eur: Floats) -> Any:
    scopes: dict[Scope, list[str | None]] = {
        "territory": [f"T{i % 2}" for i in range(ACCOUNTS)], "segment": ["A"] * DAILY + ["C"] * (ACCOUNTS - DAILY),
    }  # fmt: skip
    said = fed_days(company, number, eur)
    said += company.close_week(week(number) + timedelta(days=6), scopes, eur=eur)
    return said, company.market, company.usual.eur.copy(), company.usual.scatter.copy()


def company(model: CompanyWatch, number: int) -> Any:
    return company_week(model, number, observed(number))


def with_unknown(number: int) -> Floats:
    """What an account ordered is not known, another one each week."""
    eur = observed(number)
    eur[number % ACCOUNTS] = np.nan
    return eur


def company_missing(model: CompanyWatch, number: int) -> None:
    company_week(model, number, with_unknown(number))


def events(world: World, number: int) -> Any:
    for one in news(number):
        world.events.hear(one, world.company)
    company_week(world.company, number, observed(number))
    world.events.close_week(week(number), world.company)
    monday = week(number + 1)
    verdicts = [(one.news.event_id, one.verdict, one.estimate, one.weeks) for one in world.events.all()]
    return verdicts, world.events.fresh(), world.events.believed(monday), world.company.usual.eur.copy()


def events_missing(world: World, number: int) -> None:
    """An event without a figure, told as no number, is one that states none."""
    unknown = MarketNews(
        f"no figure {number}", "other", week(number), ELSEWHERE[:2], float("nan"), ("zone", "Z1"), (("region", ""),)
    )
    world.events.hear(unknown, world.company)
    events(world, number)


def watch(model: Watch, number: int) -> Any:
    if number == 20:
        model.keep_to({"zone": Budget(0.8, false=1), "account": Budget(1.0, useful=1)})
    for one in news(number):
        model.hear(one, IDS)
    said = COMPANY.shown(model, replace(VIEWS[number], observed=observed(number)))
    return said, model.believed(week(number + 1)), model.market_factor, model._company.usual.eur.copy()


def watch_missing(model: Watch, number: int) -> None:
    model.close_week(replace(VIEWS[number], observed=with_unknown(number)))


def watch_again(model: Watch) -> Watch:
    return Watch.from_bytes(ALERTS, model.to_bytes())


def a_signal(number: int, kind: Scope, scope_id: str, event_id: str = "") -> Signal:
    deviation = float(dice(number).choice([-0.4, -0.2, -0.02]))
    expectation = "confirmed" if number % 3 else "expected"
    return Signal(
        kind=kind, scope_id=scope_id, direction="drop", statistic=9.0, threshold=6.0, started=week(number - 2),
        observed_eur=80.0, expected_eur=100.0, deviation_share=deviation, deviation_sigma=-2.0, eur_at_risk=9_000.0,
        sample_weeks=4, accounts=9, detector="cusum weekly", inside=(("region", ""),), event_id=event_id,
        evidence={"found": "less", **({"expectation": expectation, "told": "opened"} if event_id else {})},
    )  # fmt: skip


def sunday(number: int) -> date:
    return week(number) + timedelta(days=6)


def alerts(model: AlertBook, number: int) -> Any:
    """Scopes that are in and out of their signals, events that end, and a rep who leaves now and then."""
    signals = [a_signal(number, "territory", f"T{i}") for i in range(5) if (number + 3 * i) % 11 in (0, 3, 4, 5, 7)]
    signals += [a_signal(number, "zone", "Z1", f"e{number // SHORT}")] if number % SHORT < 6 else []
    told = [KnownEvent(f"k{number}", "market_event", sunday(number), (("territory", f"T{number % 5}"),), note="fair")]
    if number % 9 == 0:
        scopes = (("territory", f"R{number}"),)
        told.append(KnownEvent(f"left {number}", "rep_left", sunday(number), scopes, True, 5_000.0))
    return model.step(sunday(number), signals, told, CONTEXT)


def alerts_missing(model: AlertBook, number: int) -> None:
    """A day on which no week closed, and a signal without a size: neither says anything."""
    unknown = replace(a_signal(number, "zone", "nowhere"), deviation_share=float("nan"))
    assert model.step(sunday(number - 1), None, [], CONTEXT, [unknown]) == []


def alerts_again(model: AlertBook) -> AlertBook:
    return AlertBook.from_bytes(ALERTS, "north", model.to_bytes())


def verdicts(model: Verdicts, number: int) -> Any:
    """Ten alerts a week, most of them marked."""
    for i in range(10):
        model.remember(f"{number:04} {i}", "zone")
        model.mark(f"{number:04} {i}", ("useful", "false", "expected", "")[int(dice(number).integers(4))])
    return model.budget("zone")


def potential(model: PotentialModel, number: int) -> Any:
    believed = [EventEffect(REACH, number % LONG - 10, -0.4)] if number % LONG >= 10 else []
    outcome = model.close_week(week(number), observed(number), np.ones(ACCOUNTS, bool), believed)
    return outcome.potential, outcome.low, outcome.high, outcome.expected_eur, outcome.reasons.eur, model.quality_rows()


def potential_missing(model: PotentialModel, number: int) -> None:
    model.close_week(week(number), with_unknown(number), np.ones(ACCOUNTS, bool))


def potential_again(model: PotentialModel) -> PotentialModel:
    return PotentialModel.from_bytes(Potential(), model.to_bytes())


def a_potential() -> PotentialModel:
    return COMPANY.model()
