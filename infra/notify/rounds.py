"""One round of sending: first what was left unfinished, then what is due. Errors of one message do not hold up the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.notify.due import Message, Told, due
from infra.notify.memory import Memory, begun, message_of
from infra.notify.ways import Ways
from schemas.errors import SettingsError, UnavailableError
from schemas.rows import NotificationRow
from schemas.settings import Notify

MOST_MINUTES_BETWEEN = 60


@dataclass(slots=True)
class Round:
    """What one round did; `failures` are sentences."""

    sent: list[Message]
    failures: list[str]


def run_round(memory: Memory, ways: Ways, rules: Notify, clock: Callable[[], datetime]) -> Round:
    """Raises UnavailableError when ClickHouse is away: nothing is sent then that could not be remembered."""
    done = Round([], [])
    waiting: list[Told] = []
    for row in memory.unfinished():
        waiting.append(Told(row.recipient, row.channel, row.kind, row.items, row.created_at))
        if row.state == "sending" or clock() >= row.changed_at + pause(row.attempts):
            again = row.model_copy(update={"attempts": row.attempts + 1, "changed_at": clock()})
            _send(again, memory, ways, clock, done)
    items = memory.open_items()
    for message in due(clock(), rules, items, [*memory.told(items), *waiting]):
        _send(begun(message, clock()), memory, ways, clock, done)
    return done


def pause(attempts: int) -> timedelta:
    """Wait after so many failed attempts: 1, 2, 4 ... 60 minutes."""
    return timedelta(minutes=min(2 ** (attempts - 1), MOST_MINUTES_BETWEEN))


def _send(row: NotificationRow, memory: Memory, ways: Ways, clock: Callable[[], datetime], done: Round) -> None:
    memory.write(row.model_copy(update={"state": "sending"}))
    message = message_of(row)
    try:
        ways.send(message)
    except (UnavailableError, SettingsError) as error:
        done.failures.append(f"to {row.recipient} by {row.channel}: {error}")
        memory.write(row.model_copy(update={"state": "failed", "detail": str(error)[:500], "changed_at": clock()}))
        return
    memory.write(row.model_copy(update={"state": "sent", "detail": "", "changed_at": clock()}))
    done.sent.append(message)
