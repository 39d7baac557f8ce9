"""Dated events as they are read at the rate of orders: decoded and checked in one step, by msgspec.

`schemas.events` is the authority. A reader here takes only what that would take too, with the same result; whatever it
does not take goes the careful way through pydantic, which accepts it or says what is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import msgspec
import numpy as np
from msgspec import Meta, structs
from numpy.typing import NDArray

from schemas.events import Event, Order, VisitReport
from schemas.topics import ORDERS, VISIT_REPORTS, Topic
from streams.handlers.activity.times import Ints

Key = Annotated[str, Meta(min_length=1, max_length=64)]
EventId = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=500)]
Minutes = Annotated[float, Meta(ge=0, le=24 * 60)]
MOST_AMOUNT = 1e12
"""`schemas.events.Amount` has 14 digits, two of them decimals; below this a double tells cents apart."""
CURRENCY = re.compile(r"[A-Z]{3}").fullmatch
ALL_USUAL = re.compile(r"[0-9]{1,12}\.[0-9]{2}(?:\n[0-9]{1,12}\.[0-9]{2})*").fullmatch
"""Amounts as most feeds write them, one a line."""


class DatedEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    event_id: EventId
    occurred_at: Annotated[str, Meta(max_length=64)]  # read by `times`, a batch at once
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
    products_seen: Annotated[tuple[Key, ...], Meta(max_length=20)] = ()
    channel: Literal["visit", "call", "video"] = "visit"
    nights: Annotated[int, Meta(ge=0, le=31)] = 0
    status: Literal["done", "moved", "cancelled"] = "done"


class TickRead(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    event_id: EventId
    occurred_at: Annotated[datetime, Meta(tz=True)]
    schema_version: Literal[1] = 1


Spent = list[tuple[float, float] | None]
USUAL_VISIT = ("visit", 0, "done")
"""Channel, nights and status where a report names none."""
read_tick = msgspec.json.Decoder(TickRead).decode
STATUS_CODES = {"placed": 0, "returned": 1, "cancelled": 2}


@dataclass(frozen=True, slots=True)
class Effects:
    """What events do to their days, in columns: cents, orders, and a visit's minutes there and on the way, None for what is no visit.

    `texts` and `details` are the content that a repetition must share, besides the time. `plain` is False for an event that
    needs the careful look; its other columns mean nothing.
    """

    texts: list[str]
    details: Ints
    cents: Ints
    orders: Ints
    minutes: Spent | None
    plain: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of dated event: how it is read, what it does to its day, and the row it becomes.

    `read` and `read_lines` raise msgspec.MsgspecError for what needs the careful look. `rows` takes texts as they are, so
    they must need no escape in JSON (see `escaped`).
    """

    topic: Topic
    table: str
    authority: type[Event]
    read: Callable[[bytes], Any]
    read_lines: Callable[[Any], list[Any]]
    from_authority: Callable[[Any], Any]
    effects: Callable[[Sequence[Any], str], Effects]
    rows: Callable[[Sequence[Any], Sequence[str], Sequence[int]], list[str]]
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


def cents_column(amounts: Sequence[float | str]) -> tuple[Ints, NDArray[np.bool_]]:
    """The amounts in cents, and which of them are plain."""
    if set(map(type, amounts)) == {str}:
        together = "\n".join(cast("Sequence[str]", amounts))
        if ALL_USUAL(together):
            cents = np.fromstring(together.replace(".", ""), dtype=np.int64, sep="\n")
            return cents, np.ones(len(amounts), dtype=np.bool_)
    found = [cents_of(amount) for amount in amounts]
    plain = np.array([one is not None for one in found], dtype=np.bool_)
    return np.array([one or 0 for one in found], dtype=np.int64), plain


def order_effects(orders: Sequence[OrderRead], currency: str) -> Effects:
    """A return takes back, whatever its sign; a cancelled order is nothing. Plain are cents of the currency ("": of any)."""
    cents, plain = cents_column([order.amount for order in orders])
    statuses = [order.status for order in orders]
    currencies = [order.currency for order in orders]
    if currencies.count(currency) < len(orders):
        fits = [one == currency if currency else CURRENCY(one) is not None for one in currencies]
        plain &= np.array(fits, dtype=np.bool_)
    texts = [order.order_id for order in orders]
    if statuses.count("placed") == len(orders):
        return Effects(texts, cents * 4, cents, np.ones_like(cents), None, plain & (cents >= 0))
    codes = np.array([STATUS_CODES[status] for status in statuses], dtype=np.int64)
    plain &= (cents >= 0) | (codes == STATUS_CODES["returned"])
    effect = np.select([codes == STATUS_CODES["placed"], codes == STATUS_CODES["returned"]], [cents, -np.abs(cents)])
    return Effects(texts, cents * 4 + codes, effect, (codes == STATUS_CODES["placed"]).astype(np.int64), None, plain)


