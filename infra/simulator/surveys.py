"""What customers and reps of the demo company answer when they are asked: customers each quarter, reps each half year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

import numpy as np

from infra.feeds.record import FeedRecord, record_of
from infra.simulator.market import VISITS_PER_YEAR, Market
from infra.simulator.places import Floats, km_between
from infra.simulator.shocks import Shock
from infra.simulator.size import DemoSize
from infra.simulator.territories import Team
from schemas.events import Survey
from schemas.ids import derived
from schemas.topics import SURVEYS

SOURCE = "simulator"
QUARTER_WEEKS, HALF_YEAR_WEEKS = 13, 26
CUSTOMERS_WHO_ANSWER, REPS_WHO_ANSWER = 0.12, 0.85
CUSTOMER_MEAN, CUSTOMER_SIGMA = 8.3, 1.7
LOST_PER_100_KM = 1.5  # points: a rep who lives far away is seldom there
REP_MEAN, REP_SIGMA = 7.2, 0.9
LOST_PER_LOAD = 4.0  # points for twice the work of the mean rep


def surveys(size: DemoSize, market: Market, team: Team, shocks: tuple[Shock, ...]) -> Iterator[FeedRecord]:
    """All answers, from the first whole quarter on. Customers near their rep and reps with little work are the happier ones."""
    rng = np.random.default_rng([size.seed, 7])
    near = km_between(market.lat, market.lon, team.home_lat[team.owner], team.home_lon[team.owner])
    content = CUSTOMER_MEAN - LOST_PER_100_KM * near / 100
    for week in range(QUARTER_WEEKS, size.weeks, QUARTER_WEEKS):
        there = ~market.prospect & (market.opens_week + QUARTER_WEEKS <= week)
        answers = np.flatnonzero(there & (rng.random(len(market)) < CUSTOMERS_WHO_ANSWER))
        scores = _scores(content[answers], CUSTOMER_SIGMA, 0, rng)
        for i, day, score in zip(answers.tolist(), _days(week, len(answers), rng), scores, strict=True):
            yield _answer(size, day, score, account_id=market.ids[i])
    load = np.bincount(team.owner, np.array([VISITS_PER_YEAR[each] for each in market.segments]), len(team.ids))
    mood = REP_MEAN - LOST_PER_LOAD * (load / load.mean() - 1)
    for week in range(HALF_YEAR_WEEKS, size.weeks, HALF_YEAR_WEEKS):
        answers = np.flatnonzero(rng.random(len(team.ids)) < REPS_WHO_ANSWER)
        scores = _scores(mood[answers], REP_SIGMA, 1, rng)
        for j, day, score in zip(answers.tolist(), _days(week, len(answers), rng), scores, strict=True):
            if not _has_left(team.ids[j], size, day, shocks):
                yield _answer(size, day, score, rep_id=team.ids[j])


def _scores(mean: Floats, sigma: float, least: int, rng: np.random.Generator) -> list[int]:
    drawn: list[int] = np.clip(np.round(rng.normal(mean, sigma)), least, 10).astype(np.int64).tolist()
    return drawn


def _days(week: int, count: int, rng: np.random.Generator) -> list[int]:
    """Days of the simulation on which the answers come in: the two weeks before the survey ends."""
    days: list[int] = rng.integers(7 * (week - 2), 7 * week, count).tolist()
    return days


def _has_left(rep_id: str, size: DemoSize, day: int, shocks: tuple[Shock, ...]) -> bool:
    on = size.day(day / 7)
    return any(shock.kind == "rep_left" and rep_id in shock.rep_ids and on >= shock.starts_on for shock in shocks)


def _answer(
    size: DemoSize, day: int, score: int, account_id: str | None = None, rep_id: str | None = None
) -> FeedRecord:
    survey_id = f"{size.day(day / 7):%Y-%m-%d}-{account_id or rep_id}"
    event = Survey(
        event_id=derived("survey", survey_id), occurred_at=datetime.combine(size.day(day / 7), time(15), UTC), survey_id=survey_id,
        account_id=account_id, rep_id=rep_id, score=score,
    )  # fmt: skip
    return record_of(SURVEYS, event, source=SOURCE)
