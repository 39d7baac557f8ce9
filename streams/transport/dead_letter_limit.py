"""Too many dead letters are not bad luck but a broken feed: better to stop than to bury a day of orders."""

from __future__ import annotations

from collections import deque

from schemas.errors import TerradriftError
from schemas.settings import Feed


class DeadLetterLimit:
    """Watches the share of refused messages over about the last `dead_letter_window` messages of the inputs."""

    def __init__(self, settings: Feed) -> None:
        self._settings = settings
        self._batches: deque[tuple[int, int]] = deque()
        self._messages = 0
        self._buried = 0

    def note(self, messages: int, buried: int) -> None:
        """Count a batch. Raises TerradriftError when the window is full and too much of it was refused."""
        self._batches.append((messages, buried))
        self._messages += messages
        self._buried += buried
        while self._messages - self._batches[0][0] >= self._settings.dead_letter_window:
            first_messages, first_buried = self._batches.popleft()
            self._messages -= first_messages
            self._buried -= first_buried
        share = self._buried / max(self._messages, 1)
        if self._messages >= self._settings.dead_letter_window and share > self._settings.max_dead_letter_share:
            raise TerradriftError(
                f"{self._buried} of the last {self._messages} messages were refused, more than "
                f"{self._settings.max_dead_letter_share:.0%} (feed.max_dead_letter_share): the feed is broken, so the worker "
                f"stops before it buries more; see the dead_letters table for the reasons"
            )
