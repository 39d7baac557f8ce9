"""From bytes to a checked event, or a refusal that names the field and the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import ValidationError

from schemas.errors import RefusedError
from schemas.events import Event
from schemas.settings import Settings
from streams.handlers.dead_letters import received_at
from streams.ports import Record

E = TypeVar("E", bound=Event)


def parse(kind: type[E], record: Record, settings: Settings) -> E:
    """Decode and check one record. Raises RefusedError; never anything else, whatever the bytes."""
    value = record.value
    if not value:
        raise RefusedError("empty", "the message has no value")
    if len(value) > settings.feed.max_message_bytes:
        raise RefusedError("too_large", f"{len(value):,} bytes, at most {settings.feed.max_message_bytes:,} are taken")
    try:
        event = kind.model_validate_json(value)
    except ValidationError as error:
        raise _refusal(error) from None
    _check_time(event.occurred_at, received_at(record), settings)
    return event


def _refusal(error: ValidationError) -> RefusedError:
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(map(str, first["loc"]))
    kind = first["type"]
    if kind == "json_invalid":
        return RefusedError("broken_json", first["msg"])
    if kind == "extra_forbidden":
        return RefusedError("unknown_field", "this event has no such field", field)
    if kind == "missing":
        return RefusedError("missing_field", "is required", field)
    if kind == "timezone_aware":
        return RefusedError("no_time_zone", "a time needs a zone, for example 2026-03-01T09:30:00Z", field)
    more = error.error_count() - 1
    return RefusedError("invalid_value", first["msg"] + (f" (and {more} more)" if more else ""), field)


def _check_time(at: datetime, received: datetime, settings: Settings) -> None:
    calendar = settings.calendar
    if not calendar.earliest_year <= at.year <= calendar.latest_year:
        years = f"{calendar.earliest_year}..{calendar.latest_year}"
        raise RefusedError("implausible_time", f"year {at.year} is outside {years}", "occurred_at")
    if at > received + timedelta(hours=calendar.max_future_hours):
        raise RefusedError(
            "in_the_future",
            f"{at.isoformat()} is more than {calendar.max_future_hours:g} h after it was received "
            f"({received.isoformat(timespec='seconds')})",
            "occurred_at",
        )
