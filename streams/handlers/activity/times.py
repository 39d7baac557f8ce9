"""Times of events in milliseconds since 1970, exact; texts of the usual forms for a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
UNREAD = np.iinfo(np.int64).min
"""In place of a time whose text is not of a usual form."""
FORMS = {
    len(form): form for form in ("0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000Z", "0000-00-00T00:00:00.000000Z")
}
MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def ms_of(at: datetime) -> int:
    """Whole milliseconds; what is below one is cut off."""
    return (at - EPOCH) // MILLISECOND


def read_times(texts: Sequence[str]) -> Ints:
    """Of each text the time in ms, UNREAD unless it is a time that exists, in one of the FORMS."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    times = np.full(len(texts), UNREAD, dtype=np.int64)
    for length, form in FORMS.items():
        at = np.flatnonzero(lengths == length)
        if len(at) == len(texts):
            return _read_form(texts, form)
        if len(at):
            times[at] = _read_form([texts[i] for i in at.tolist()], form)
    return times


def _read_form(texts: Sequence[str], form: str) -> Ints:
    """Texts as long as the form. A digit of the form stands for any digit, all else for itself."""
    letters = np.frombuffer("".join(texts).encode("ascii", "replace"), dtype=np.uint8).reshape(-1, len(form))
    digit_places = [i for i, letter in enumerate(form) if letter == "0"]
    other_places = [i for i, letter in enumerate(form) if letter != "0"]
    digits = letters[:, digit_places].T.astype(np.int64) - ord("0")
    others = letters[:, other_places] == np.frombuffer("".join(form[i] for i in other_places).encode(), dtype=np.uint8)
    good = others.all(axis=1) & ((digits >= 0) & (digits <= 9)).all(axis=0)
    year, month = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]
    day, hour = digits[6] * 10 + digits[7], digits[8] * 10 + digits[9]
    minute, second = digits[10] * 10 + digits[11], digits[12] * 10 + digits[13]
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    month = np.where(good, month, 1)
    leap = (month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= day <= MONTH_DAYS[month] + leap
    ms = digits[14] * 100 + digits[15] * 10 + digits[16] if len(digit_places) > 14 else 0
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    return np.where(good, seconds * 1000 + ms, UNREAD)


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970 of dates of the Gregorian calendar: years begin in March, so that the leap day is the last."""
    year = year - (month <= 2)
    since_march = np.where(month > 2, month - 3, month + 9)
    days: Ints = year * 365 + year // 4 - year // 100 + year // 400 + (153 * since_march + 2) // 5 + day - 719_469
    return days
