"""Reps and market events as the messages a region's log carries."""

from __future__ import annotations

from schemas.events import MarketEvent, Rep
from schemas.region_log import MarketEventSet, RepSet


def rep_message(rep: Rep, base_region: str) -> RepSet:
    return RepSet(
        region_id=rep.region_id or base_region,
        rep_id=rep.rep_id,
        event_id=rep.event_id,
        occurred_at=rep.occurred_at,
        home_lat=rep.home_lat,
        home_lon=rep.home_lon,
        weekly_hours=rep.weekly_hours,
        seniority=rep.seniority,
        manager_id=rep.manager_id,
        active_from=rep.active_from,
        active_to=rep.active_to,
        absent_from=rep.absent_from,
        absent_to=rep.absent_to,
        skills=rep.skills,
    )


def market_event_message(event: MarketEvent) -> MarketEventSet:
    return MarketEventSet(
        market_event_id=event.market_event_id,
        event_id=event.event_id,
        kind=event.kind,
        occurred_at=event.occurred_at,
        lat=event.lat,
        lon=event.lon,
        radius_km=event.radius_km,
        account_id=event.account_id,
        region_id=event.region_id,
        expected_effect=event.expected_effect,
        note=event.note,
    )
