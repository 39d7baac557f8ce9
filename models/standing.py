"""Alarms that stand: followed from week to week until the deviation has halved, or lasted half a year as the new usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import expm1, isnan
from typing import Any

from models.company_watch import CompanyWatch
from models.early_warning import SCOPE_DAYS
from models.signals import Scope
from models.warned import Warned

LONGEST_WEEKS = 26
_LONGEST_SILENCE = 39 * 7  # days; then the account is lost, and its potential says so
_RECOVERY_STEP = 0.3


@dataclass(slots=True)
class Standing:
    """An alarm and what came after it; `mean` and `recovery` in log points over the level before the change."""

    warned: Warned
    weeks: int  # since the change
    mean: float  # since the change
    recovery: float  # a faster mean
    raised: int = 0  # weeks since the alarm
    days: int = 0  # that have shown it, of a scope watched by the day; 0 of all others

    @property
    def deviation(self) -> float:
        return self.warned.magnitude if self.warned.rhythm == "" else expm1(self.mean)


class Standings:
    """One standing alarm at most for each scope."""

    def __init__(self) -> None:
        self._by_scope: dict[tuple[Scope, str], Standing] = {}

    def all(self) -> list[Standing]:
        """In a stable order."""
        return [self._by_scope[key] for key in sorted(self._by_scope)]

    def take(self, found: list[Warned], least_account: float) -> list[Standing]:
        """Those of the new alarms that stand from now on; accounts only from a change of `least_account` on."""
        taken = []
        for one in found:
            key = (one.scope, one.scope_id)
            if one.scope == "account" and one.rhythm == "weekly" and not _large(one.magnitude, least_account):
                continue
            before = self._by_scope.get(key)
            if one.withdrawn:
                if before is not None and before.raised <= 1:
                    del self._by_scope[key]
                continue
            if before is not None and one.rhythm and not _moves_on(before, one):
                continue
            weeks = max((one.detected_on - one.started_on).days // 7 + 1, 1)
            standing = Standing(one, weeks, one.shift, one.shift, days=int(one.rhythm == SCOPE_DAYS.name))
            self._by_scope[key] = standing
            taken.append(standing)
        return taken

    def follow_day(self, day: date, company: CompanyWatch, most: int) -> list[Standing]:
        """Those of scopes watched by the day that the day has shown once more, `most` times at most. Call after `take`."""
        shown = []
        for one in self.all():
            before = one.warned.detected_on < day and 0 < one.days < most
            if before and company.sold(one.warned.scope, one.warned.scope_id):
                one.days += 1
                shown.append(one)
        return shown

    def follow(self, sunday: date, company: CompanyWatch) -> None:
        """One more week of each; those that are over go, and their streams return to where they were."""
        for key, one in sorted(self._by_scope.items()):
            warned = one.warned
            if warned.rhythm == "":
                if self._silence_is_over(one, sunday, company):
                    del self._by_scope[key]
                continue
            one.weeks, one.raised = one.weeks + 1, one.raised + 1
            over = company.recent(warned.scope, warned.scope_id, warned.row) - warned.level
            if not isnan(over):
                one.mean += (over - one.mean) / one.weeks
                one.recovery += _RECOVERY_STEP * (over - one.recovery)
            if abs(one.recovery) < 0.5 * abs(warned.shift) or one.recovery * warned.shift < 0:
                company.resume(warned.scope, warned.scope_id, warned.row, warned.level)
                del self._by_scope[key]
            elif one.raised >= LONGEST_WEEKS:
                del self._by_scope[key]

    def _silence_is_over(self, one: Standing, sunday: date, company: CompanyWatch) -> bool:
        one.weeks, one.raised = one.weeks + 1, one.raised + 1
        if one.warned.row < 0:  # many at once
            return one.raised >= 4
        gap = float(company.rhythms.gap[one.warned.row])
        since = sunday.toordinal() - int(company.rhythms.last[one.warned.row])
        too_long = since > max(_LONGEST_SILENCE, 2 * company.rhythms.factor * gap)
        return too_long or not company.rhythms.silent[one.warned.row]

    def state(self) -> list[dict[str, Any]]:
        """Plain values for a snapshot."""
        return [
            {"warned": one.warned.values(), "weeks": one.weeks, "mean": one.mean, "recovery": one.recovery, "raised": one.raised, "days": one.days}
            for one in self.all()
        ]  # fmt: skip

    def restore(self, values: list[dict[str, Any]]) -> None:
        for each in values:
            warned = Warned.of(each["warned"])
            numbers = (each["weeks"], each["mean"], each["recovery"], each["raised"], each["days"])
            self._by_scope[warned.scope, warned.scope_id] = Standing(warned, *numbers)


def _moves_on(before: Standing, one: Warned) -> bool:
    """Whether the second alarm of a scope is one of its own: it lies beyond the level before the first."""
    beyond = one.level + one.shift - before.warned.level
    same_way = (beyond > 0) == (one.direction == "rise")
    return one.direction != before.warned.direction and same_way and abs(beyond) > 0.5 * abs(before.warned.shift)


def _large(magnitude: float, least: float) -> bool:
    """A rise is large at three times the share: few orders make large rises by chance."""
    return magnitude <= -least or magnitude >= 3 * least
