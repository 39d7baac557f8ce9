"""Too many dead letters are not bad luck but a broken feed: better to stop than to bury a day of orders."""

from __future__ import annotations

from collections import deque

from schemas.errors import TerradriftError
from schemas.settings import Feed
from streams.ports import Emit

WINDOW_HEADER = "window"
"""On a dead letter: messages and refused ones of the window it was written in, so that a restart does not forget them."""

LONGEST_STAMP = 40
"""Bytes: anybody may write to the topic, and Python refuses to read numbers of thousands of digits."""


class DeadLetterLimit:
    """Watches the share of refused messages over about the last `dead_letter_window` messages of the inputs."""

    def __init__(self, settings: Feed) -> None:
        self._settings = settings
        self._batches: deque[tuple[int, int]] = deque()
        self._messages = 0
        self._buried = 0

    def note(self, messages: int, buried: int) -> None:
        """Count a batch. Raises TerradriftError when more was refused than a whole window may hold, however good its rest."""
        self._count(messages, buried)
        most = self._settings.max_dead_letter_share * max(self._messages, self._settings.dead_letter_window)
        if buried and self._buried > most:
            raise TerradriftError(
                f"{self._buried} of the last {self._messages} messages were refused, more than "
                f"{self._settings.max_dead_letter_share:.0%} of {self._settings.dead_letter_window} or more (feed."
                f"max_dead_letter_share, feed.dead_letter_window): the feed is broken, so the worker "
                f"stops before it buries more; see the dead_letters table for the reasons"
            )

    def stamp(self, letter: Emit) -> Emit:
        """The letter with what the window holds now."""
        header = WINDOW_HEADER, f"{self._messages}/{self._buried}".encode()
        return Emit(
            letter.topic, letter.partition, letter.key, letter.value, letter.table, (*letter.more_headers, header)
        )

    def recall(self, stamp: bytes) -> None:
        """Go on from the window of an earlier process, by the stamp of its last letter; any other text is passed over."""
        messages, slash, buried = stamp[:LONGEST_STAMP].partition(b"/")
        if slash and messages.isdigit() and buried.isdigit() and int(buried) <= int(messages):
            self._count(int(messages), int(buried))

    def _count(self, messages: int, buried: int) -> None:
        self._batches.append((messages, buried))
        self._messages += messages
        self._buried += buried
        while self._messages - self._batches[0][0] >= self._settings.dead_letter_window:
            first_messages, first_buried = self._batches.popleft()
            self._messages -= first_messages
            self._buried -= first_buried
