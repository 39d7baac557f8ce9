"""One writer per partition, whatever the consumer group believes: who takes a partition begins a new epoch.

A consumer group alone cannot promise it: a sink may be paused in the middle of its work (a stopped machine, a long
swap), lose its partitions to another, wake up and go on. Two steps in opposite order on either side close that gap:

    the writer:   record the range in the ledger, then look at the epochs, then insert
    the taker:    begin an epoch,                 then read the ledger

If the writer does not see the new epoch, its range was recorded before the taker read; the taker repeats it, row for row
and under the same token, and whichever of the two inserts comes second changes nothing. If it does see it, it stops.
A range that is repeated is recorded as well: else an older epoch that was overtaken between its record and its look, and
wrote nothing, would be the newest with an entry.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from schemas.errors import TakenOverError

Place = tuple[str, int]
"""Topic and partition."""
LOOK_IS_FRESH_SECONDS: Final = 2.0
_RANDOM_BITS: Final = 32
_NEWEST: Final = (
    "SELECT topic, partition, max(epoch) FROM sink_epochs WHERE log_id = {log_id:String} GROUP BY topic, partition"
)


@dataclass(frozen=True, slots=True)
class Epochs:
    """The epochs of one life of the broker. Raises UnavailableError while ClickHouse is away."""

    client: Client
    log_id: str

    def begin(self, topic: str, partition: int) -> int:
        """Take the partition: an epoch above all before it."""
        newest = self._newest().get((topic, partition), 0)
        epoch = ((newest >> _RANDOM_BITS) + 1 << _RANDOM_BITS) + secrets.randbits(_RANDOM_BITS)
        row = msgspec.json.encode({"log_id": self.log_id, "topic": topic, "partition": partition, "epoch": epoch})
        with translated_errors("epochs"):
            self.client.raw_insert("sink_epochs", insert_block=row, settings={"async_insert": "0"}, fmt="JSONEachRow")
        return epoch

    def look(self, mine: Mapping[Place, int]) -> Look:
        """Raise TakenOverError unless each of these epochs is the newest of its partition."""
        at = time.monotonic()  # before the question: the answer may be long on its way
        newest = self._newest()
        if lost := [place for place, epoch in mine.items() if newest.get(place) != epoch]:
            raise TakenOverError(lost)
        return Look(self, dict(mine), at)

    def _newest(self) -> dict[Place, int]:
        with translated_errors("epochs"):
            rows = self.client.query(_NEWEST, parameters={"log_id": self.log_id}).result_rows
        return {(topic, partition): epoch for topic, partition, epoch in rows}


@dataclass(frozen=True, slots=True)
class Look:
    """That `mine` were the newest epochs at a moment (seconds of the monotonic clock, which goes on in a paused process)."""

    epochs: Epochs
    mine: Mapping[Place, int]
    at: float

    def refresh_if_old(self) -> None:
        """Look again before an insert that comes late: a token is only remembered for so many inserts."""
        if time.monotonic() - self.at > LOOK_IS_FRESH_SECONDS:
            self.epochs.look(self.mine)
