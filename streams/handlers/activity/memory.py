"""What the activity stage remembers of a partition: accounts, months of account days, and the ids it has seen.

The store is a mapping of bytes to bytes; its changelog is the state topic. Keys start with a letter for their kind.
Values are MessagePack. All writes of a batch are collected in `changed`.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import TypeVar

import msgspec

from schemas.events import Event
from schemas.ids import short_hash
from schemas.region_log import AccountSet

ID_BYTES, CONTENT_BYTES, OFFSET_BYTES = 8, 4, 5
ENTRY = ID_BYTES + CONTENT_BYTES + OFFSET_BYTES
CHUNKS = 8
"""Ids of an account are spread over this many values, so that one event rewrites an eighth of them."""


class DayTotals(msgspec.Struct, array_like=True):
    revenue_cents: int = 0
    orders: int = 0
    visits: int = 0
    visit_minutes: float = 0.0
    travel_minutes: float = 0.0


class Month(msgspec.Struct, array_like=True):
    """Totals by day of the month. `applied` is the last offset of each topic that is in them.

    It makes the month whole by itself: a crash that left other keys older or newer counts nothing twice or never.
    """

    days: dict[int, DayTotals] = {}
    applied: dict[str, int] = {}


class Watermark(msgspec.Struct, array_like=True):
    """Newest event time per ticking topic, in ms, the last closed day (ordinal), and the currency taken so far."""

    newest_ms: dict[str, int]
    closed: int = 0
    currency: str = ""


class Sighting(Enum):
    NEW = "new"
    REPLAYED = "replayed"  # this very record was applied before a crash
    DUPLICATE = "duplicate"  # the same event came in another record
    CONFLICT = "conflict"  # the same id with other content


_encode = msgspec.msgpack.Encoder().encode
_account = msgspec.msgpack.Decoder(AccountSet).decode
_month = msgspec.msgpack.Decoder(Month).decode
_watermark = msgspec.msgpack.Decoder(Watermark).decode

V = TypeVar("V")


class Memory:
    """Typed access to the state of one partition. Reads see the writes of the present batch."""

    def __init__(self, store: dict[bytes, bytes]) -> None:
        self._store = store
        self.changed: dict[bytes, bytes | None] = {}

    def take_changes(self) -> dict[bytes, bytes | None]:
        changed, self.changed = self.changed, {}
        return changed

    def watermark(self) -> Watermark:
        raw = self._store.get(b"w")
        return _watermark(raw) if raw else Watermark({})

    def keep_watermark(self, watermark: Watermark) -> None:
        self._put(b"w", _encode(watermark))

    def account(self, account_id: str) -> AccountSet | None:
        raw = self._store.get(b"a|" + account_id.encode())
        return _account(raw) if raw else None

    def keep_account(self, account: AccountSet) -> None:
        self._put(b"a|" + account.account_id.encode(), _encode(account))

    def left_region(self, account_id: str) -> str:
        """The region the account came from; "" when it has always been where it is."""
        return self._store.get(b"l|" + account_id.encode(), b"").decode()

    def keep_left_region(self, account_id: str, region_id: str) -> None:
        self._put(b"l|" + account_id.encode(), region_id.encode())

    def month(self, account_id: str, day: date) -> Month:
        raw = self._store.get(_month_key(account_id, day))
        return _month(raw) if raw else Month({}, {})

    def keep_month(self, account_id: str, day: date, month: Month) -> None:
        self._put(_month_key(account_id, day), _encode(month))

    def months_of(self, account_id: str) -> list[tuple[int, int, Month]]:
        """Every (year, month, Month) of an account, oldest first. Scans the partition: for rare use."""
        prefix = b"m|" + account_id.encode() + b"|"
        found = sorted(key for key in self._store if key.startswith(prefix))
        return [(int(key[-6:-2]), int(key[-2:]), _month(self._store[key])) for key in found]

    def see(self, account_id: str, event: Event, content: str, offset: int) -> Sighting:
        """Whether this event was seen before; a new one is remembered. Its time counts to the millisecond."""
        identity = short_hash(event.event_id.encode(), ID_BYTES)
        digest = short_hash(f"{int(event.occurred_at.timestamp() * 1000)}|{content}".encode(), CONTENT_BYTES)
        place = offset.to_bytes(OFFSET_BYTES, "big")
        key = b"s|%s|%d" % (account_id.encode(), identity[0] % CHUNKS)
        seen = self._store.get(key, b"")
        at = _find(seen, identity)
        if at < 0:
            self._put(key, seen + identity + digest + place)
            return Sighting.NEW
        if seen[at + ID_BYTES : at + ID_BYTES + CONTENT_BYTES] != digest:
            return Sighting.CONFLICT
        return Sighting.REPLAYED if seen[at + ENTRY - OFFSET_BYTES : at + ENTRY] == place else Sighting.DUPLICATE

    def _put(self, key: bytes, value: bytes) -> None:
        self._store[key] = value
        self.changed[key] = value


def _find(seen: bytes, identity: bytes) -> int:
    """The index of an id's entry, or -1; a chance match across entries is skipped."""
    at = seen.find(identity)
    while at >= 0 and at % ENTRY:
        at = seen.find(identity, at + 1)
    return at


def _month_key(account_id: str, day: date) -> bytes:
    return b"m|%s|%04d%02d" % (account_id.encode(), day.year, day.month)
