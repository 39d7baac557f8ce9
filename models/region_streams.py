"""The region as a whole, by the fortnight: against its forecast, and against the same weeks a year ago."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bank import Standing, StreamBank
from models.detectors import ShiryaevRoberts
from models.signals import WeekView
from schemas.settings import Alerts

PERIOD_WEEKS = 2  # fortnights: half the noise of weeks, and the drop is found no later
_PERIODS_PER_YEAR = 26
_REGION_WEEKS = 54
_SHORT_TERM, _YEAR = "forecast", "year"


class RegionStreams:
    """Two streams for changes of unknown size; nothing is judged before a whole year is known."""

    def __init__(self, settings: Alerts) -> None:
        run_length = _PERIODS_PER_YEAR / settings.per_account_year
        self._bank = StreamBank(ShiryaevRoberts(), run_length, settings.min_effect_share)
        self._weeks: list[list[float]] = []  # observed, forecast of the last 54 weeks
        self._week = -1

    def keep_to(self, share: float) -> None:
        """Spend this share of the false-alarm budget."""
        self._bank.keep_to(share)

    def close_week(self, view: WeekView) -> None:
        self._week += 1
        forecast = float(np.nansum(np.where(view.active, view.expected, 0)))
        self._weeks = [*self._weeks, [float(np.nansum(view.observed)), forecast]][-_REGION_WEEKS:]
        if self._week % PERIOD_WEEKS != PERIOD_WEEKS - 1 or len(self._weeks) < _REGION_WEEKS:
            return  # before a whole year is known, a season would look like a drift
        now = np.array(self._weeks[-PERIOD_WEEKS:]).sum(axis=0)
        a_year_ago = np.array(self._weeks[:PERIOD_WEEKS]).sum(axis=0)
        expected = {_SHORT_TERM: now[1], _YEAR: a_year_ago[0]}
        known = [name for name, value in expected.items() if value > 0]
        values = np.array([expected[name] for name in known])
        self._bank.close_period(known, np.full(len(known), now[0]), values)

    def strongest(self) -> list[tuple[Standing, int]]:
        """Of each direction, the standing alarm with the largest statistic; and the weeks since its last fortnight."""
        found: dict[int, Standing] = {}
        for standing in self._bank.standing():
            before = found.get(standing.side)
            if before is None or standing.statistic > before.statistic:
                found[standing.side] = standing
        return [(one, (self._week + 1) % PERIOD_WEEKS) for one in found.values()]

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        bank, arrays = self._bank.state()
        return {"bank": bank, "weeks": self._weeks, "week": self._week}, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._bank.restore(values["bank"], arrays)
        self._weeks, self._week = values["weeks"], values["week"]
