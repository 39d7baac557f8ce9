"""What the activity stage remembers of a partition besides its pages: accounts, the clock, ids of rare events.

Keys start with a letter for their kind, values are MessagePack. Changes of a batch are collected and leave together.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import astuple, fields

from schemas.errors import TerradriftError
from schemas.events import Event
from schemas.region_log import AccountSet
from streams.handlers.activity.sightings import ENTRY_BYTES, Sighting, entry_of, look_up
from streams.handlers.activity.times import ms_of
from streams.ports import Store

CHUNKS = 8
"""Ids of a scope are spread over this many values, so that one event rewrites an eighth of them."""
BESIDE = 4 * ENTRY_BYTES
"""The first ids of an account stand beside it in its value: most accounts have no more, and a value costs 150 bytes."""
LAYOUT = 4


class Watermark(msgspec.Struct, array_like=True):
    """Newest event time per ticking topic, in ms, the last closed day (ordinal), the currency taken so far.

    `first_page` and `last_page` are the numbers between which pages exist; `layout` is that of all values; `applied` is the
    offset, per topic, up to which the state holds what was read.
    """

    newest_ms: dict[str, int]
    closed: int = 0
    currency: str = ""
    layout: int = 1
    first_page: int = 0
    last_page: int = -1
    applied: dict[str, int] = {}


AccountRow = msgspec.defstruct(
    "AccountRow", [(field.name, field.type, field.default) if not field.required else (field.name, field.type) for field in fields(AccountSet)], array_like=True
)  # fmt: skip
"""An account without the names of its fields, which would be half of it."""


class Kept(msgspec.Struct, array_like=True):
    """The value of an account; None until its first event is accepted."""

    account: AccountRow | None  # type: ignore[valid-type] # a class made above
    seen: bytes = b""


class RegionRow(msgspec.Struct, array_like=True):
    """The beginning of an AccountRow."""

    region_id: str


class RegionKept(msgspec.Struct, array_like=True):
    """The beginning of a Kept."""

    account: RegionRow | None


_encode = msgspec.msgpack.Encoder().encode
_kept = msgspec.msgpack.Decoder(Kept).decode
_region = msgspec.msgpack.Decoder(RegionKept).decode
_watermark = msgspec.msgpack.Decoder(Watermark).decode


class Memory:
    """Typed access to the state of one partition. Reads see the writes of the present batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed: dict[bytes, bytes | None] = {}

    def take_changes(self) -> dict[bytes, bytes | None]:
        """What was written since the last call; the store has it now."""
        changed, self._changed = self._changed, {}
        self._store.apply(changed)
        return changed

    def get(self, key: bytes) -> bytes | None:
        return self._changed[key] if key in self._changed else self._store.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self._changed[key] = value

    def watermark(self) -> Watermark:
        """Raises TerradriftError for a state of another layout."""
        raw = self.get(b"w")
        if raw is None:
            return Watermark({}, layout=LAYOUT)
        watermark = _watermark(raw)
        if watermark.layout != LAYOUT:
            raise TerradriftError(
                f"the state topic holds layout {watermark.layout} and this version reads layout {LAYOUT}: start in a new "
                f"directory (or with new topics) and replay the orders"
            )
        return watermark

    def keep_watermark(self, watermark: Watermark) -> None:
        self.put(b"w", _encode(watermark))

    def account(self, account_id: str) -> AccountSet | None:
        account = self._kept(account_id).account
        return None if account is None else AccountSet(*astuple(account))

    def region_of(self, account_id: str) -> str | None:
        """The region of an account, None where nobody knows it."""
        raw = self.get(account_key(account_id))
        account = _region(raw).account if raw else None
        return None if account is None else account.region_id

    def keep_account(self, account: AccountSet) -> None:
        seen = self._kept(account.account_id).seen
        self.put(account_key(account.account_id), _encode(Kept(AccountRow(*astuple(account)), seen)))

    def left_region(self, account_id: str) -> str:
        """The region the account came from; "" when it has always been where it is."""
        return (self.get(b"l|" + account_id.encode()) or b"").decode()

    def keep_left_region(self, account_id: str, region_id: str) -> None:
        self.put(b"l|" + account_id.encode(), region_id.encode())

    def see_of_account(self, account_id: str, event: Event, content: str, offset: int) -> Sighting:
        """As `see`, of an account: its first events stand beside it."""
        kept = self._kept(account_id)
        entry = _entry(event, content, offset)
        sighting = look_up(kept.seen, entry)
        if sighting is not Sighting.NEW:
            return sighting
        if len(kept.seen) >= BESIDE:
            return self.see(account_id, event, content, offset)
        self.put(account_key(account_id), _encode(Kept(kept.account, kept.seen + entry)))
        return sighting

    def see(self, scope: str, event: Event, content: str, offset: int) -> Sighting:
        """Whether this event was seen before in its scope; a new one is remembered. Its time counts to the millisecond."""
        entry = _entry(event, content, offset)
        key = b"s|%s|%d" % (scope.encode(), entry[0] % CHUNKS)
        seen = self.get(key) or b""
        sighting = look_up(seen, entry)
        if sighting is Sighting.NEW:
            self.put(key, seen + entry)
        return sighting

    def _kept(self, account_id: str) -> Kept:
        raw = self.get(account_key(account_id))
        return _kept(raw) if raw else Kept(None)


def account_key(account_id: str) -> bytes:
    return b"a|" + account_id.encode()


def _entry(event: Event, content: str, offset: int) -> bytes:
    return entry_of(event.event_id, f"{ms_of(event.occurred_at)}|{content}", offset)
