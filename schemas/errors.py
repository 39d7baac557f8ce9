"""What can be wrong, as values: one word per consequence, so that callers need no cleverness."""

from __future__ import annotations

from collections.abc import Iterable


class TerradriftError(Exception):
    """An error whose text is meant for a person; it never needs a traceback."""


class RefusedError(TerradriftError):
    """Bad data: one message that can never be applied. It is buried as a dead letter and the rest goes on.

    `reason` is a short machine word (a label), `field` the offending field or "", `detail` the sentence for people.
    """

    def __init__(self, reason: str, detail: str, field: str = "") -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.reason = reason
        self.detail = detail
        self.field = field


class UnavailableError(TerradriftError):
    """The world is not there (broker, database); the same call may succeed later."""


class SettingsError(TerradriftError):
    """A configuration value is missing or out of bounds; the text names file, key and bound."""


class TakenOverError(TerradriftError):
    """Another process writes these partitions now: whatever this one still wanted to write must not be written."""

    def __init__(self, places: Iterable[tuple[str, int]]) -> None:
        self.places = frozenset(places)
        names = ", ".join(f"{topic}/{partition}" for topic, partition in sorted(self.places))
        super().__init__(f"another sink has taken over {names}")
