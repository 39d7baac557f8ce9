"""What the activity stage remembers of a partition besides its pages: accounts, the clock, ids of rare events.

Keys start with a letter for their kind, values are MessagePack. Changes of a batch are collected and leave together.
"""

from __future__ import annotations

import msgspec
import numpy as np
from msgspec.structs import astuple, fields

from schemas.errors import TerradriftError
from schemas.events import Event
from schemas.region_log import AccountSet
from streams.changes import Changes
from streams.handlers.activity.keys import joined
from streams.handlers.activity.regional import SIZE_BYTES, region_in, regional, rest_at
from streams.handlers.activity.sightings import ENTRY_BYTES, Sighting, entry_of, look_up
from streams.handlers.activity.times import ms_of
from streams.ports import Store
from streams.texts import Texts

CHUNKS = 8
"""Ids of a scope are spread over this many values, so that one event rewrites an eighth of them."""
BESIDE = 4 * ENTRY_BYTES
"""The first ids of an account stand beside it in its value: most accounts have no more, and a value costs 150 bytes."""
LAYOUT = 5
ACCOUNT_PREFIX = b"a|"
NO_REGION = bytes(SIZE_BYTES)


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
    "AccountRow", [(field.name, field.type, field.default) if not field.required else (field.name, field.type) for field in fields(AccountSet)[1:]], array_like=True
)  # fmt: skip
"""An account without its region, and without the names of its fields, which would be half of it."""


class Kept(msgspec.Struct, array_like=True):
    """The value of an account, behind its region (see `regional`); None until its first event is accepted."""

    account: AccountRow | None  # type: ignore[valid-type] # a class made above
    seen: bytes = b""


_encode = msgspec.msgpack.Encoder().encode
_kept = msgspec.msgpack.Decoder(Kept).decode
_watermark = msgspec.msgpack.Decoder(Watermark).decode


class Memory:
    """Typed access to the state of one partition. Reads see the writes of the present batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed: dict[bytes, bytes | None] = {}
        self._pages: Changes | None = None

    def take_changes(self) -> Changes:
        """What was written since the last call; the store has it now."""
        changes = Changes.of(self._changed)
        if self._pages is not None:
            changes = changes.and_also(self._pages)
        self._changed, self._pages = {}, None
        self._store.apply(changes)
        return changes

    def get(self, key: bytes) -> bytes | None:
        return self._changed[key] if key in self._changed else self._store.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self._changed[key] = value

    def put_pages(self, pages: Changes) -> None:
        """The pages of a batch; nothing reads them before it ends."""
        self._pages = pages

    def pages(self, keys: Texts) -> Texts:
        """The values of pages as they were before this batch."""
        return Texts.of(self._store.find(keys))  # type: ignore[arg-type] # each key is there

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
        region_id, kept = self._kept(account_id)
        return None if kept.account is None else AccountSet(region_id, *astuple(kept.account))

    def knows(self, account_id: str) -> bool:
        return self.value_of(account_id.encode()) is not None

    def value_of(self, account: bytes) -> bytes | None:
        """The value of an account, which begins with its region; None where nobody knows it."""
        value = self.get(ACCOUNT_PREFIX + account)
        return None if value is None or value.startswith(NO_REGION) else value

    def values_of(self, accounts: Texts) -> Texts:
        """As `value_of`, of many."""
        if self._changed:
            return Texts.of([self.value_of(account) for account in accounts])  # type: ignore[arg-type] # each is there
        values = Texts.of(self._store.find(joined(ACCOUNT_PREFIX, accounts)))  # type: ignore[arg-type] # as above
        known = values.ends >= 0
        lengths = values.payload[values.starts[known][:, None] + np.arange(SIZE_BYTES)]
        known[known] = lengths.any(axis=1)
        return Texts(values.payload, values.starts, np.where(known, values.ends, -1))

    def keep_account(self, account: AccountSet) -> None:
        kept = self._kept(account.account_id)[1]
        self._keep(account.account_id, account.region_id, Kept(AccountRow(*astuple(account)[1:]), kept.seen))

    def left_region(self, account_id: str) -> str:
        """The region the account came from; "" when it has always been where it is."""
        return (self.get(b"l|" + account_id.encode()) or b"").decode()

    def keep_left_region(self, account_id: str, region_id: str) -> None:
        self.put(b"l|" + account_id.encode(), region_id.encode())

    def see_of_account(self, account_id: str, event: Event, content: str, offset: int) -> Sighting:
        """As `see`, of an account: its first events stand beside it."""
        region_id, kept = self._kept(account_id)
        entry = _entry(event, content, offset)
        sighting = look_up(kept.seen, entry)
        if sighting is not Sighting.NEW:
            return sighting
        if len(kept.seen) >= BESIDE:
            return self.see(account_id, event, content, offset)
        self._keep(account_id, region_id, Kept(kept.account, kept.seen + entry))
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

    def _kept(self, account_id: str) -> tuple[str, Kept]:
        """An account's region and the rest of its value."""
        value = self.get(ACCOUNT_PREFIX + account_id.encode())
        return (region_in(value), _kept(value[rest_at(value) :])) if value else ("", Kept(None))

    def _keep(self, account_id: str, region_id: str, kept: Kept) -> None:
        self.put(ACCOUNT_PREFIX + account_id.encode(), regional(region_id, _encode(kept)))


def _entry(event: Event, content: str, offset: int) -> bytes:
    return entry_of(event.event_id, f"{ms_of(event.occurred_at)}|{content}", offset)
