"""The good events of a batch, in columns, however they were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np

from streams.handlers.activity.dated import Kind, Spent, escaped
from streams.handlers.activity.known_ids import Ids
from streams.handlers.activity.sightings import blend, hashes
from streams.handlers.activity.times import Ints
from streams.texts import Texts


class Source(Protocol):
    """Events in the order of offsets, named by their number. `times` in ms.

    `cents`, `orders` and `minutes` are what they do to their days: a visit's minutes there and on the way, None for what is no
    visit. `text_hashes` and `details` are the content that a repetition must share, besides the time.
    """

    @property
    def times(self) -> Ints: ...
    @property
    def cents(self) -> Ints: ...
    @property
    def orders(self) -> Ints: ...
    @property
    def minutes(self) -> Spent | None: ...

    def accounts(self) -> tuple[Texts, Ints]:
        """The different accounts in the order of their first event, and of each event the index of its account there."""
        ...

    def id_hashes(self) -> Ids: ...
    def text_hashes(self) -> Ids: ...
    def details(self) -> Ints: ...
    def event_id(self, number: int, /) -> str: ...
    def occurred_at(self, number: int, /) -> str: ...
    def currency(self, number: int, /) -> str: ...

    def rows(self, numbers: Ints, codes: Ints, middles: Sequence[str], offsets: Ints, /) -> bytes:
        """JSON arrays, a line each, of the events `numbers`; `codes` and `offsets` are theirs.

        `middles[code]` is the middle of a row, from the region to the partition: JSON in ASCII.
        """
        ...


class StructSource:
    """Events as structs; see `Source`. `careful` are those (by number) whose texts may need escapes."""

    def __init__(self, kind: Kind, events: Sequence[Any], times: Ints, careful: frozenset[int] = frozenset()) -> None:
        self._kind = kind
        self._events = events
        self._careful = careful
        self._effects = kind.effects(events, "")
        self.times = times
        self.cents = self._effects.cents
        self.orders = self._effects.orders
        self.minutes = self._effects.minutes

    def accounts(self) -> tuple[Texts, Ints]:
        accounts = [event.account_id for event in self._events]
        numbers = {account: number for number, account in enumerate(dict.fromkeys(accounts))}
        codes = np.fromiter(map(numbers.__getitem__, accounts), np.int64, len(accounts))
        return Texts.of([account.encode() for account in numbers]), codes

    def id_hashes(self) -> Ids:
        return hashes([event.event_id for event in self._events])

    def text_hashes(self) -> Ids:
        return hashes(self._effects.texts)

    def details(self) -> Ints:
        return self._effects.details

    def event_id(self, number: int) -> str:
        return str(self._events[number].event_id)

    def occurred_at(self, number: int) -> str:
        return str(self._events[number].occurred_at)

    def currency(self, number: int) -> str:
        return str(self._events[number].currency)

    def rows(self, numbers: Ints, codes: Ints, middles: Sequence[str], offsets: Ints) -> bytes:
        events = [escaped(self._events[i]) if i in self._careful else self._events[i] for i in numbers.tolist()]
        lines = self._kind.rows(events, [middles[code] for code in codes.tolist()], offsets.tolist())
        return "\n".join(lines).encode()


@dataclass(slots=True)
class Dated:
    """The events of a batch, by offset. `at` is the index of their record, `numbers` their number in the source.

    `accounts` are the different ones, `codes` the index there of the account of each event. `ids` and `contents` are hashes:
    of account and event id, and of all that a repetition must share.
    """

    source: Source
    at: Ints
    numbers: Ints
    times: Ints
    accounts: Texts
    codes: Ints
    ids: Ids
    contents: Ids
    cents: Ints
    orders: Ints
    minutes: Spent | None

    @classmethod
    def of(cls, source: Source, at: Ints) -> Dated:
        accounts, codes = source.accounts()
        times = source.times
        ids = blend(accounts.hashes()[codes], source.id_hashes())
        content = blend(source.text_hashes(), source.details().astype(np.uint64))
        contents = blend(content, times.astype(np.uint64))
        return cls(
            source, at, np.arange(len(at)), times, accounts, codes, ids, contents, source.cents, source.orders, source.minutes
        )  # fmt: skip

    def only(self, some: list[int]) -> Dated:
        """Some of the events; of the accounts all."""
        return Dated(
            self.source,
            self.at[some],
            self.numbers[some],
            self.times[some],
            self.accounts,
            self.codes[some],
            self.ids[some],
            self.contents[some],
            self.cents[some],
            self.orders[some],
            None if self.minutes is None else [self.minutes[i] for i in some],
        )

    def account_id(self, number: int) -> str:
        return self.accounts.text(int(self.codes[number])).decode()

    def event_id(self, number: int) -> str:
        return self.source.event_id(int(self.numbers[number]))

    def currency(self, number: int) -> str:
        return self.source.currency(int(self.numbers[number]))

    def occurred_at(self, number: int) -> datetime:
        return datetime.fromisoformat(self.source.occurred_at(int(self.numbers[number])))

    def rows(self, some: Ints, codes: Ints, middles: Sequence[str], offsets: Ints) -> bytes:
        """The JSON arrays of some of the events, a line each; the others as `Source.rows` has them."""
        return self.source.rows(self.numbers[some], codes, middles, offsets)
