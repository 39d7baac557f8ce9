"""Orders read from their bytes in a compiled loop: where each field stands, the amount in cents, the time.

A message is taken only if it is flat JSON as a program writes it: known fields, each once, none missing, texts of printable
ASCII without escapes, plain numbers. What is not goes the careful way; so this reader never refuses anything.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
EVENT_ID, OCCURRED_AT, ORDER_ID, ACCOUNT_ID, CURRENCY, AMOUNT, STATUS, VERSION = range(8)
_NAMES = (b"event_id", b"occurred_at", b"order_id", b"account_id", b"currency", b"amount", b"status", b"schema_version")
STATUSES = (b"placed", b"returned", b"cancelled")
PLACED, RETURNED, CANCELLED = range(3)
_NEEDED = 0b00111111
_MOST_LETTERS = np.array([128, 27, 128, 64, 3, 16, 9, 0])
_LEAST_LETTERS = np.array([1, 20, 1, 1, 3, 1, 6, 1])
_WORDS = np.frombuffer(b"".join(_NAMES + STATUSES), dtype=np.uint8).copy()
_WORD_ENDS = np.cumsum([len(word) for word in _NAMES + STATUSES])
_WORD_STARTS = _WORD_ENDS - np.array([len(word) for word in _NAMES + STATUSES])
_FIELDS = len(_NAMES)
_QUOTE, _SPACE, _ESCAPE, _DELETE = ord('"'), ord(" "), ord("\\"), 0x7F
_COLON, _COMMA, _OPENS, _CLOSES, _POINT, _MINUS = ord(":"), ord(","), ord("{"), ord("}"), ord("."), ord("-")
_ZERO, _NINE, _ONE, _BIG_A, _BIG_Z = ord("0"), ord("9"), ord("1"), ord("A"), ord("Z")
_MOST_WHOLE_DIGITS, _DECIMALS = 12, 2
NO_AMOUNT = np.iinfo(np.int64).min
_TIME_FORM = np.frombuffer(b"0000-00-00T00:00:00", dtype=np.uint8).copy()
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
UNREAD = np.iinfo(np.int64).min


@numba.njit(cache=True)
def read_orders(
    payload: Bytes, starts: Ints, ends: Ints, at: Ints, field_starts: Ints, field_ends: Ints, cents: Ints, statuses: Ints, times: Ints,
    wanted: Bytes,
) -> int:  # fmt: skip
    """Read the texts `at` until one must go the careful way; how many were read.

    `field_starts` and `field_ends` have a column for each field, in the order of the names above; `cents` are as they stand
    in the message, whatever the status; `times` in ms. `wanted` is the currency of all, or empty for any.
    """
    for number in range(len(at)):
        begins, stops = field_starts[number], field_ends[number]
        if not _read_fields(payload, starts[at[number]], ends[at[number]], begins, stops):
            return number
        cents[number] = _cents(payload, begins[AMOUNT], stops[AMOUNT])
        statuses[number] = _status(payload, begins[STATUS], stops[STATUS])
        times[number] = _time(payload, begins[OCCURRED_AT], stops[OCCURRED_AT])
        if cents[number] == NO_AMOUNT or statuses[number] < 0 or times[number] == UNREAD:
            return number
        if cents[number] < 0 and statuses[number] != RETURNED:
            return number
        for place in range(len(wanted)):
            if payload[begins[CURRENCY] + place] != wanted[place]:
                return number
    return len(at)


@numba.njit(cache=True)
def _read_fields(payload: Bytes, at: int, end: int, begins: Ints, stops: Ints) -> bool:
    """Find the fields of one message; those that are left out have stops of -1."""
    stops[:] = -1
    seen = 0
    guess = 0
    if at >= end or payload[at] != _OPENS:
        return False
    at += 1
    while True:
        at = _past_spaces(payload, at, end)
        name, name_end = _text(payload, at, end)
        if name_end < 0:
            return False
        field = _word(payload, name, name_end, guess)
        at = _past_spaces(payload, name_end + 1, end)
        if field < 0 or seen >> field & 1 or at >= end or payload[at] != _COLON:
            return False
        at = _past_spaces(payload, at + 1, end)
        begins[field], stops[field] = _text(payload, at, end)
        at = stops[field] + 1
        if stops[field] < 0:
            if field not in (AMOUNT, VERSION):
                return False
            begins[field], stops[field] = _number(payload, begins[field], end)
            at = stops[field]
        elif field == VERSION:
            return False
        letters = stops[field] - begins[field]
        if letters < _LEAST_LETTERS[field] or (field != VERSION and letters > _MOST_LETTERS[field]):
            return False
        seen |= 1 << field
        guess = field + 1
        at = _past_spaces(payload, at, end)
        if at >= end:
            return False
        if payload[at] == _CLOSES:
            break
        if payload[at] != _COMMA:
            return False
        at += 1
    if seen & _NEEDED != _NEEDED or _past_spaces(payload, at + 1, end) != end:
        return False
    if seen >> VERSION & 1 and (stops[VERSION] - begins[VERSION] != 1 or payload[begins[VERSION]] != _ONE):
        return False
    for place in range(begins[CURRENCY], stops[CURRENCY]):
        if payload[place] < _BIG_A or payload[place] > _BIG_Z:
            return False
    return True


@numba.njit(cache=True, inline="always")
def _past_spaces(payload: Bytes, at: int, end: int) -> int:
    while at < end and payload[at] == _SPACE:
        at += 1
    return at


@numba.njit(cache=True)
def _text(payload: Bytes, at: int, end: int) -> tuple[int, int]:
    """Where the text in quotes that begins here begins and ends without them; the place itself and -1 where there is none, or one with odd letters."""
    if at >= end or payload[at] != _QUOTE:
        return at, -1
    for place in range(at + 1, end):
        letter = payload[place]
        if letter == _QUOTE:
            return at + 1, place
        if letter < _SPACE or letter >= _DELETE or letter == _ESCAPE:
            break
    return at, -1


@numba.njit(cache=True)
def _number(payload: Bytes, at: int, end: int) -> tuple[int, int]:
    """As `_text`, of a number without exponent: digits, a point and a minus; one that begins with a useless zero is none."""
    place = at + 1 if at < end and payload[at] == _MINUS else at
    first = place
    while place < end and (_ZERO <= payload[place] <= _NINE or payload[place] == _POINT):
        place += 1
    if place == first or (place - first > 1 and payload[first] == _ZERO and payload[first + 1] != _POINT):
        return at, -1
    return at, place


@numba.njit(cache=True)
def _word(payload: Bytes, start: int, end: int, guess: int) -> int:
    """Which field's name it is, looking from the guess on; -1 for none."""
    for turn in range(_FIELDS):
        word = (guess + turn) % _FIELDS
        if _is_word(payload, start, end, word):
            return word
    return -1


