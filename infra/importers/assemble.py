"""From the values of a line to its event, and the memory that tells a repetition from a contradiction."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from pydantic import ValidationError

from infra.feeds.record import FeedRecord, record_of
from infra.importers.targets import Target, Values
from schemas.errors import RefusedError
from schemas.events import Event
from schemas.ids import derived, short_hash
from schemas.settings import Calendar

# The date of roster lines that name none. Fixed, so that importing twice says the same; early, so that any dated line wins.
FIRST_KNOWN = datetime(2000, 1, 1, tzinfo=UTC)
REMEMBERED_LINES = 5_000_000


class Assembler:
    """Makes the events of one file. Deterministic: the same lines give the same events, ids included."""

    def __init__(self, target: Target, calendar: Calendar) -> None:
        self._target = target
        self._years = range(calendar.earliest_year, calendar.latest_year + 1)
        self._equal_lines: dict[str, int] = {}
        self._seen: dict[bytes, bytes] = {}

    @property
    def forgets(self) -> bool:
        """Whether the file outgrew the memory for repetitions; the engine has its own and judges the rest."""
        return len(self._seen) >= REMEMBERED_LINES

    def event(self, values: Values) -> Event:
        """The event of a line. Raises RefusedError with the field."""
        values = dict(values)
        self._name(values)
        values["event_id"] = self._target.event_id(values)
        if moment := self._target.moment:
            values["occurred_at"] = values.pop(moment)
        else:
            values["occurred_at"] = _begin_of(values.get(self._target.dated_by))
        at = values["occurred_at"]
        if isinstance(at, datetime) and at.year not in self._years:
            first, last = self._years[0], self._years[-1]
            detail = f"the year {at.year} is not between {first} and {last}"
            raise RefusedError("bad_time", detail, moment or self._target.dated_by)
        try:
            return self._target.event.model_validate(values)
        except ValidationError as error:
            raise _refused(error) from None

    def is_repeated(self, event: Event, record: FeedRecord) -> bool:
        """Whether this very line came before. Raises RefusedError if the same identity came with another content."""
        # The id of an event derives from its identity; that of a roster line from its content too, so it cannot serve here.
        identity = self._roster_identity(event) if self._target.is_roster else event.event_id
        key, content = bytes.fromhex(identity), short_hash(record.value, 8)
        before = self._seen.get(key)
        if before is None:
            if not self.forgets:
                self._seen[key] = content
            return False
        if before == content:
            return True
        field = self._target.identity[0]
        raise RefusedError("contradiction", f"{getattr(event, field)!r} came before with another content", field)

    def _roster_identity(self, event: Event) -> str:
        return derived(*(getattr(event, field) for field in self._target.identity))

    def record(self, event: Event, source: str) -> FeedRecord:
        return record_of(self._target.topic, event, source=source)

    def _name(self, values: Values) -> None:
        """Give a line without an id one from its content and a running number among equal lines.

        The content is part of it, so that another export of the same lines in another order gives the same ids.
        """
        own_id = self._target.own_id
        if not own_id or own_id in values:
            return
        content = derived(self._target.name, sorted((field, str(value)) for field, value in values.items()))
        number = self._equal_lines.get(content, 0)
        self._equal_lines[content] = number + 1
        values[own_id] = derived(content, number)


def _begin_of(day: object) -> datetime:
    if isinstance(day, datetime):
        return day
    return datetime.combine(day, time(), UTC) if isinstance(day, date) else FIRST_KNOWN


def _refused(error: ValidationError) -> RefusedError:
    first = error.errors(include_url=False, include_context=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    detail = first["msg"].removeprefix("Value error, ")
    given = first["input"]
    shown = f" (got {str(given)[:60]!r})" if field and not isinstance(given, dict) else ""
    return RefusedError("invalid", detail + shown, field)
