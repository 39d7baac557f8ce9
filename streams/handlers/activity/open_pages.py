"""The pages of a batch side by side: as they were, and as its events make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.changes import Changes
from streams.handlers.activity.days_said import DaysSaid
from streams.handlers.activity.heard import Dated
from streams.handlers.activity.page_kernel import MOST_ADDED, fold_pages
from streams.handlers.activity.pages import COUNT_BYTES, entries_in
from streams.handlers.activity.places import Found, Places
from streams.handlers.activity.regional import SIZE_BYTES
from streams.handlers.activity.repetitions import Sighted
from streams.handlers.activity.sightings import Entries
from streams.hash_kernel import Bytes, Ints, hash_texts, number_texts
from streams.texts import Texts

NO_MINUTES = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class OpenPages:
    """Page i was `before.payload[starts[i]:ends[i]]`, its counts begin at `counts_at[i]`: where it ends, if it is fresh.

    `region_of` are indices of `regions`.
    """

    found: Found
    payload: Bytes
    starts: Ints
    counts_at: Ints
    ends: Ints
    region_of: Ints
    regions: list[str]

    @classmethod
    def of(cls, found: Found) -> OpenPages:
        texts = found.values
        payload, starts = texts.payload, texts.starts
        names_at = starts + SIZE_BYTES
        counts_at = names_at + payload[starts] + (payload[starts + 1].astype(np.int64) << 8)
        region_of, regions = _numbered(payload, names_at, counts_at)
        return cls(found, payload, starts, counts_at, np.where(found.fresh, counts_at, texts.ends), region_of, regions)

    def seen(self, page: int) -> bytes:
        """The entries it had."""
        return b"" if self.found.fresh[page] else entries_in(self.found.values.text(page))

    def folded(self, dated: Dated, places: Places, sighted: Sighted, entries: Entries, said: DaysSaid) -> Changes:
        """The values of all pages with the new events in them; `said` gets the totals of its days."""
        count = len(places.codes)
        visits = np.zeros(count, dtype=np.int64)
        if dated.minutes is not None:
            visits = np.array([one is not None for one in dated.minutes], dtype=np.int64)
        minutes = np.array([one or NO_MINUTES for one in dated.minutes or ()], dtype=np.float64).reshape(-1, 2)
        room = int((self.ends - self.starts).sum()) + (COUNT_BYTES * len(self.starts)) + MOST_ADDED * count
        pages, ends = np.empty(room, dtype=np.uint8), np.empty(len(self.starts), dtype=np.int64)
        fold_pages(
            self.payload, self.starts, self.counts_at, self.ends, places.by_page, places.bounds, places.days, sighted.new,
            said.entry_of, np.column_stack((dated.cents, dated.orders, visits)), minutes,
            entries.view(np.uint8), said.totals, said.minutes, pages, ends,
        )  # fmt: skip
        return Changes((self.found.keys, Texts(pages, np.concatenate(([0], ends[:-1])), ends)))


def _numbered(payload: Bytes, starts: Ints, ends: Ints) -> tuple[Ints, list[str]]:
    """The index of each text among the different ones, and these."""
    hashes = np.empty(len(starts), dtype=np.uint64)
    hash_texts(payload, starts, ends, hashes)
    slots = np.full(1 << len(starts).bit_length() + 1, -1, dtype=np.int64)
    codes, firsts = np.empty_like(starts), np.empty_like(starts)
    known = number_texts(payload, starts, ends, hashes, slots, codes, firsts)
    return codes, [payload[starts[at] : ends[at]].tobytes().decode() for at in firsts[:known]]
