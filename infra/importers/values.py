"""From the text of a cell to a value: times with their zone, dates, numbers, lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from infra.importers.mapping import FileMapping
from infra.importers.targets import DATES, LISTS, MOMENTS, NUMBERS
from schemas.errors import RefusedError

Convert = Callable[[str], object]
PLAIN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}([ \u00a0\u202f.'][0-9]{3})+(,[0-9]*)?")
LIST_SEPARATOR = "|"


class Moments:
    """Reads times. A plain date is a whole calendar day; a time of day without a zone needs one from the mapping.

    `saw_plain_dates` turns true with the first plain date, so that the reading of it can be stated.
    """

    def __init__(self, zone: str | None, date_format: str) -> None:
        self._zone = ZoneInfo(zone) if zone else None
        self._format = date_format
        self._format_has_time = any(code in date_format for code in ("%H", "%I", "%c", "%X", "%s"))
        self.saw_plain_dates = False

    def __call__(self, text: str) -> datetime:
        """The time in UTC. Raises RefusedError for a malformed text or a missing zone."""
        if not self._format and PLAIN_DATE.fullmatch(text):
            return self._of_day(_iso_date(text))
        try:
            at = datetime.strptime(text, self._format) if self._format else datetime.fromisoformat(text)  # noqa: DTZ007
        except ValueError:
            raise RefusedError("bad_time", f"{text!r} is not a time ({self._format or 'ISO 8601'})") from None
        if self._format and not self._format_has_time:
            return self._of_day(at.date())
        if at.tzinfo is None:
            if self._zone is None:
                detail = (
                    f"{text!r} names no time zone; set `timezone` in the mapping file or write 2024-05-31T09:30:00Z"
                )
                raise RefusedError("no_zone", detail)
            at = at.replace(tzinfo=self._zone)
        try:
            return at.astimezone(UTC)
        except OverflowError:
            raise RefusedError("bad_time", f"{text!r} is out of range") from None

    def _of_day(self, day: date) -> datetime:
        """Midnight UTC; with a zone noon there, so that the order stays on its calendar day in UTC."""
        self.saw_plain_dates = True
        if self._zone is None:
            return datetime.combine(day, time(), UTC)
        try:
            return datetime.combine(day, time(12), self._zone).astimezone(UTC)
        except OverflowError:
            raise RefusedError("bad_time", f"{day} is out of range") from None


def converters(mapping: FileMapping, moments: Moments) -> Callable[[str], Convert | None]:
    """Field -> how its text is read; None for text that stays text."""

    def of(field: str) -> Convert | None:
        if field in MOMENTS:
            return moments
        if field in DATES:
            return _dates(mapping.date_format)
        if field in NUMBERS:
            return _decimal_comma if mapping.decimal == "," else _number
        return _list if field in LISTS else None

    return of


def _dates(date_format: str) -> Convert:
    def read(text: str) -> date:
        if not date_format:
            return _iso_date(text)
        try:
            return datetime.strptime(text, date_format).date()  # noqa: DTZ007
        except ValueError:
            raise RefusedError("bad_date", f"{text!r} is not a date ({date_format})") from None

    return read


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("bad_date", f"{text!r} is not a date (2024-05-31)") from None


def _number(text: str) -> str:
    """The text itself, once it is certain to be a number: the event's own type turns it into one, money exactly."""
    if not NUMBER.fullmatch(text):
        hint = '; set `decimal = ","` in the mapping file' if "," in text else ""
        raise RefusedError("bad_number", f"{text!r} is not a number{hint}")
    return text


def _decimal_comma(text: str) -> str:
    if GROUPED.fullmatch(text):
        text = re.sub(r"[ \u00a0\u202f.']", "", text)
    if text.count(",") > 1 or "." in text:
        raise RefusedError("bad_number", f"{text!r} is not a number with a decimal comma")
    return _number(text.replace(",", "."))


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(LIST_SEPARATOR) if part.strip())
