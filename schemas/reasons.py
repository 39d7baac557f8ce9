"""Reasons of an estimate: their codes and their words. The console has the same codes in its own languages."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args

ReasonCode = Literal[
    "own_orders",
    "market",
    "season",
    "overdue",
    "usual_course",
    "like_accounts",
    "silent",
    "name_or_kind",
    "neighbours",
    "market_event",
]
ReasonedEstimate = Literal["potential", "next_13w", "next_4w"]
CODES: Final[tuple[ReasonCode, ...]] = get_args(ReasonCode)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@lru_cache(maxsize=65_536)
def reason_words(
    code: ReasonCode, horizon_weeks: int, percent: int, since: date | None, waited: int, usual_gap: int, last_day: date
) -> str:
    """One reason in English, without its EUR.

    percent: of what the code speaks of, signed; since: a change's first week; waited, usual_gap: weeks; last_day: the
    last known day, from which the horizon runs.
    """
    size = f"{abs(percent)} %"
    match code:
        case "own_orders":
            if since is None or percent == 0:
                return "its latest orders are larger" if percent > 0 else "its latest orders are smaller"
            return f"orders {'rose' if percent > 0 else 'fell'} {size} against its peers since {_month(since)}"
        case "market":
            return f"the market around it {'grows' if percent >= 0 else 'shrinks'}, {size}"
        case "season":
            return f"{_season(horizon_weeks, last_day)}, {'+' if percent >= 0 else '-'}{size}"
        case "overdue":
            return f"no order for {_weeks(waited)}; usually one every {_weeks(usual_gap)}"
        case "usual_course":
            return f"accounts of its size, age and steadiness usually {'grow' if percent >= 0 else 'shrink'}, {size}"
        case "like_accounts":
            return f"its first weeks count little yet; accounts like it are worth {'more' if percent >= 0 else 'less'}"
        case "silent":
            return f"no order for {_weeks(waited)}: taken as lost"
        case "name_or_kind":
            return f"accounts of its kind or name are worth {'more' if percent >= 0 else 'less'} than the usual new one"
        case "neighbours":
            return f"accounts near it are worth {'more' if percent >= 0 else 'less'} than others of its kind"
        case "market_event":
            return f"an event in its market, {'+' if percent >= 0 else '-'}{size} that its orders do not show yet"


def _season(horizon_weeks: int, last_day: date) -> str:
    if horizon_weeks > 26:
        return "season of the year"
    first, last = last_day + timedelta(days=1), last_day + timedelta(weeks=horizon_weeks)
    if horizon_weeks <= 4:
        return f"{_MONTHS[(first + (last - first) / 2).month - 1]} season"
    return f"season from {_MONTHS[first.month - 1]} to {_MONTHS[last.month - 1]}"


def _month(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def _weeks(count: int) -> str:
    return "week" if count == 1 else f"{count} weeks"
