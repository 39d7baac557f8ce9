"""From bytes to a checked event, or a refusal that names the field and the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from pydantic import ValidationError

from schemas.errors import RefusedError
from schemas.events import Event
from schemas.settings import Settings
from streams.ports import Record

E = TypeVar("E", bound=Event)
MS_PER_HOUR = 3_600_000


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
    _check_time(event.occurred_at, record.timestamp_ms, settings)
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


def _check_time(at: datetime, received_ms: int, settings: Settings) -> None:
    calendar = settings.calendar
    if not calendar.earliest_year <= at.year <= calendar.latest_year:
        years = f"{calendar.earliest_year}..{calendar.latest_year}"
        raise RefusedError("implausible_time", f"year {at.year} is outside {years}", "occurred_at")
    if at.timestamp() * 1000 > received_ms + calendar.max_future_hours * MS_PER_HOUR:
        received = datetime.fromtimestamp(received_ms / 1000, UTC).isoformat(timespec="seconds")
        raise RefusedError(
            "in_the_future",
            f"{at.isoformat()} is more than {calendar.max_future_hours:g} h after it was received ({received})",
            "occurred_at",
        )
