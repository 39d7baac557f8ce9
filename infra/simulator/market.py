"""The accounts of the demo company: where they are, what they are, what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from infra.simulator.places import REGIONS, Floats, of_town, towns
from infra.simulator.size import DemoSize

Ints = NDArray[np.int64]
REGION_NAMES = tuple(REGIONS)
KINDS = ("Pharmacie", "Parapharmacie", "Institut", "Clinique")
KIND_SHARES = (0.50, 0.22, 0.18, 0.10)
KIND_WORTH = (1.1, 0.9, 0.6, 1.6)
# Yearly wave of each kind: strength, and month of its peak (1 = January).
KIND_WAVES = ((0.10, 1.0), (0.18, 6.0), (0.22, 12.0), (0.06, 3.0))
FAMILIES = 6
SEGMENT_SHARES = (0.15, 0.30)  # of the accounts, by worth as the company judges it: A, B, the rest C
VISITS_PER_YEAR = {"A": 12.0, "B": 6.0, "C": 3.0}
VISIT_MINUTES = {"A": 60.0, "B": 45.0, "C": 30.0}


@dataclass(frozen=True, slots=True)
class Market:
    """n accounts as columns. `yearly_eur` is the worth at the start; prospects have one too but order nothing."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    cities: tuple[str, ...]
    families: tuple[str, ...]
    segments: tuple[str, ...]
    since: tuple[date, ...]
    region: Ints
    kind: Ints
    lat: Floats
    lon: Floats
    yearly_eur: Floats
    growth: Floats  # own growth a year, as a log rate
    prospect: NDArray[np.bool_]
    opens_week: Floats  # 0 for accounts that exist at the start

    def __len__(self) -> int:
        return len(self.ids)


def make_market(size: DemoSize) -> Market:
    """Draw the accounts: towns by population, scatter around their centre, lognormal worth, a kind and a family."""
    rng = np.random.default_rng([size.seed, 1])
    n = size.accounts
    region = np.arange(n, dtype=np.int64) % len(REGION_NAMES)
    town_of, lat, lon = _place(size, region, rng)
    kind = rng.choice(len(KINDS), n, p=KIND_SHARES).astype(np.int64)
    worth = size.mean_eur * rng.lognormal(-(size.spread**2) / 2, size.spread, n) * np.asarray(KIND_WORTH)[kind]
    prospect = rng.random(n) < size.prospect_share
    opens = _openings(size, prospect, rng)
    numbers: dict[tuple[int, str], int] = {}
    names = []
    for k, (_, town) in zip(kind, town_of, strict=True):
        numbers[k, town] = numbers.get((k, town), 0) + 1
        names.append(f"{KINDS[k]} {of_town(town)} {numbers[k, town]}")
    in_family = rng.random(n) < 0.35
    family = rng.integers(1, FAMILIES + 1, n)
    days_before = rng.integers(200, 4_000, n)
    return Market(
        ids=tuple(f"A{i + 1:05d}" for i in range(n)),
        names=tuple(names),
        cities=tuple(town for _, town in town_of),
        families=tuple(f"Groupement {f}" if member else "" for f, member in zip(family, in_family, strict=True)),
        segments=_segments(worth * rng.lognormal(0, 0.15, n)),
        since=tuple(
            size.day(week) if week else size.start - timedelta(days=int(before))
            for week, before in zip(opens, days_before, strict=True)
        ),
        region=region,
        kind=kind,
        lat=lat,
        lon=lon,
        yearly_eur=worth,
        growth=np.log1p(size.growth_per_year) + rng.normal(0, 0.04, n),
        prospect=prospect,
        opens_week=opens,
    )


def _place(size: DemoSize, region: Ints, rng: np.random.Generator) -> tuple[list[tuple[int, str]], Floats, Floats]:
    """A town for each account and a place some km from its centre, further in larger towns."""
    n = len(region)
    lat, lon, named = np.zeros(n), np.zeros(n), [(0, "")] * n
    for r, name in enumerate(REGION_NAMES):
        choices = towns(name, size.min_town_population)
        people = np.array([town.population for town in choices], dtype=np.float64)
        own = np.flatnonzero(region == r)
        drawn = rng.choice(len(choices), len(own), p=people**0.7 / np.sum(people**0.7))
        scatter_km = 1.2 + 0.8 * np.log10(people[drawn] / 5_000 + 1) * 3
        north, east = rng.normal(0, 1, (2, len(own))) * scatter_km
        centre = np.array([(choices[t].lat, choices[t].lon) for t in drawn]).reshape(-1, 2)
        lat[own] = np.round(centre[:, 0] + north / 111.2, 5)
        lon[own] = np.round(centre[:, 1] + east / (111.2 * np.cos(np.radians(centre[:, 0]))), 5)
        for account, t in zip(own, drawn, strict=True):
            named[account] = (int(t), choices[t].name)
    return named, lat, lon


def _openings(size: DemoSize, prospect: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    """Week in which an account opens: 0 for most, else one of a few dates within the history (news comes in batches)."""
    dates = np.arange(13, size.history_weeks, 13, dtype=np.float64)
    later = (rng.random(len(prospect)) < size.opened_later_share) & ~prospect
    if not len(dates):
        return np.zeros(len(prospect))
    return np.where(later, rng.choice(dates, len(prospect)), 0.0)


def _segments(judged: Floats) -> tuple[str, ...]:
    order = np.argsort(-judged, kind="stable")
    a_end = round(SEGMENT_SHARES[0] * len(judged))
    b_end = a_end + round(SEGMENT_SHARES[1] * len(judged))
    segments = np.full(len(judged), "C")
    segments[order[:b_end]] = "B"
    segments[order[:a_end]] = "A"
    return tuple(str(segment) for segment in segments)
