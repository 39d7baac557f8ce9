"""What goes wrong in the demo company, planned: each shock's place, time, size and the accounts it touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from infra.simulator.market import REGION_NAMES, Ints, Market
from infra.simulator.places import Floats, km_between
from infra.simulator.size import DemoSize
from infra.simulator.territories import Team

ShockKind = Literal["competitor_opened", "account_closed", "rep_left", "slow_decline", "boom"]
NORTH_WEST, SOUTH_EAST = range(2)


@dataclass(frozen=True, slots=True)
class Shock:
    """One planted shock. `effect` is the share of demand gained or lost once it is complete on `complete_on`.

    `announced_on` is the day on which Terradrift is told, None when it must find out by itself.
    """

    kind: ShockKind
    region_id: str
    starts_on: date
    complete_on: date
    announced_on: date | None
    effect: float
    account_ids: tuple[str, ...]
    rep_ids: tuple[str, ...]
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None


def plant(size: DemoSize, market: Market, team: Team) -> tuple[Shock, ...]:
    """Five shocks of the live weeks, at least four weeks and, within a region, at least eight weeks apart."""
    weeks = [size.history_weeks + share * size.live_weeks for share in (0.06, 0.24, 0.42, 0.56, 0.76)]
    competitor = _zone(market, team, NORTH_WEST, 30.0, avoid=())
    decline = _zone(market, team, SOUTH_EAST, 40.0, avoid=())
    boom = _zone(market, team, NORTH_WEST, 35.0, avoid=(competitor,))
    leaver = _quiet_rep(team, NORTH_WEST, (competitor, boom), market)
    at = [size.day(week) for week in weeks]
    return (
        _zone_shock("competitor_opened", market, team, competitor, 30.0, -0.40, at[0], 0, at[0] + timedelta(days=6)),
        _closing(market, team, decline, at[1]),
        _leaving(market, team, leaver, at[2]),
        _zone_shock("slow_decline", market, team, decline, 40.0, -0.30, at[3], 10, None),
        _zone_shock("boom", market, team, boom, 35.0, 0.55, at[4], 2, None),
    )


def demand_factor(shocks: tuple[Shock, ...], market: Market, days: int, start: date) -> Floats:
    """(days, accounts): what the shocks leave of each account's demand, 1 where nothing happened."""
    factor = np.ones((days, len(market)))
    index = {account_id: i for i, account_id in enumerate(market.ids)}
    for shock in shocks:
        if shock.kind == "rep_left":
            continue
        ramp_days = max(1, (shock.complete_on - shock.starts_on).days)
        progress = np.clip((np.arange(days) - (shock.starts_on - start).days + 1) / ramp_days, 0, 1)
        factor[:, [index[each] for each in shock.account_ids]] *= (1 + shock.effect * progress)[:, None]
    return factor


def _within(market: Market, centre: int, radius_km: float) -> Ints:
    near = km_between(market.lat, market.lon, float(market.lat[centre]), float(market.lon[centre])) <= radius_km
    return np.flatnonzero(near & (market.region == market.region[centre]))


def _zone(market: Market, team: Team, region: int, radius_km: float, avoid: tuple[int, ...]) -> int:
    """The account around which a zone touches one territory most squarely: about 60 % of it, and little of others."""
    loads = np.bincount(team.owner, weights=market.yearly_eur, minlength=len(team.ids))
    best, best_score = -1, -np.inf
    for centre in np.flatnonzero(market.region == region).tolist():
        if any(_km(market, centre, other) < 100 for other in avoid):
            continue
        touched = _within(market, centre, radius_km)
        shares = np.bincount(team.owner[touched], weights=market.yearly_eur[touched], minlength=len(loads)) / loads
        score = -abs(shares.max() - 0.6) - 0.5 * (shares.sum() - shares.max())
        if score > best_score:
            best, best_score = centre, float(score)
    return best if best >= 0 else int(np.flatnonzero(market.region == region)[-1])


def _km(market: Market, one: int, other: int) -> float:
    place = market.lat[[one]], market.lon[[one]]
    return float(km_between(*place, float(market.lat[other]), float(market.lon[other]))[0])


def _zone_shock(
    kind: ShockKind, market: Market, team: Team, centre: int, radius_km: float, effect: float,
    starts: date, ramp_weeks: int, announced: date | None,
) -> Shock:  # fmt: skip
    touched = _within(market, centre, radius_km)
    return Shock(
        kind, REGION_NAMES[market.region[centre]], starts, starts + timedelta(weeks=ramp_weeks), announced, effect,
        tuple(market.ids[i] for i in touched), _owners(team, touched),
        float(market.lat[centre]), float(market.lon[centre]), radius_km,
    )  # fmt: skip


def _closing(market: Market, team: Team, far_from: int, day: date) -> Shock:
    """The largest customer of the south-east that lies well outside the zone of its later decline."""
    distance = km_between(market.lat, market.lon, float(market.lat[far_from]), float(market.lon[far_from]))
    fits = (market.region == SOUTH_EAST) & ~market.prospect & (market.opens_week == 0)
    far = fits & (distance > 90)
    account = int(np.argmax(np.where(far if far.any() else fits, market.yearly_eur, -1)))
    return Shock(
        "account_closed", REGION_NAMES[SOUTH_EAST], day, day, day, -1.0,
        (market.ids[account],), _owners(team, np.array([account])),
        float(market.lat[account]), float(market.lon[account]),
    )  # fmt: skip


def _quiet_rep(team: Team, region: int, zones: tuple[int, ...], market: Market) -> int:
    """The rep who lives furthest from the other shocks of the region."""
    candidates = np.flatnonzero(team.region == region)
    away = np.min(
        [km_between(team.home_lat, team.home_lon, float(market.lat[z]), float(market.lon[z])) for z in zones], axis=0
    )
    return int(candidates[np.argmax(away[candidates])])


def _leaving(market: Market, team: Team, rep: int, day: date) -> Shock:
    """Known four weeks ahead; `starts_on` is the first day without the rep."""
    touched = np.flatnonzero(team.owner == rep)
    return Shock(
        "rep_left", REGION_NAMES[team.region[rep]], day, day, day - timedelta(weeks=4), 0.0,
        tuple(market.ids[i] for i in touched), (team.ids[rep],),
    )  # fmt: skip


def _owners(team: Team, accounts: Ints) -> tuple[str, ...]:
    return tuple(team.ids[j] for j in sorted(set(team.owner[accounts].tolist())))