@numba.njit(cache=True, inline="always")
def _is_word(payload: Bytes, start: int, end: int, word: int) -> bool:
    if _WORD_ENDS[word] - _WORD_STARTS[word] != end - start:
        return False
    for place in range(end - start):  # noqa: SIM110 - compiled
        if payload[start + place] != _WORDS[_WORD_STARTS[word] + place]:
            return False
    return True


@numba.njit(cache=True)
def _status(payload: Bytes, start: int, end: int) -> int:
    """Its number in STATUSES; "placed" where none is given, -1 for another word."""
    if end < 0:
        return PLACED
    for status in range(3):
        if _is_word(payload, start, end, _FIELDS + status):
            return status
    return -1


@numba.njit(cache=True)
def _cents(payload: Bytes, start: int, end: int) -> int:
    """At most twelve digits, with or without one or two decimals; else NO_AMOUNT."""
    negative = payload[start] == _MINUS
    place = start + 1 if negative else start
    whole_end = place
    while whole_end < end and payload[whole_end] != _POINT:
        whole_end += 1
    decimals = end - whole_end - 1
    if not 1 <= whole_end - place <= _MOST_WHOLE_DIGITS or decimals == 0 or decimals > _DECIMALS:
        return NO_AMOUNT
    cents = 0
    while place < end:
        if place != whole_end:
            digit: Any = np.int64(payload[place]) - _ZERO
            if digit < 0 or digit > 9:
                return NO_AMOUNT
            cents = cents * 10 + digit
        place += 1
    cents *= (100, 10, 1)[max(decimals, 0)]
    return -cents if negative else cents


@numba.njit(cache=True)
def _time(payload: Bytes, start: int, end: int) -> Any:
    """In ms since 1970; UNREAD unless it is a time that exists, in one of the forms of `times`. Below a ms is cut off."""
    size = end - start
    if size not in (20, 24, 27) or payload[end - 1] != ord("Z"):
        return UNREAD
    for place in range(len(_TIME_FORM)):
        letter = payload[start + place]
        wanted = _TIME_FORM[place]
        if (letter < _ZERO or letter > _NINE) if wanted == _ZERO else letter != wanted:
            return UNREAD
    ms: Any = 0
    if size > 20:
        if payload[start + 19] != _POINT:
            return UNREAD
        for place in range(20, size - 1):
            if payload[start + place] < _ZERO or payload[start + place] > _NINE:
                return UNREAD
        ms = _two(payload, start + 20) * 10 + np.int64(payload[start + 22]) - _ZERO
    year = _two(payload, start) * 100 + _two(payload, start + 2)
    month, day = _two(payload, start + 5), _two(payload, start + 8)
    hour, minute, second = _two(payload, start + 11), _two(payload, start + 14), _two(payload, start + 17)
    if month < 1 or month > 12 or day < 1 or year < 1 or hour > 23 or minute > 59 or second > 59:
        return UNREAD
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _MONTH_DAYS[month] + leap:
        return UNREAD
    return (((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms


@numba.njit(cache=True, inline="always")
def _two(payload: Bytes, at: int) -> Any:
    return (np.int64(payload[at]) - _ZERO) * 10 + np.int64(payload[at + 1]) - _ZERO


@numba.njit(cache=True)
def _days(year: int, month: int, day: int) -> int:
    """As `times` counts them."""
    year -= month <= 2
    since_march = month - 3 if month > 2 else month + 9
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * since_march + 2) // 5 + day - 719_469
