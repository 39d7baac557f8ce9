"""Dead letters as people ask for them, and the record of what was sent again. Values are bound, never pasted into SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from pydantic import AwareDatetime

from infra.clickhouse.client import translated_errors
from infra.clickhouse.read import SOURCES, rows_of
from schemas.rows import DeadLetterReplayRow, DeadLetterRow

_EARLIEST_MS: Final = 0
_LATEST_MS: Final = 10_413_791_999_000  # the end of 2299, the last time a letter can carry
_TABLE_OF: Final = {topic: table for table, topic in SOURCES.items()}
_GROUPED: Final = "topic, reason, field, count(), countIf(replays = 0), max(received_at), any(detail)"
_MATCHES: Final = """
    (empty({ids:Array(String)}) OR arrayExists(start -> startsWith(dead_letter_id, start), {ids:Array(String)}))
    AND (empty({reasons:Array(String)}) OR has({reasons:Array(String)}, reason))
    AND (empty({topics:Array(String)}) OR has({topics:Array(String)}, topic))
    AND toUnixTimestamp64Milli(received_at) >= {since:Int64} AND toUnixTimestamp64Milli(received_at) < {until:Int64}
    AND ({replayed:Int8} = -1 OR (replays > 0) = {replayed:Int8})"""


class LetterLine(DeadLetterRow):
    """A dead letter without its payload (which is left empty), and what became of it the last time it was sent again."""

    payload_base64: str = ""
    replays: int
    replay_outcome: str
    replay_detail: str
    replayed_at: AwareDatetime | None


class Letter(LetterLine):
    """A dead letter with its payload."""

    payload_base64: str


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters: every condition that is given must hold. `ids` may be beginnings; `until` itself is outside.

    `replayed` False keeps the open ones, True those that were sent again.
    """

    ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    replayed: bool | None = None

    def values(self) -> dict[str, Any]:
        """The parameters of the query."""
        return {
            "ids": list(self.ids),
            "reasons": list(self.reasons),
            "topics": list(self.topics),
            "since": _ms(self.since, _EARLIEST_MS),
            "until": _ms(self.until, _LATEST_MS),
            "replayed": -1 if self.replayed is None else int(self.replayed),
        }


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Letters of one topic that were refused for the same reason; `example` is what one of them was told."""

    topic: str
    reason: str
    field: str
    letters: int
    still_open: int
    latest: datetime
    example: str


def reason_groups(client: Client, wanted: LetterFilter) -> list[ReasonGroup]:
    """Counts by topic, reason and field, the most frequent first."""
    text = f"SELECT {_GROUPED} FROM dead_letters_now WHERE {_MATCHES} GROUP BY topic, reason, field ORDER BY count() DESC, topic, reason, field"  # noqa: S608 - our own names; values are bound
    with translated_errors("dead letters"):
        rows = client.query(text, parameters=wanted.values()).result_rows
    return [
        ReasonGroup(topic, reason, field, letters, still_open, latest.replace(tzinfo=UTC), example)
        for topic, reason, field, letters, still_open, latest, example in rows
    ]


def newest_letters(client: Client, wanted: LetterFilter, limit: int) -> list[LetterLine]:
    """The letters received last, without their payloads; `limit` 0 is no limit."""
    most = f"LIMIT {int(limit)}" if limit else ""
    condition = f"{_MATCHES} ORDER BY received_at DESC, topic, partition, offset DESC {most}"
    columns = [name for name in LetterLine.model_fields if name != "payload_base64"]
    return rows_of(client, LetterLine, "dead_letters_now", condition, wanted.values(), columns)


def letters_of(client: Client, ids: Sequence[str]) -> list[Letter]:
    """Whole letters by their whole ids, oldest first."""
    wanted = {"ids": list(ids)}
    return rows_of(
        client, Letter, "dead_letters_now",
        "has({ids:Array(String)}, dead_letter_id) ORDER BY received_at, topic, partition, offset", wanted,
    )  # fmt: skip


def replays_of(client: Client, dead_letter_id: str) -> list[DeadLetterReplayRow]:
    """Every attempt to send one letter again, oldest first, each as it stands now."""
    return rows_of(
        client, DeadLetterReplayRow, "dead_letter_replays FINAL",
        "dead_letter_id = {id:String} ORDER BY started_at", {"id": dead_letter_id},
    )  # fmt: skip


def record_replays(client: Client, attempts: Sequence[DeadLetterReplayRow]) -> None:
    """Write attempts, or newer versions of them. Raises UnavailableError."""
    if not attempts:
        return
    with translated_errors("dead_letter_replays"):
        client.raw_insert(
            "dead_letter_replays",
            insert_block="\n".join(attempt.model_dump_json() for attempt in attempts).encode(),
            settings={"async_insert": "0", "date_time_input_format": "best_effort"},
            fmt="JSONEachRow",
        )


@dataclass(frozen=True, slots=True)
class FactPlace:
    """An accepted event: its id and the record that brought it."""

    event_id: str
    log_id: str
    partition: int
    offset: int


def facts_of_events(client: Client, topic: str, event_ids: Sequence[str]) -> list[FactPlace]:
    """Where accepted events of these ids came from."""
    text = (
        f"SELECT event_id, log_id, partition, offset FROM {_TABLE_OF[topic]} WHERE has({{ids:Array(String)}}, event_id)"  # noqa: S608 - our own names; values are bound
    )
    with translated_errors(f"events of {topic}"):
        rows = client.query(text, parameters={"ids": list(event_ids)}).result_rows
    return [FactPlace(*row) for row in rows]


def known_accounts(client: Client, account_ids: Sequence[str]) -> set[str]:
    """Those of the accounts that an accepted event has named."""
    with translated_errors("accounts"):
        rows = client.query(
            "SELECT DISTINCT account_id FROM accounts WHERE has({ids:Array(String)}, account_id)",
            parameters={"ids": list(account_ids)},
        ).result_rows
    return {account_id for (account_id,) in rows}


def currency_of_orders(client: Client) -> str:
    """The currency of what has been accepted; "" before the first order."""
    with translated_errors("orders"):
        rows = client.query("SELECT currency FROM orders LIMIT 1").result_rows
    return str(rows[0][0]) if rows else ""


def refusals_of(client: Client, dead_letter_ids: Sequence[str]) -> Mapping[str, str]:
    """dead_letter_id -> "reason: detail", for those of the ids that exist."""
    with translated_errors("dead letters"):
        rows = client.query(
            "SELECT dead_letter_id, any(reason), any(detail) FROM dead_letters WHERE has({ids:Array(String)}, dead_letter_id) "
            "GROUP BY dead_letter_id",
            parameters={"ids": list(dead_letter_ids)},
        ).result_rows
    return {letter_id: f"{reason}: {detail}" for letter_id, reason, detail in rows}


def _ms(at: datetime | None, otherwise: int) -> int:
    return otherwise if at is None else int(at.timestamp() * 1000)
