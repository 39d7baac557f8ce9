"""Reps, their homes and a first plan: compact, and even in potential."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from infra.simulator.market import REGION_NAMES, Ints, Market
from infra.simulator.places import Floats, km_between
from infra.simulator.size import DemoSize

BALANCED_WITHIN = 0.04
CENTRE_ROUNDS = 20
BALANCE_ROUNDS = 100
REPAIR_MOVES = 2_000


@dataclass(frozen=True, slots=True)
class Team:
    """k reps as columns; `owner` gives each account's rep as an index."""

    ids: tuple[str, ...]
    region: Ints
    home_lat: Floats
    home_lon: Floats
    owner: Ints


def make_team(size: DemoSize, market: Market) -> Team:
    """Split each region among its reps, and let each live near the middle of the territory."""
    rng = np.random.default_rng([size.seed, 2])
    per = size.reps_per_region
    owner = np.zeros(len(market), dtype=np.int64)
    homes = []
    for r in range(len(REGION_NAMES)):
        own = np.flatnonzero(market.region == r)
        share, centres = _split(market.lat[own], market.lon[own], market.yearly_eur[own], per, rng)
        owner[own] = share + r * per
        homes.append(centres)
    home: Floats = np.round(np.concatenate(homes), 5).astype(np.float64)
    return Team(
        ids=tuple(f"R{j + 1:02d}" for j in range(per * len(REGION_NAMES))),
        region=np.repeat(np.arange(len(REGION_NAMES), dtype=np.int64), per),
        home_lat=home[:, 0],
        home_lon=home[:, 1],
        owner=owner,
    )


def _split(lat: Floats, lon: Floats, worth: Floats, k: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """A balanced power diagram: squared distance plus a price per territory that rises while it holds too much.

    Returns owner (n,) and centres (k, 2) as lat, lon.
    """
    places = np.column_stack([lat, lon])
    centres = places[_spread_out(lat, lon, k, rng)]
    price = np.zeros(k)
    owner = np.zeros(len(lat), dtype=np.int64)
    for _ in range(CENTRE_ROUNDS):
        owner, price = _balance(lat, lon, worth, centres, price)
        for j in range(k):
            mine = owner == j
            if mine.any():
                centres[j] = np.average(places[mine], axis=0, weights=worth[mine])
    return _repair(_distances(lat, lon, centres) ** 2 + price, owner, worth, k), centres


def _spread_out(lat: Floats, lon: Floats, k: int, rng: np.random.Generator) -> list[int]:
    """First centres: each as far as possible from those before (k-means++ without the dice)."""
    chosen = [int(rng.integers(len(lat)))]
    nearest = km_between(lat, lon, lat[chosen[0]], lon[chosen[0]])
    while len(chosen) < k:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, km_between(lat, lon, lat[chosen[-1]], lon[chosen[-1]]))
    return chosen


def _distances(lat: Floats, lon: Floats, centres: Floats) -> Floats:
    """(n, k) km."""
    return km_between(lat[:, None], lon[:, None], centres[None, :, 0], centres[None, :, 1])


def _balance(lat: Floats, lon: Floats, worth: Floats, centres: Floats, price: Floats) -> tuple[Ints, Floats]:
    squared = _distances(lat, lon, centres) ** 2
    fair = worth.sum() / len(centres)
    step = float(np.median(squared.min(axis=1))) + 100.0
    owner = np.argmin(squared + price, axis=1)
    for round_ in range(BALANCE_ROUNDS):
        off = np.bincount(owner, weights=worth, minlength=len(centres)) / fair - 1
        if np.abs(off).max() < BALANCED_WITHIN:
            break
        price = price + step * off / (1 + round_ / 40)
        owner = np.argmin(squared + price, axis=1)
    return owner.astype(np.int64), price


def _repair(cost: Floats, owner: Ints, worth: Floats, k: int) -> Ints:
    """Hand single accounts from the fullest territory to an emptier neighbour, the cheapest first, until even enough."""
    owner = owner.copy()
    fair = worth.sum() / k
    for _ in range(REPAIR_MOVES):
        off = np.bincount(owner, weights=worth, minlength=k) / fair - 1
        if np.abs(off).max() < BALANCED_WITHIN:
            break
        # Take from the fullest, or give to the emptiest, whichever is further off.
        giver = int(np.argmax(off)) if off.max() >= -off.min() else -1
        taker = int(np.argmin(off)) if giver < 0 else -1
        extra = cost - cost[np.arange(len(owner)), owner][:, None]
        extra[np.arange(len(owner)), owner] = np.inf
        gap = off[owner][:, None] - off[None, :]
        extra[gap <= worth[:, None] / fair] = np.inf  # a move must leave the pair more even than it was
        if giver >= 0:
            extra[owner != giver] = np.inf
        else:
            others = np.arange(k) != taker
            extra[:, others] = np.inf
        account, to = np.unravel_index(int(np.argmin(extra)), extra.shape)
        if not np.isfinite(extra[account, to]):
            break
        owner[account] = to
    return owner