def order_rows(orders: Sequence[OrderRead], places: Sequence[str], offsets: Sequence[int]) -> list[str]:
    """JSON arrays; `places` is the middle of the row, from the region to the partition, as JSON."""
    return [
        f'["{order.event_id}","{order.occurred_at}",1,"{order.order_id}","{order.account_id}",'
        f'"{_in_full(order.amount)}","{order.currency}","{order.status}",{place},{offset}]'
        for order, place, offset in zip(orders, places, offsets, strict=True)
    ]


def _in_full(amount: float | str) -> str:
    """With both decimals, however the message has it."""
    cents = cents_of(amount) or 0
    return f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def visit_effects(visits: Sequence[VisitRead], currency: str) -> Effects:  # noqa: ARG001 - the kinds share a form
    texts = [
        f"{visit.visit_id}|{visit.rep_id}|{visit.duration_minutes}|{visit.travel_minutes}|{visit.travel_km}|{visit.outcome}"
        + (f"|{visit.products_seen}" if visit.products_seen else "")
        + (f"|{particulars}" if (particulars := (visit.channel, visit.nights, visit.status)) != USUAL_VISIT else "")
        for visit in visits
    ]
    minutes: Spent = [
        (visit.duration_minutes, visit.travel_minutes) if visit.channel == "visit" and visit.status == "done" else None
        for visit in visits
    ]
    nothing = np.zeros(len(visits), dtype=np.int64)
    return Effects(texts, nothing, nothing, nothing, minutes, np.ones(len(visits), dtype=np.bool_))


def visit_rows(visits: Sequence[VisitRead], places: Sequence[str], offsets: Sequence[int]) -> list[str]:
    """As `order_rows`."""
    return [
        f'["{visit.event_id}","{visit.occurred_at}",1,"{visit.visit_id}","{visit.account_id}","{visit.rep_id}",'
        f'{visit.duration_minutes},{visit.travel_minutes},{visit.travel_km},"{visit.outcome}",{_list(visit.products_seen)},'
        f'"{visit.channel}",{visit.nights},"{visit.status}",{place},{offset}]'
        for visit, place, offset in zip(visits, places, offsets, strict=True)
    ]


def _list(texts: Sequence[str]) -> str:
    return '["' + '","'.join(texts) + '"]' if texts else "[]"


def escaped(event: Any) -> Any:
    """The event with its texts as they stand in JSON, for `Kind.rows`."""
    found = structs.asdict(event).items()
    texts = {name: json.dumps(value)[1:-1] for name, value in found if isinstance(value, str)}
    lists = {name: tuple(json.dumps(one)[1:-1] for one in value) for name, value in found if isinstance(value, tuple)}
    return structs.replace(event, **texts, **lists)


def order_read(order: Order) -> OrderRead:
    return msgspec.convert({**order.model_dump(mode="json"), "amount": format(order.amount, "f")}, OrderRead)


def visit_read(visit: VisitReport) -> VisitRead:
    return msgspec.convert(visit.model_dump(mode="json"), VisitRead)


PLACE = ("region_id", "log_id", "topic", "partition", "offset")
"""The last columns of every row: where the event belongs, and where it came from."""

ORDER = Kind(
    ORDERS,
    "orders",
    Order,
    msgspec.json.Decoder(OrderRead).decode,
    msgspec.json.Decoder(OrderRead).decode_lines,
    order_read,
    order_effects,
    order_rows,
    ("event_id", "occurred_at", "schema_version", "order_id", "account_id", "amount", "currency", "status", *PLACE),
)
VISIT = Kind(
    VISIT_REPORTS,
    "visits",
    VisitReport,
    msgspec.json.Decoder(VisitRead).decode,
    msgspec.json.Decoder(VisitRead).decode_lines,
    visit_read,
    visit_effects,
    visit_rows,
    ("event_id", "occurred_at", "schema_version", "visit_id", "account_id", "rep_id", "duration_minutes",
     "travel_minutes", "travel_km", "outcome", "products_seen", "channel", "nights", "status", *PLACE),
)  # fmt: skip
KINDS = {kind.topic.name: kind for kind in (ORDER, VISIT)}
