"""Pushing that goes on by itself: looks one after the other, with growing pauses while the CRM does not take a change.

An account whose change failed rests for a while and holds up no other. Where several accounts in a row fail and nothing is
taken, the CRM itself is away: the look ends there, and the pause between two looks grows too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.crm.deliveries import Outcome, changes, push
from infra.crm.webhook import Verdict
from schemas.rows import AssignmentChangeRow, CrmPusherRow

NAME: Final = "stand-by"
MOST_SECONDS: Final = 600.0
MOST_IN_A_ROW: Final = 3
NOTED_EVERY: Final = timedelta(seconds=60)
GRACE: Final = timedelta(seconds=120)
"""After the next look is due, or the next word of a long look, until it counts as ended: a send may take its time."""


def pause(failures: int, every: float) -> float:
    """Seconds until the next try after so many failures in a row: `every`, twice that, four times ... ten minutes."""
    return max(every, min(every * 2.0 ** min(failures, 20), MOST_SECONDS))


class StandingBy:
    """One pusher. What it remembers of failures is gone with its process: then everything is tried again at once."""

    def __init__(
        self,
        client: Client,
        send: Callable[[AssignmentChangeRow], Verdict],
        clock: Callable[[], datetime],
        every: float,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._client = client
        self._deliver = send
        self._clock = clock
        self._every = every
        self._stopping = stopping
        self._failures: dict[str, int] = {}
        self._rests_until: dict[str, datetime] = {}
        self._away = 0
        self._noted_at: datetime | None = None

    def look(self) -> Iterator[Outcome]:
        """Send what waits and does not rest. Raises UnavailableError when ClickHouse is away."""
        now = self._clock()
        ready = [c for c in changes(self._client, pending_only=True) if self._rests_until.get(c.account_id, now) <= now]
        # who failed before comes last: three that always fail would else end each look before anybody else's turn
        waiting = sorted(ready, key=lambda change: self._failures.get(change.account_id, 0))
        taken = in_a_row = 0
        self._note(self._every)
        for outcome in push(self._client, waiting, self._send, self._clock):
            failed = outcome.verdict.state == "failed"
            taken += not failed
            in_a_row = in_a_row + 1 if failed else 0
            self._remember(outcome.change.account_id, failed)
            yield outcome
            if in_a_row == MOST_IN_A_ROW or self._stopping():
                break
            self._note(self._every)
        if taken:
            self._away = 0
        elif in_a_row == MOST_IN_A_ROW:
            self._away += 1
        self._note(self.pause)

    @property
    def pause(self) -> float:
        """Seconds until the next look."""
        return pause(self._away, self._every)

    def ended(self) -> None:
        """Say that nobody pushes any more."""
        self._write(self._clock(), ends=True)

    def _send(self, change: AssignmentChangeRow) -> Verdict:
        verdict = self._deliver(change)
        return replace(verdict, attempts=verdict.attempts + self._failures.get(change.account_id, 0))

    def _remember(self, account_id: str, failed: bool) -> None:
        if not failed:
            self._failures.pop(account_id, None)
            self._rests_until.pop(account_id, None)
            return
        self._failures[account_id] = self._failures.get(account_id, 0) + 1
        rest = pause(self._failures[account_id], self._every)
        self._rests_until[account_id] = self._clock() + timedelta(seconds=rest)

    def _note(self, until_next: float) -> None:
        """Once a minute, and when the next look is further away than that: a row each look would be a part each look."""
        now = self._clock()
        if self._noted_at is None or now - self._noted_at >= NOTED_EVERY or until_next > NOTED_EVERY.total_seconds():
            self._write(now, until_next)

    def _write(self, now: datetime, until_next: float = 0.0, ends: bool = False) -> None:
        next_look = now + timedelta(seconds=until_next)
        again_by = now if ends else max(next_look, now + NOTED_EVERY) + GRACE
        row = CrmPusherRow(pusher=NAME, looked_at=now, next_look_at=next_look, again_by=again_by)
        with translated_errors("crm_pushers"):
            self._client.insert(
                "crm_pushers", [list(row.model_dump().values())], column_names=list(CrmPusherRow.model_fields)
            )
        self._noted_at = now
