"""Accounts that have just become silent; many since one day are one fault of the feed, not so many losses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from models.history import Flags
from models.rhythm import Rhythms
from models.warned import Warned
from schemas.verdict_sentences import say

SHARED_SILENCE = 5


def silences(
    rhythms: Rhythms, sunday: date, watched: Flags, ids: Sequence[str], segment_of: Sequence[str | None] | None
) -> list[Warned]:
    """Of the watched accounts (n,); those that fell silent together are one alert about their segment."""
    new = rhythms.newly_silent(sunday.toordinal(), watched)
    last = rhythms.last[new]
    together = sorted(day for day, count in Counter(last.tolist()).items() if count >= SHARED_SILENCE)
    alone = [row for row, day in zip(new.tolist(), last.tolist(), strict=True) if day not in together]
    found = [_silent(rhythms, row, ids[row], sunday) for row in alone]
    for day in together:
        rows = new[last == day]
        names = Counter(segment_of[row] or "" for row in rows) if segment_of else Counter([""])
        name = min(names, key=lambda one: (-names[one], one)) or "all"
        told = say("found.silent_together", count=rows.size, day=date.fromordinal(day))
        start = date.fromordinal(day + 1)
        found.append(Warned("segment", name, sunday, start, "drop", -1.0, "data_fault", told))
    return found


def _silent(rhythms: Rhythms, row: int, name: str, sunday: date) -> Warned:
    gap, last = float(rhythms.gap[row]), int(rhythms.last[row])
    since = sunday.toordinal() - last
    told = say("found.silent", days=since, gap=gap)
    start = date.fromordinal(last + 1)
    factor = since / max(gap, 1.0)
    return Warned(
        "account", name, sunday, start, "drop", -1.0, "demand_shift", told, row, "", factor, rhythms.factor
    )  # fmt: skip
