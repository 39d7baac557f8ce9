"""Too many dead letters are not bad luck but a broken feed: better to stop than to bury a day of orders."""

from __future__ import annotations

from collections import deque

from schemas.errors import TerradriftError
from schemas.settings import Feed
from schemas.topics import BY_NAME

WINDOW_HEADER = "window"
"""On a dead letter: the windows at the time it was written, so that a restart does not forget them."""

LONGEST_STAMP = 1_000
"""Bytes: anybody may write to the topic, and Python refuses to read numbers of thousands of digits."""


class DeadLetterLimit:
    """Watches the share of refused messages over about the last `dead_letter_window` messages of each topic.

    Each by itself: a feed that is all bad is not hidden by another one that is as busy and good. The region log has its
    window, too: a version that cannot read it would bury what nobody can send again.
    """

    def __init__(self, settings: Feed) -> None:
        self._settings = settings
        self._windows: dict[str, _Window] = {}

    def note(self, topic: str, messages: int, buried: int) -> None:
        """Count a batch. Raises TerradriftError when more was refused than a whole window may hold, however good its rest."""
        window = self._of(topic)
        window.count(messages, buried)
        most = self._settings.max_dead_letter_share * max(window.messages, self._settings.dead_letter_window)
        if buried and window.buried > most:
            raise TerradriftError(
                f"{topic}: {window.buried} of the last {window.messages} messages were refused, more than "
                f"{self._settings.max_dead_letter_share:.0%} of {self._settings.dead_letter_window} or more (feed."
                f"max_dead_letter_share, feed.dead_letter_window): the feed is broken, so the worker "
                f"stops before it buries more; see the dead_letters table for the reasons"
            )

    def stamp(self) -> tuple[str, bytes]:
        """The header that says what every window holds now that holds a refused message."""
        told = (f"{topic}={w.messages}/{w.buried}" for topic, w in sorted(self._windows.items()) if w.buried)
        return WINDOW_HEADER, ",".join(told).encode()

    def recall(self, stamp: bytes) -> None:
        """Go on from the windows of an earlier process, by the stamp of its last letter; any other text is passed over.

        Among the other texts are the stamps of versions that had one window for all topics: b"600/400".
        """
        if len(stamp) > LONGEST_STAMP:
            return
        for part in stamp.split(b","):
            name, _, counts = part.partition(b"=")
            messages, _, buried = counts.partition(b"/")
            topic = name.decode(errors="replace")
            if topic in BY_NAME and messages.isdigit() and buried.isdigit() and int(buried) <= int(messages):
                self._of(topic).count(int(messages), int(buried))

    def _of(self, topic: str) -> _Window:
        window = self._windows.get(topic)
        if window is None:
            window = self._windows[topic] = _Window(self._settings.dead_letter_window)
        return window


class _Window:
    """About the last `size` messages of a topic, by batches."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._batches: deque[tuple[int, int]] = deque()
        self.messages = 0
        self.buried = 0

    def count(self, messages: int, buried: int) -> None:
        self._batches.append((messages, buried))
        self.messages += messages
        self.buried += buried
        while self.messages - self._batches[0][0] >= self._size:
            first_messages, first_buried = self._batches.popleft()
            self.messages -= first_messages
            self.buried -= first_buried
