"""Territories: regions, reps, whose each account is, and what must stay with its rep."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from console.reading.answers.answer import Answer


class Region(Answer):
    region_id: str
    reps: int


class RepFacts(Answer):
    rep_id: str
    name: str
    region_id: str
    active: bool
    lat: float | None
    lon: float | None
    weekly_hours: float


class Territory(Answer):
    """A territory against the corridor. `drift` is the change of its deviation within 13 weeks; drift and work are of today alone."""

    region_id: str
    rep_id: str
    name: str
    accounts: int
    potential_eur: float
    capacity_hours: float
    work_hours: float | None
    load_ratio: float | None
    deviation: float | None
    in_corridor: bool | None
    drift: float | None


class Place(Answer):
    """Where an account is, and whose it was on the day asked for; `rep_id` "" is nobody's."""

    account_id: str
    lat: float
    lon: float
    rep_id: str
    segment: str
    potential_eur: float


class PinnedAccount(Answer):
    """An account that must stay with its rep. `until` None is for good."""

    account_id: str
    name: str
    region_id: str
    rep_id: str
    pinned_by: str
    pinned_at: AwareDatetime
    reason: str
    until: date | None
