"""The problem a region would pose today, made of what stands in ClickHouse by the very rules of the region stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from clickhouse_connect.driver.client import Client

from infra.clickhouse.region_now import RegionNow, known_regions, region_now
from schemas.region_log import AccountSet, RepSet
from schemas.settings import Settings
from schemas.verdict_sentences import say
from schemas.what_if import WhatIfRefusedError
from solvers.problem import ProblemError
from solvers.situation import Situation
from streams.handlers.region.learning import TRAVEL_STEP
from streams.handlers.region.places import zone_of
from streams.handlers.region.planning import places_of, problem_of
from streams.handlers.region.state import AccountState, RegionState


def situation_now(client: Client, region_id: str, settings: Settings) -> Situation:
    """Raises WhatIfRefusedError for an unknown region or one that has no problem yet, UnavailableError."""
    found = region_now(client, region_id)
    if found is None:
        known = ", ".join(known_regions(client)[:10]) or "none yet"
        raise WhatIfRefusedError((say("refused.unknown_region", region=region_id, known=known),))
    return situation_of(found, region_id, settings)


def situation_of(found: RegionNow, region_id: str, settings: Settings) -> Situation:
    """From rows to the problem, as the region stage makes it. Raises WhatIfRefusedError where there is none."""
    state = state_of(found, region_id)
    try:
        problem, accounts = problem_of(state, found.day, settings)
    except ProblemError as error:
        raise WhatIfRefusedError(
            tuple(say("refused.region", region=region_id, refusal=finding) for finding in error.findings)
        ) from None
    return Situation(
        region_id=region_id,
        problem=replace(problem, move_budget=None, rep_move_budget=None),  # a question spends none
        tolerance=settings.corridor.tolerance,
        field_weeks=settings.calendar.field_weeks_per_year,
        places=places_of(state, problem, accounts),
        required=tuple(account.now.skills for account in accounts),
        as_of=found.day,
        config_version=settings.version,
        currency="EUR" if settings.company.currency == "auto" else settings.company.currency,
    )


def state_of(found: RegionNow, region_id: str) -> RegionState:
    """As much of a region's state as planning looks at."""
    state = RegionState(region_id, closed=found.day)
    for row in found.reps:
        state.reps[row["rep_id"]] = _rep(row, region_id, found.day)
    for number, row in enumerate(found.accounts):
        state.accounts[row["account_id"]] = _account(row, number, region_id, found.day)
        state.rows.append(row["account_id"])
    for minutes in found.travel_minutes:
        state.travel_minutes_per_visit += TRAVEL_STEP * (minutes - state.travel_minutes_per_visit)
    return state


def _rep(row: Mapping[str, Any], region_id: str, day: date) -> RepSet:
    return RepSet(
        region_id=region_id, rep_id=row["rep_id"], event_id="", occurred_at=_start_of(day), home_lat=row["home_lat"],
        home_lon=row["home_lon"], weekly_hours=row["weekly_hours"], seniority=row["seniority"], active_from=row["active_from"],
        active_to=row["active_to"], absent_from=row["absent_from"], absent_to=row["absent_to"], skills=tuple(row["skills"]),
    )  # fmt: skip


def _account(row: Mapping[str, Any], number: int, region_id: str, day: date) -> AccountState:
    now = AccountSet(
        region_id=region_id, account_id=row["account_id"], event_id="", source_partition=0, occurred_at=_start_of(day),
        kind=row["kind"], lat=row["lat"], lon=row["lon"], postal_code=row["postal_code"], city=row["city"], family_id=row["family_id"], visit_minutes=row["visit_minutes"],
        visits_per_year=row["visits_per_year"], skills=tuple(row["skills"]),
    )  # fmt: skip
    return AccountState(
        now=now,
        row=number,
        zone=zone_of(now),
        rep_id=row["rep_id"] or None,
        moved_on=row["moved_on"],
        pinned_until=row["pinned_until"],
        pin_reason=row["pin_reason"] or "",
        last_order=day,  # a potential of the newest week says that it is active
        segment=row["segment"],
        potential_eur=row["potential_eur"],
        low_eur=row["low_eur"],
        high_eur=row["high_eur"],
        open_deals=dict(row["deals"] or ()),
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
