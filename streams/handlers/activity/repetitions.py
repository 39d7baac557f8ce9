"""Which events of a batch are new, which come again after a crash, and which repeat or contradict an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from streams.handlers.activity.known_ids import Ids
from streams.handlers.activity.sightings import Entries, Sighting, look_up
from streams.handlers.activity.times import Ints


@dataclass(slots=True)
class Sighted:
    """By number of the event. What is neither new, nor again, nor a conflict is a duplicate."""

    new: NDArray[np.bool_]
    again: NDArray[np.bool_]
    conflicts: list[int] = field(default_factory=list)
    duplicates: int = 0


def sight(known: NDArray[np.bool_], ids: Ids, entries: Entries, page_of: Ints, seen: Callable[[int], bytes]) -> Sighted:
    """`known` are the ids that were accepted before this batch, `seen` the entries of a page before it.

    Only ids that are known, and those that stand twice in the batch, need a look.
    """
    order = np.argsort(ids, kind="stable")
    in_order = ids[order]
    second = np.flatnonzero(in_order[1:] == in_order[:-1]) + 1
    doubtful = known.copy()
    doubtful[order[second]] = True
    found = Sighted(~doubtful, np.zeros(len(ids), dtype=np.bool_))
    holders: dict[int, int] = {}  # of an id that stands twice: the event that was accepted
    for at in second.tolist():
        holders.setdefault(int(in_order[at]), int(order[at - 1]))
    for number in np.flatnonzero(doubtful).tolist():
        match _one(number, known, ids, entries, page_of, seen, found, holders):
            case Sighting.NEW:
                found.new[number] = True
                holders[int(ids[number])] = number
            case Sighting.REPLAYED:
                found.again[number] = True
            case Sighting.CONFLICT:
                found.conflicts.append(number)
            case Sighting.DUPLICATE:
                found.duplicates += 1
    return found


def _one(
    number: int,
    known: NDArray[np.bool_],
    ids: Ids,
    entries: Entries,
    page_of: Ints,
    seen: Callable[[int], bytes],
    found: Sighted,
    holders: Mapping[int, int],
) -> Sighting:
    """A doubtful event. One that is known, but not in its page, has come under another date: with other content."""
    sighting = look_up(seen(int(page_of[number])), entries[number].tobytes())
    if sighting is not Sighting.NEW:
        return sighting
    holder = holders.get(int(ids[number]))
    if holder is not None and found.new[holder]:
        same_page = page_of[holder] == page_of[number]
        same_content = entries["content"][holder] == entries["content"][number]
        return Sighting.DUPLICATE if same_page and same_content else Sighting.CONFLICT
    return Sighting.CONFLICT if known[number] else Sighting.NEW
