"""Sends single dead letters again for the console: by the very run of `terradrift dead-letters replay`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import ClickHouseDefectError, connect
from infra.clickhouse.letters import Letter, LetterFilter, LetterLine, letters_of, newest_letters, replays_of
from schemas.errors import RefusedError
from schemas.mending import Fate, Mend
from schemas.rows import DeadLetterReplayRow
from streams.handlers.mending import mended, topic_of
from streams.system.reach import Reach
from streams.system.replaying import Replay, present_outcomes

WAIT_SECONDS: Final = 6.0
DENIED: Final = frozenset({164, 497})  # of a user who may only read, and of one without the grant


class SystemDesk:
    """Keeps `schemas.mending.LetterDesk`. One letter is sent at a time: of two people who press at once, the second is told
    that it was sent."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._sending = Lock()

    def message(self, dead_letter_id: str, mend: Mend, /) -> bytes:
        """Raises TerradriftError where the change cannot be made."""
        with self._client() as client:
            letter = _letter(client, dead_letter_id)
            return mended(letter, topic_of(letter), mend)

    def check(self, dead_letter_id: str, mend: Mend, /) -> Fate:
        with self._client() as client:
            return self._run(client, dead_letter_id, mend, "", dry_run=True)

    def send(self, dead_letter_id: str, mend: Mend, by: str, /) -> Fate:
        """Raises RefusedError where the user of ClickHouse may not write: the attempt comes first, so nothing has left then."""
        try:
            with self._sending, self._client() as client:
                return self._run(client, dead_letter_id, mend, by, dry_run=False)
        except ClickHouseDefectError as error:
            if getattr(error.__cause__, "code", None) in DENIED:
                raise RefusedError("read_only", "this console may only read: send it with the command line") from error
            raise

    def attempts(self, dead_letter_id: str, /) -> list[DeadLetterReplayRow]:
        with self._client() as client:
            return present_outcomes(client, replays_of(client, dead_letter_id))

    def _run(self, client: Client, dead_letter_id: str, mend: Mend, by: str, dry_run: bool) -> Fate:
        run = Replay(client, self._reach, mend, again=False, tell=lambda _: None, by=by)
        (fate,) = run.run([_line(client, dead_letter_id)], dry_run, WAIT_SECONDS)
        return fate

    @contextmanager
    def _client(self) -> Iterator[Client]:
        """A connection of its own: several threads of the console may ask at once."""
        client = connect(self._reach.access)
        try:
            yield client
        finally:
            client.close()


def _line(client: Client, dead_letter_id: str) -> LetterLine:
    """The letter of exactly this id. Raises RefusedError."""
    for line in newest_letters(client, LetterFilter(ids=(dead_letter_id,)), limit=2) if dead_letter_id else []:
        if line.dead_letter_id == dead_letter_id:
            return line
    raise RefusedError("unknown_letter", f"there is no dead letter {dead_letter_id!r}", "dead_letter_id")


def _letter(client: Client, dead_letter_id: str) -> Letter:
    """Raises RefusedError."""
    found = letters_of(client, [dead_letter_id])
    if not found:
        raise RefusedError("unknown_letter", f"there is no dead letter {dead_letter_id!r}", "dead_letter_id")
    return found[0]
