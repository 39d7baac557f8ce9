"""The demo company as a feed: everything it would have told Terradrift, in the order in which it would have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from infra.feeds.record import Feed, FeedRecord, merge, record_of
from infra.simulator import news
from infra.simulator.contacts import Contacts, confirmed, make_contacts
from infra.simulator.demand import Orders, make_orders
from infra.simulator.market import REGION_NAMES, VISIT_MINUTES, VISITS_PER_YEAR, Market, make_market
from infra.simulator.shelves import shelves
from infra.simulator.shocks import Shock, plant
from infra.simulator.size import DemoSize
from infra.simulator.surveys import surveys
from infra.simulator.targets import month_targets
from infra.simulator.territories import Team, make_team
from infra.simulator.visits import Visits, make_visits
from schemas.events import Account, Assignment, Order, Rep, VisitReport
from schemas.ids import derived
from schemas.topics import ACCOUNTS, ASSIGNMENTS, ORDERS, REPS, VISIT_REPORTS

CURRENCY = "EUR"
SOURCE = "simulator"
EVENING = timedelta(hours=18)


@dataclass(frozen=True, slots=True)
class Company:
    """All of a demo company. Deterministic: the same size gives the same feed, byte by byte."""

    size: DemoSize
    market: Market
    team: Team
    shocks: tuple[Shock, ...]
    orders: Orders
    visits: Visits
    contacts: Contacts
    confirmed: tuple[tuple[date, ...], ...]

    def feed(self) -> Feed:
        """Roster: the accounts, reps and assignments of the start. Events: two years and the live weeks, by time."""
        roster = [*self._accounts(0, 0), *self._reps(), *self._assignments(0, 0)]
        rare = sorted(
            [
                *self._accounts(1, self.size.weeks),
                *self._assignments(1, self.size.weeks),
                *self._confirmations(),
                *news.of_shocks(self.shocks, self.account, self.rep),
                *news.opportunities(self.size, self.market, self.team),
                *month_targets(self.size, self.market, self.team, self.orders),
                *surveys(self.size, self.market, self.team, self.shocks),
            ],
            key=lambda record: record.at,
        )
        return Feed(roster, merge(rare, self._orders(), self._visits(), self._contacts()))

    def planted(self) -> tuple[Shock, ...]:
        """The shocks, for comparison with what is found."""
        return self.shocks

    def account(self, i: int, at: datetime, status: str = "active") -> FeedRecord:
        """The whole account as told at a time."""
        market = self.market
        segment = market.segments[i]
        told = max((day for day in self.confirmed[i] if day <= at.date()), default=None)
        again = () if told in (None, market.since[i]) else (told,)
        event = Account.model_validate({
            "event_id": derived("account", market.ids[i], status, *again), "occurred_at": at, "account_id": market.ids[i],
            "name": market.names[i], "kind": "prospect" if market.prospect[i] else "customer", "segment": segment,
            "status": status, "lat": float(market.lat[i]), "lon": float(market.lon[i]), "city": market.cities[i],
            "region_id": REGION_NAMES[market.region[i]], "family_id": market.families[i],
            "visit_minutes": VISIT_MINUTES[segment], "visits_per_year": VISITS_PER_YEAR[segment],
            "since": market.since[i], "contact_updated_on": told,
        })  # fmt: skip
        return record_of(ACCOUNTS, event, source=SOURCE)

    def rep(self, j: int, at: datetime, active_to: date | None = None) -> FeedRecord:
        """The whole rep as told at a time."""
        team = self.team
        event = Rep(
            event_id=derived("rep", team.ids[j], active_to), occurred_at=at, rep_id=team.ids[j],
            name=f"Rep {j + 1:02d}", home_lat=float(team.home_lat[j]), home_lon=float(team.home_lon[j]),
            weekly_hours=35.0, region_id=REGION_NAMES[team.region[j]], manager_id=f"M{team.region[j] + 1}",
            active_from=self.size.start - timedelta(days=900), active_to=active_to,
        )  # fmt: skip
        return record_of(REPS, event, source=SOURCE)

    def _accounts(self, first_week: float, last_week: float) -> Iterator[FeedRecord]:
        for i in range(len(self.market)):
            if first_week <= self.market.opens_week[i] <= last_week:
                yield self.account(i, midnight(self.market.since[i]))

    def _confirmations(self) -> Iterator[FeedRecord]:
        """Accounts told again in the evening of a day on which their contact persons were confirmed."""
        for i, days in enumerate(self.confirmed):
            for day in days:
                if day > self.market.since[i]:
                    yield self.account(i, midnight(day) + EVENING)

    def _reps(self) -> Iterator[FeedRecord]:
        for j in range(len(self.team.ids)):
            yield self.rep(j, midnight(self.size.start - timedelta(days=900)))

    def _assignments(self, first_week: float, last_week: float) -> Iterator[FeedRecord]:
        for i, account_id in enumerate(self.market.ids):
            if first_week <= self.market.opens_week[i] <= last_week:
                since = self.market.since[i]
                event = Assignment(
                    event_id=derived("assignment", account_id, since), occurred_at=midnight(since),
                    account_id=account_id, rep_id=self.team.ids[self.team.owner[i]], valid_from=since,
                )  # fmt: skip
                yield record_of(ASSIGNMENTS, event, source=SOURCE)

    def _orders(self) -> Iterator[FeedRecord]:
        orders, start = self.orders, midnight(self.size.start)
        columns = (orders.account.tolist(), orders.day.tolist(), orders.minute.tolist(), orders.cents.tolist())
        for number, (i, day, minute, cents) in enumerate(zip(*columns, strict=True)):
            account_id, order_id = self.market.ids[i], f"O{number + 1:07d}"
            event = Order(
                event_id=derived("order", order_id, account_id), occurred_at=start + timedelta(days=day, minutes=minute),
                order_id=order_id, account_id=account_id, amount=Decimal(cents).scaleb(-2), currency=CURRENCY,
            )  # fmt: skip
            yield record_of(ORDERS, event, source=SOURCE)

    def _visits(self) -> Iterator[FeedRecord]:
        records: list[FeedRecord] = []
        visits, start = self.visits, midnight(self.size.start)
        columns = (
            visits.account.tolist(), visits.rep.tolist(), visits.day.tolist(), visits.minute.tolist(),
            visits.duration_minutes.tolist(), visits.travel_minutes.tolist(), visits.travel_km.tolist(), visits.nights.tolist(),
            visits.outcome, shelves(self.size, self.market, visits),
        )  # fmt: skip
        for i, j, day, minute, duration, travel, km, nights, outcome, products in zip(*columns, strict=True):
            visit_id = f"V{len(records) + 1:06d}"
            event = VisitReport(
                event_id=derived("visit", visit_id), occurred_at=start + timedelta(days=day, minutes=minute),
                visit_id=visit_id, account_id=self.market.ids[i], rep_id=self.team.ids[j], duration_minutes=duration,
                travel_minutes=travel, travel_km=km, nights=nights, outcome=outcome, products_seen=products,
            )  # fmt: skip
            records.append(record_of(VISIT_REPORTS, event, source=SOURCE))
        return iter(sorted(records, key=lambda record: record.at))

    def _contacts(self) -> Iterator[FeedRecord]:
        contacts, start = self.contacts, midnight(self.size.start)
        columns = (
            contacts.account.tolist(), contacts.rep.tolist(), contacts.day.tolist(), contacts.minute.tolist(),
            contacts.duration_minutes.tolist(), contacts.channel, contacts.status, contacts.outcome,
        )  # fmt: skip
        for number, (i, j, day, minute, duration, channel, status, outcome) in enumerate(zip(*columns, strict=True)):
            visit_id = f"C{number + 1:06d}"
            event = VisitReport.model_validate({
                "event_id": derived("visit", visit_id), "occurred_at": start + timedelta(days=day, minutes=minute),
                "visit_id": visit_id, "account_id": self.market.ids[i], "rep_id": self.team.ids[j], "duration_minutes": duration,
                "outcome": outcome, "channel": channel, "status": status,
            })  # fmt: skip
            yield record_of(VISIT_REPORTS, event, source=SOURCE)


def build(size: DemoSize | None = None) -> Company:
    """Draw a demo company; the default is the one of the demo (about 1,500 accounts and 16 reps)."""
    size = size or DemoSize()
    market = make_market(size)
    team = make_team(size, market)
    shocks = plant(size, market, team)
    orders = make_orders(size, market, shocks)
    visits = make_visits(size, market, team, shocks, orders)
    contacts = make_contacts(size, market, shocks, visits)
    return Company(size, market, team, shocks, orders, visits, contacts, confirmed(size, market, visits))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
