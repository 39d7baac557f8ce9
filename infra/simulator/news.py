"""What the demo company tells besides orders and visits: announcements of its shocks, and deals in progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np

from infra.feeds.record import FeedRecord, record_of
from infra.simulator.market import Market
from infra.simulator.shocks import Shock
from infra.simulator.size import DemoSize
from infra.simulator.territories import Team
from schemas.events import MarketEvent, Opportunity
from schemas.ids import derived
from schemas.topics import MARKET_EVENTS, OPPORTUNITIES

SOURCE = "simulator"
LEAD_SOURCES = ("fair", "visit", "web", "recommendation")
WON_SHARE = 0.4
AccountTold = Callable[[int, datetime, str], FeedRecord]
RepTold = Callable[[int, datetime, date | None], FeedRecord]


def of_shocks(shocks: tuple[Shock, ...], account: AccountTold, rep: RepTold) -> Iterator[FeedRecord]:
    """The records that announce the shocks, at the time of their announcement. `account` and `rep` tell one whole."""
    for shock in shocks:
        if shock.announced_on is None:
            continue
        at = _morning(shock.announced_on)
        if shock.kind == "rep_left":
            yield rep(_index(shock.rep_ids[0]), at, shock.starts_on - timedelta(days=1))
            continue
        if shock.kind == "account_closed":
            yield account(_index(shock.account_ids[0]), at, "closed")
        yield _market_event(shock, at)


def _market_event(shock: Shock, at: datetime) -> FeedRecord:
    """It carries the day on which it happened, and travels on the day on which it became known."""
    market_event_id = derived("shock", shock.kind, shock.region_id, shock.starts_on)[:12]
    closes = shock.kind == "account_closed"
    event = MarketEvent.model_validate({
        "event_id": derived("market_event", market_event_id), "market_event_id": market_event_id,
        "occurred_at": _morning(shock.starts_on), "kind": shock.kind, "lat": shock.lat, "lon": shock.lon,
        "radius_km": shock.radius_km, "account_id": shock.account_ids[0] if closes else None,
        "region_id": shock.region_id, "expected_effect": -1.0 if closes else -0.3,
    })  # fmt: skip
    return record_of(MARKET_EVENTS, event, at=at, source=SOURCE)


def opportunities(size: DemoSize, market: Market, team: Team) -> Iterator[FeedRecord]:
    """Deals: each opens, and after some weeks is won or lost."""
    rng = np.random.default_rng([size.seed, 5])
    there = np.flatnonzero(market.opens_week == 0)
    weight = np.where(market.prospect[there], 6.0, 1.0)
    for number in range(size.opportunities):
        i = int(rng.choice(there, p=weight / weight.sum()))
        opened = datetime.combine(size.day(rng.uniform(0, size.weeks - 14)), time(10), UTC)
        decided = opened + timedelta(days=int(rng.integers(14, 90)))
        amount = Decimal(int(rng.integers(500, 12_000)))
        source = LEAD_SOURCES[int(rng.integers(len(LEAD_SOURCES)))]
        stage = "won" if rng.random() < WON_SHARE else "lost"
        for at, name in ((opened, "open"), (decided, stage)):
            opportunity_id = f"P{number + 1:05d}"
            event = Opportunity.model_validate({
                "event_id": derived("opportunity", opportunity_id, name), "opportunity_id": opportunity_id,
                "occurred_at": at, "account_id": market.ids[i], "rep_id": team.ids[team.owner[i]], "stage": name,
                "source": source, "amount": amount,
            })  # fmt: skip
            yield record_of(OPPORTUNITIES, event, source=SOURCE)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(6), UTC)


def _index(name: str) -> int:
    """The column of an account or rep: its number, less one."""
    return int(name[1:]) - 1
