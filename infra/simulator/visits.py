"""Visits: each rep's weeks, tour by tour, with travel that follows from the places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.simulator.demand import Orders, day_number
from infra.simulator.market import VISIT_MINUTES, VISITS_PER_YEAR, Ints, Market
from infra.simulator.places import Floats, km_between
from infra.simulator.shocks import Shock
from infra.simulator.size import DemoSize
from infra.simulator.territories import Team

ROAD_FACTOR = 1.3
KM_PER_HOUR = 55.0
PARKING_MINUTES = 5.0
MAX_PER_DAY = 9
HOLIDAY_WEEKS = frozenset({31, 32, 33, 51, 52})  # ISO weeks without visits
NIGHT_KM = 120.0  # further from home on the road, a day is begun from a hotel
OUTCOMES = ("order", "agreement", "reading", "none")
OUTCOME_SHARES = (0.30, 0.27, 0.25, 0.18)
ORDERED_SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class Visits:
    """m visits as columns; `minute` counts from midnight UTC, travel is the way there from the stop before.

    Where the first stop of a day is far, its rep drives there the evening before: the way is the same, and a night is added.
    """

    account: Ints
    rep: Ints
    day: Ints
    minute: Ints
    duration_minutes: Floats
    travel_minutes: Floats
    travel_km: Floats
    nights: Ints
    outcome: tuple[str, ...]


def make_visits(size: DemoSize, market: Market, team: Team, shocks: tuple[Shock, ...], orders: Orders) -> Visits:
    """Draw all visits. A rep who left makes none; nobody covers."""
    rng = np.random.default_rng([size.seed, 4])
    account, week = _due(size, market, rng)
    rep = team.owner[account]
    at_work = 7 * week + 4 < deserted_from(size, market, shocks)[account]
    account, week, rep = account[at_work], week[at_work], rep[at_work]
    day, km = _tours(market, team, account, week, rep)
    minutes = np.array([VISIT_MINUTES[segment] for segment in market.segments])[account]
    duration: Floats = np.round(np.clip(minutes * rng.lognormal(0, 0.25, len(account)), 10, 180)).astype(np.float64)
    travel: Floats = np.round(km / KM_PER_HOUR * 60 + PARKING_MINUTES).astype(np.float64)
    order = np.lexsort((np.arange(len(day)), rep, day))
    account, rep, day, km = account[order], rep[order], day[order], km[order]
    duration, travel = duration[order], travel[order]
    return Visits(
        account, rep, day, _clock(rep, day, duration, travel), duration, travel, np.round(km, 1),
        np.asarray(_starts(rep, day) & (km > NIGHT_KM), dtype=np.int64),
        _outcomes(account, day, orders, len(market), size.days, rng),
    )  # fmt: skip


def deserted_from(size: DemoSize, market: Market, shocks: tuple[Shock, ...]) -> Ints:
    """(n,) the first day on which nobody sees an account any more: it has closed or its rep has left; else one never reached."""
    first = np.full(len(market), 7 * size.weeks + 7, dtype=np.int64)
    for shock in shocks:
        if shock.kind in ("rep_left", "account_closed"):
            touched = [market.ids.index(each) for each in shock.account_ids]
            first[touched] = np.minimum(first[touched], day_number(size, shock.starts_on))
    return first


def _due(size: DemoSize, market: Market, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """(account, week) of each visit: the segment's frequency with some slack, none in holiday weeks."""
    accounts, weeks = [], []
    for i, segment in enumerate(market.segments):
        gap = 52 / VISITS_PER_YEAR[segment]
        count = int(size.weeks / gap) + 2
        times = market.opens_week[i] + gap * (np.arange(count) + rng.random()) + rng.normal(0, 0.12 * gap, count)
        due = times[(times >= market.opens_week[i]) & (times < size.weeks)].astype(np.int64)
        iso = [size.day(int(week)).isocalendar().week for week in due]
        due = due[[number not in HOLIDAY_WEEKS for number in iso]]
        accounts.append(np.full(len(due), i, dtype=np.int64))
        weeks.append(due)
    return np.concatenate(accounts), np.concatenate(weeks)


def _tours(market: Market, team: Team, account: Ints, week: Ints, rep: Ints) -> tuple[Ints, Floats]:
    """Share a week's visits over its days by direction from home; km from the stop before, the first from home.

    Returns day and km in the order of the arguments. The way home is not reported.
    """
    angle = np.arctan2(market.lat[account] - team.home_lat[rep], market.lon[account] - team.home_lon[rep])
    order = np.lexsort((account, angle, week, rep))
    new_week = _starts(rep[order], week[order])
    place = np.arange(len(order)) - np.flatnonzero(new_week)[np.cumsum(new_week) - 1]
    in_week = np.bincount(np.cumsum(new_week) - 1)[np.cumsum(new_week) - 1]
    days = np.clip(-(-in_week // MAX_PER_DAY), np.minimum(in_week, 4), 5)
    weekday = np.minimum(place * days // in_week, 4)
    day = 7 * week[order] + weekday
    first = _starts(rep[order], day)
    lat, lon = market.lat[account][order], market.lon[account][order]
    from_lat = np.where(first, team.home_lat[rep[order]], np.roll(lat, 1))
    from_lon = np.where(first, team.home_lon[rep[order]], np.roll(lon, 1))
    km = ROAD_FACTOR * km_between(lat, lon, from_lat, from_lon)
    back = np.argsort(order, kind="stable")
    return day[back].astype(np.int64), km[back]


def _starts(*columns: Ints) -> NDArray[np.bool_]:
    """True where a run of equal values begins."""
    changed = np.zeros(len(columns[0]), dtype=bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def _clock(rep: Ints, day: Ints, duration: Floats, travel: Floats) -> Ints:
    """Start of each visit in minutes of the day: from half past seven on, one after the other."""
    begins = _starts(rep, day)
    total = np.cumsum(travel + duration)
    group = np.cumsum(begins) - 1
    before = (total - travel - duration)[begins][group]
    start = 450 + total - duration - before
    return np.asarray(np.minimum(start, 21 * 60), dtype=np.int64)


def _outcomes(
    account: Ints, day: Ints, orders: Orders, accounts: int, days: int, rng: np.random.Generator
) -> tuple[str, ...]:
    """ "order" when one follows within days, else what the dice say; about a sixth are blank."""
    ordered = np.zeros((accounts, days + ORDERED_SOON_DAYS + 1), dtype=bool)
    ordered[orders.account, orders.day] = True
    soon = np.zeros(len(day), dtype=bool)
    for ahead in range(ORDERED_SOON_DAYS + 1):
        soon |= ordered[account, day + ahead]
    drawn = rng.choice(len(OUTCOMES), len(day), p=OUTCOME_SHARES)
    return tuple(OUTCOMES[0] if now else OUTCOMES[d] for now, d in zip(soon, drawn, strict=True))
