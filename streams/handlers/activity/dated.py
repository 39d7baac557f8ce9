"""Dated events as they are read at the rate of orders: decoded and checked in one step, by msgspec.

`schemas.events` is the authority. A reader here takes only what that would take too, with the same result; whatever it
does not take goes the careful way through pydantic, which accepts it or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from schemas.events import Event, Order, VisitReport
from schemas.topics import ORDERS, VISIT_REPORTS, Topic

Key = Annotated[str, Meta(min_length=1, max_length=64)]
EventId = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=500)]
Minutes = Annotated[float, Meta(ge=0, le=24 * 60)]
MOST_AMOUNT = 1e12
"""`schemas.events.Amount` has 14 digits, two of them decimals; below this a double tells cents apart."""


class DatedEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    event_id: EventId
    occurred_at: Annotated[datetime, Meta(tz=True)]
    account_id: Key
    schema_version: Literal[1] = 1


class OrderRead(DatedEvent, gc=False, kw_only=True):
    order_id: EventId
    amount: float | str
    currency: str
    status: Literal["placed", "returned", "cancelled"] = "placed"


class VisitRead(DatedEvent, gc=False, kw_only=True):
    visit_id: EventId
    rep_id: Key
    duration_minutes: Minutes
    travel_minutes: Minutes = 0.0
    travel_km: Annotated[float, Meta(ge=0, le=5_000)] = 0.0
    outcome: Text = "none"


class TickRead(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    event_id: EventId
    occurred_at: Annotated[datetime, Meta(tz=True)]
    schema_version: Literal[1] = 1


read_tick = msgspec.json.Decoder(TickRead).decode


Effect = tuple[str, int, int, tuple[float, float] | None]
"""Content that a repetition must share; then cents and orders of the day, and a visit's minutes there and on the way."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of dated event: how it is read, what it does to its day, and the row it becomes.

    `read` raises msgspec.MsgspecError, and `effect` gives None, for what needs the careful look.
    """

    topic: Topic
    table: str
    authority: type[Event]
    read: Callable[[bytes], Any]
    from_authority: Callable[[Any], Any]
    effect: Callable[[Any, int, str], Effect | None]
    row: Callable[[Any, str, int, str, int], tuple[Any, ...]]
    columns: tuple[str, ...]


def cents_of(amount: float | str) -> int | None:
    """An amount in cents; None unless it is plain: a number of cents, or digits with at most two behind a point."""
    if isinstance(amount, str):
        digits = amount[:-3] + amount[-2:] if amount[-3:-2] == "." else ""  # by far the most common form
        if digits.isdecimal() and digits.isascii() and 3 <= len(digits) <= 14:
            return int(digits)
        return _cents_of_text(amount)
    if not -MOST_AMOUNT < amount < MOST_AMOUNT:
        return None
    cents = round(amount * 100)
    return cents if cents / 100 == amount else None


def _cents_of_text(amount: str) -> int | None:
    if amount[:1] == "-":
        cents = _cents_of_text(amount[1:]) if amount[1:2] != "-" else None
        return None if cents is None else -cents
    whole, point, rest = amount.partition(".")
    digits = whole + rest
    if (
        not (digits.isascii() and digits.isdecimal())
        or not whole
        or len(whole) > 12
        or len(rest) > 2
        or (point and not rest)
    ):
        return None
    return int(digits) * (100, 10, 1)[len(rest)]


def order_effect(order: OrderRead, at_ms: int, currency: str) -> Effect | None:
    """A return takes back, whatever its sign; a cancelled order is nothing. None unless plain cents of the currency."""
    status = order.status
    cents = cents_of(order.amount)
    if cents is None or order.currency != currency or (cents < 0 and status != "returned"):
        return None
    content = f"{order.order_id}|{cents}|{status}|{at_ms}"
    if status == "placed":
        return content, cents, 1, None
    return content, -abs(cents) if status == "returned" else 0, 0, None


def order_row(order: OrderRead, region_id: str, offset: int, log_id: str, partition: int) -> tuple[Any, ...]:
    return (
        order.event_id,
        order.occurred_at,
        order.schema_version,
        order.order_id,
        order.account_id,
        order.amount,
        order.currency,
        order.status,
        region_id,
        log_id,
        "orders",
        partition,
        offset,
    )


def visit_effect(visit: VisitRead, at_ms: int, currency: str) -> Effect:  # noqa: ARG001 - the kinds share a form
    minutes, travel = visit.duration_minutes, visit.travel_minutes
    content = f"{visit.visit_id}|{visit.rep_id}|{minutes}|{travel}|{visit.travel_km}|{visit.outcome}|{at_ms}"
    return content, 0, 0, (minutes, travel)


def visit_row(visit: VisitRead, region_id: str, offset: int, log_id: str, partition: int) -> tuple[Any, ...]:
    return (
        visit.event_id,
        visit.occurred_at,
        visit.schema_version,
        visit.visit_id,
        visit.account_id,
        visit.rep_id,
        visit.duration_minutes,
        visit.travel_minutes,
        visit.travel_km,
        visit.outcome,
        region_id,
        log_id,
        "visit-reports",
        partition,
        offset,
    )


def order_read(order: Order) -> OrderRead:
    return msgspec.convert({**order.model_dump(), "amount": format(order.amount, "f")}, OrderRead)


def visit_read(visit: VisitReport) -> VisitRead:
    return msgspec.convert(visit.model_dump(), VisitRead)


PLACE = ("region_id", "log_id", "topic", "partition", "offset")
"""The last columns of every row: where the event belongs, and where it came from."""

ORDER = Kind(
    ORDERS,
    "orders",
    Order,
    msgspec.json.Decoder(OrderRead).decode,
    order_read,
    order_effect,
    order_row,
    ("event_id", "occurred_at", "schema_version", "order_id", "account_id", "amount", "currency", "status", *PLACE),
)
VISIT = Kind(
    VISIT_REPORTS,
    "visits",
    VisitReport,
    msgspec.json.Decoder(VisitRead).decode,
    visit_read,
    visit_effect,
    visit_row,
    ("event_id", "occurred_at", "schema_version", "visit_id", "account_id", "rep_id", "duration_minutes",
     "travel_minutes", "travel_km", "outcome", *PLACE),
)  # fmt: skip
KINDS = {kind.topic.name: kind for kind in (ORDER, VISIT)}
