"""A sign-in link works once."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

MOST_REMEMBERED: Final = 10_000


class UsedLinks:
    """Ids of links that have let somebody in. Links are over after an hour, so forgetting the oldest is safe."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, None] = OrderedDict()

    def use(self, link_id: str) -> bool:
        """Whether this is the first time."""
        if link_id in self._used:
            return False
        self._used[link_id] = None
        while len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return True
