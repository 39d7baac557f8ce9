"""First territories for a company that has none: read from ClickHouse, designed, published as reps and assignments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np

from infra.clickhouse.greenfield import PlacedAccount
from infra.feeds.record import Feed, FeedRecord, record_of
from schemas.events import Assignment, Rep
from schemas.ids import derived
from schemas.settings import Settings
from schemas.topics import ASSIGNMENTS, REPS
from solvers.design import Design, design
from solvers.redesign import Stage

TRAVEL_MINUTES = 25.0


@dataclass(frozen=True, slots=True)
class Territories:
    """A designed region: one rep per territory."""

    region_id: str
    accounts: tuple[PlacedAccount, ...]
    rep_ids: tuple[str, ...]
    design: Design


def design_region(region_id: str, accounts: list[PlacedAccount], reps: int, settings: Settings) -> Territories:
    """Balanced compact territories; accounts without potential yet count alike. Raises ProblemError."""
    potential = np.array([account.potential_eur for account in accounts])
    if potential.sum() <= 0:
        potential = np.ones(len(accounts))
    visits = np.array([visits_of(account, settings) for account in accounts])
    minutes = np.array([settings.segments.visit_minutes.get(account.segment or "C", 30.0) for account in accounts])  # type: ignore[call-overload]
    places = np.array([[_or_nan(account.lat), _or_nan(account.lon)] for account in accounts]).reshape(-1, 2)
    found = design(
        places,
        potential,
        visits * (minutes + TRAVEL_MINUTES) / 60,
        reps,
        random_state=settings.random_seed,
        weights=settings.weights,
        visits=visits,
    )
    width = len(str(reps))
    rep_ids = tuple(f"{region_id}-R{number + 1:0{width}d}" for number in range(reps))
    return Territories(region_id, tuple(accounts), rep_ids, found)


def visits_of(account: PlacedAccount, settings: Settings) -> float:
    return settings.segments.visits_per_year.get(account.segment or "C", 0.0)  # type: ignore[call-overload,no-any-return]


def feed_of(territories: Territories, valid_from: date, weekly_hours: float) -> Feed:
    """Reps at the middle of their territories, and who serves whom from `valid_from` on."""
    at = datetime.combine(valid_from, time(), UTC)
    records: list[FeedRecord] = []
    for number, rep_id in enumerate(territories.rep_ids):
        lat, lon = (float(value) for value in territories.design.homes[number])
        placed = np.isfinite(lat) and np.isfinite(lon)
        rep = Rep(
            event_id=derived("design", rep_id, valid_from, lat, lon, weekly_hours),
            occurred_at=at,
            rep_id=rep_id,
            home_lat=round(lat, 6) if placed else None,
            home_lon=round(lon, 6) if placed else None,
            weekly_hours=weekly_hours,
            region_id=territories.region_id,
        )
        records.append(record_of(REPS, rep))
    for account, territory in zip(territories.accounts, territories.design.assignment, strict=True):
        rep_id = territories.rep_ids[int(territory)]
        assignment = Assignment(
            event_id=derived("design", account.account_id, rep_id, valid_from),
            occurred_at=at,
            account_id=account.account_id,
            rep_id=rep_id,
            valid_from=valid_from,
            source="design",
        )
        records.append(record_of(ASSIGNMENTS, assignment))
    return Feed(roster=records)


def stage_feed(stage: Stage, valid_from: date) -> Feed:
    """The moves of a redesign's stage as assignments from `valid_from` on."""
    at = datetime.combine(valid_from, time(), UTC)
    return Feed(
        roster=[
            record_of(
                ASSIGNMENTS,
                Assignment(
                    event_id=derived("redesign", move.account_id, move.to_rep, valid_from),
                    occurred_at=at,
                    account_id=move.account_id,
                    rep_id=move.to_rep,
                    valid_from=valid_from,
                    source="design",
                ),
            )
            for move in stage.moves
        ]
    )


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
