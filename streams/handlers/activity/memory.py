"""What the activity stage remembers of a partition besides its pages: accounts, the clock, ids of rare events.

Keys start with a letter for their kind, values are MessagePack. Changes of a batch are collected and leave together.
"""

from __future__ import annotations

import msgspec

from schemas.errors import TerradriftError
from schemas.events import Event
from schemas.region_log import AccountSet
from streams.handlers.activity.sightings import Sighting, entry_of, look_up
from streams.ports import Store

CHUNKS = 8
"""Ids of an account are spread over this many values, so that one event rewrites an eighth of them."""
LAYOUT = 2


class Watermark(msgspec.Struct, array_like=True):
    """Newest event time per ticking topic, in ms, the last closed day (ordinal), the currency taken so far.

    `first_page` and `last_page` are the numbers between which pages exist; `layout` is that of all values.
    """

    newest_ms: dict[str, int]
    closed: int = 0
    currency: str = ""
    layout: int = 1
    first_page: int = 0
    last_page: int = -1


_encode = msgspec.msgpack.Encoder().encode
_account = msgspec.msgpack.Decoder(AccountSet).decode
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
        raw = self.get(b"a|" + account_id.encode())
        return _account(raw) if raw else None

    def keep_account(self, account: AccountSet) -> None:
        self.put(b"a|" + account.account_id.encode(), _encode(account))

    def left_region(self, account_id: str) -> str:
        """The region the account came from; "" when it has always been where it is."""
        return (self.get(b"l|" + account_id.encode()) or b"").decode()

    def keep_left_region(self, account_id: str, region_id: str) -> None:
        self.put(b"l|" + account_id.encode(), region_id.encode())

    def see(self, scope: str, event: Event, content: str, offset: int) -> Sighting:
        """Whether this event was seen before in its scope; a new one is remembered. Its time counts to the millisecond."""
        at_ms = int(event.occurred_at.timestamp() * 1000)
        entry = entry_of(event.event_id, f"{at_ms}|{content}", offset)
        key = b"s|%s|%d" % (scope.encode(), entry[0] % CHUNKS)
        seen = self.get(key) or b""
        sighting = look_up(seen, entry)
        if sighting is Sighting.NEW:
            self.put(key, seen + entry)
        return sighting
