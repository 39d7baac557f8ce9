"""What forecasts teach whose weeks are over: how wide the yearly interval must be, and what each expert is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.forecast import experts
from models.group_bands import GroupBands, errors_scale
from models.history import WeeklyHistory
from models.horizon import HorizonModel
from models.interval import Band, log_score, yearly_noise
from models.ledger import LONG, SHORT, YEAR, ForecastLedger
from models.quality import Scored
from models.windows import Pasts


def learn_bands(
    bands: tuple[Band, Band], due: Sequence[Scored], pasts: Pasts, week: int, min_weeks: int, seen_year: bool
) -> bool:
    """Yearly errors teach the interval; until the first ones come, errors of a quarter stand in.

    bands: of accounts with `min_weeks` of their own and of younger ones. Returns whether yearly errors have come by now.
    """
    for one in due:
        if one.horizon_weeks == SHORT or (one.horizon_weeks == LONG and seen_year):
            continue
        if one.horizon_weeks == YEAR and not seen_year:
            seen_year = True
            for band in bands:
                band.batches = 0
        origin = pasts.at(week - one.horizon_weeks)
        years = YEAR / one.horizon_weeks
        judged = np.isfinite(one.forecast)
        young = origin.age < min_weeks
        noise = np.where(young, 1.0, yearly_noise(origin))
        scores = log_score(one.actual * years, one.forecast * years, noise)
        bands[0].learn(scores[judged & ~young])
        bands[1].learn(scores[judged & young])
    return seen_year


def judge(
    model: HorizonModel,
    near: GroupBands,
    due: Sequence[Scored],
    pasts: Pasts,
    history: WeeklyHistory,
    ledger: ForecastLedger,
) -> None:
    """Trust in the regression, the weights of the blend and the interval follow what has just matured."""
    origin = history.week - model.weeks
    for one in due:
        if one.horizon_weeks == model.weeks:
            trial = np.where(np.isfinite(one.forecast), ledger.trial(origin, model.weeks), np.nan)
            model.judge(trial, one.naive, one.actual)
            past = pasts.at(origin)
            said = experts(past, model.weeks, trial, one.naive)
            usual = np.maximum(model.weeks * history.fast(origin), said[2] / 4)
            model.blend.learn(said, one.actual, np.maximum(usual, 20.0 * model.weeks))
            near.learn(one.actual, one.forecast, *errors_scale(past, model.weeks))
