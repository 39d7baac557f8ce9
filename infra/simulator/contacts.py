"""What the reps of the demo company report besides the visits they made: calls, and planned visits that were moved or cancelled.

And when an account's contact persons were entered or confirmed. Drawn on their own: no order and no visit hangs by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from infra.simulator.market import Ints, Market
from infra.simulator.shocks import Shock
from infra.simulator.size import DemoSize
from infra.simulator.visits import HOLIDAY_WEEKS, OUTCOMES, Visits, deserted_from

CALL_AFTER = {"A": 0.7, "B": 0.55, "C": 0.45}  # share of the visits that a call or a meeting by video follows
CALL_DAYS = (10, 60)  # after the visit
VIDEO_SHARE = 0.15
TALK_MINUTES = {"call": 8.0, "video": 25.0}
TALK_SHARES = (0.15, 0.30, 0.30, 0.25)  # of the outcomes, as visits have them
MOVED, CANCELLED = 0.05, 0.03  # of the visits made: planned for a day before it; planned beside it and dropped
MOVED_DAYS, CANCELLED_DAYS = (1, 15), (7, 50)
CONTACT_KNOWN = 0.85  # of the accounts, from their first day on
CONTACT_CONFIRMED = 0.12  # of the visits to customers


@dataclass(frozen=True, slots=True)
class Contacts:
    """m reports as columns, by time, as `Visits` has them; what was moved or cancelled took no time."""

    account: Ints
    rep: Ints
    day: Ints
    minute: Ints
    duration_minutes: Ints
    channel: tuple[str, ...]
    status: tuple[str, ...]
    outcome: tuple[str, ...]


def make_contacts(size: DemoSize, market: Market, shocks: tuple[Shock, ...], visits: Visits) -> Contacts:
    """Draw all reports that are no visits; each hangs by a visit of the same rep to the same account."""
    rng = np.random.default_rng([size.seed, 9])
    m = len(visits.day)
    called = rng.random(m) < np.array([CALL_AFTER[segment] for segment in market.segments])[visits.account]
    moved, cancelled = rng.random(m) < MOVED, rng.random(m) < CANCELLED
    rows = np.concatenate([np.flatnonzero(each) for each in (called, moved, cancelled)])
    kind = np.repeat(np.arange(3), [called.sum(), moved.sum(), cancelled.sum()])
    apart = np.stack([rng.integers(*CALL_DAYS, len(rows)), -rng.integers(*MOVED_DAYS, len(rows)), rng.integers(*CANCELLED_DAYS, len(rows))])  # fmt: skip
    day = visits.day[rows] + apart[kind, np.arange(len(rows))]
    minute = rng.integers(8 * 60, 18 * 60, len(rows))
    video = (kind == 0) & (rng.random(len(rows)) < VIDEO_SHARE)
    usual = np.where(video, TALK_MINUTES["video"], TALK_MINUTES["call"])
    duration = np.round(np.clip(usual * rng.lognormal(0, 0.4, len(rows)), 1, 90)).astype(np.int64) * (kind == 0)
    outcome = np.where(kind == 0, rng.choice(len(OUTCOMES), len(rows), p=TALK_SHARES), OUTCOMES.index("none"))
    fits = np.flatnonzero(_at_work(size, market, shocks, visits.account[rows], day))
    order = fits[np.lexsort((rows[fits], minute[fits], day[fits]))]
    return Contacts(
        visits.account[rows][order], visits.rep[rows][order], day[order], minute[order], duration[order],
        tuple("video" if far else "call" if each == 0 else "visit" for far, each in zip(video[order], kind[order], strict=True)),
        tuple(("done", "moved", "cancelled")[each] for each in kind[order]),
        tuple(OUTCOMES[each] for each in outcome[order]),
    )  # fmt: skip


def confirmed(size: DemoSize, market: Market, visits: Visits) -> tuple[tuple[date, ...], ...]:
    """The days on which each account's contact persons were entered or confirmed, the earliest first; none where they are not known."""
    rng = np.random.default_rng([size.seed, 10])
    known = rng.random(len(market)) < CONTACT_KNOWN
    days = [[since] if knows else [] for since, knows in zip(market.since, known.tolist(), strict=True)]
    confirms = (rng.random(len(visits.day)) < CONTACT_CONFIRMED) & ~market.prospect[visits.account]
    for i, day in zip(visits.account[confirms].tolist(), visits.day[confirms].tolist(), strict=True):
        days[i].append(size.day(day / 7))
    return tuple(tuple(sorted(set(each))) for each in days)


def _at_work(size: DemoSize, market: Market, shocks: tuple[Shock, ...], account: Ints, day: Ints) -> NDArray[np.bool_]:
    """Whether the rep works on that day and the account is there."""
    iso = np.array([size.day(n / 7).isocalendar().week for n in range(size.days)])
    inside = (day >= 7 * market.opens_week[account]) & (day < size.days)
    works = ~np.isin(iso, list(HOLIDAY_WEEKS)) & (np.arange(size.days) % 7 < 5)
    there = day < deserted_from(size, market, shocks)[account]
    return np.asarray(inside & there & works[np.clip(day, 0, size.days - 1)])
