"""Dead letters as they are asked for, and the record of attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access
from infra.clickhouse.letters import (
    LetterFilter,
    currency_of_orders,
    facts_of_events,
    known_accounts,
    letters_of,
    newest_letters,
    reason_groups,
    record_replays,
    refusals_of,
    replays_of,
)
from infra.clickhouse.sink import Sink
from schemas.ids import derived
from schemas.row_ranges import RowBlock, RowRange
from schemas.rows import DeadLetterReplayRow, DeadLetterRow

pytestmark = pytest.mark.io
DAY = datetime(2026, 3, 1, tzinfo=UTC)
NASTY = "x' OR '1'='1"


def a_letter(offset: int, reason: str = "invalid_value", **fields: Any) -> DeadLetterRow:
    values: dict[str, Any] = {
        "dead_letter_id": derived("dead-letter", "log", "orders", 0, offset), "log_id": "log", "topic": "orders", "partition": 0,
        "offset": offset, "received_at": DAY + timedelta(hours=offset), "reason": reason, "field": "amount",
        "detail": f"detail {offset}", "key": "a1", "payload_base64": "e30=", "payload_bytes": 2,
    }  # fmt: skip
    return DeadLetterRow(**(values | fields))


LETTERS = [
    a_letter(0),
    a_letter(1),
    a_letter(2, "unknown_account", field="account_id"),
    a_letter(3, topic="visit-reports"),
]


def an_attempt(letter: DeadLetterRow, number: int, outcome: str, seconds: int = 0) -> DeadLetterReplayRow:
    started = DAY + timedelta(days=number)
    return DeadLetterReplayRow(
        replay_id=f"attempt{number}", dead_letter_id=letter.dead_letter_id, started_at=started,
        changed_at=started + timedelta(seconds=seconds), outcome=outcome, detail=f"said {number}", mended=True,  # type: ignore[arg-type]
        event_id="e1", log_id="log", topic="orders", partition=None if outcome == "sending" else 5,
        offset=None if outcome == "sending" else 99, replayed_by="omar",
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def letters(access: Access, client: Client) -> None:
    sink = Sink(access, "log")
    sink.resume("dead-letters", 0, 0)
    blocks = [RowBlock(at, "dead_letters", letter.model_dump_json().encode()) for at, letter in enumerate(LETTERS)]
    sink.write([RowRange("dead-letters", 0, 0, 4, blocks)])
    sink.close()
    first = LETTERS[0]
    record_replays(client, [an_attempt(first, 1, "sending")])
    record_replays(client, [an_attempt(first, 1, "sent", 1)])
    record_replays(client, [an_attempt(first, 1, "refused", 2)])
    record_replays(client, [an_attempt(first, 2, "sending")])


def ids(client: Client, limit: int = 0, **wanted: Any) -> list[int]:
    """The offsets of the letters found, in their order."""
    return [letter.offset for letter in newest_letters(client, LetterFilter(**wanted), limit)]


def test_letters_come_newest_first_and_no_more_than_asked(client: Client) -> None:
    assert ids(client) == [3, 2, 1, 0]
    assert ids(client, limit=2) == [3, 2]


def test_every_condition_holds(client: Client) -> None:
    assert ids(client, reasons=("unknown_account", "empty")) == [2]
    assert ids(client, topics=("visit-reports",)) == [3]
    assert ids(client, since=DAY + timedelta(hours=1), until=DAY + timedelta(hours=3)) == [2, 1]
    assert ids(client, replayed=True) == [0]
    assert ids(client, replayed=False, topics=("orders",)) == [2, 1]
    assert ids(client, ids=(LETTERS[1].dead_letter_id[:6],)) == [1]


def test_a_value_is_a_value_and_never_a_piece_of_sql(client: Client) -> None:
    assert ids(client, reasons=(NASTY,)) == ids(client, ids=(NASTY,)) == []
    assert known_accounts(client, [NASTY]) == set()


def test_reasons_are_counted_most_frequent_first(client: Client) -> None:
    groups = reason_groups(client, LetterFilter())
    assert [(g.topic, g.reason, g.field, g.letters, g.still_open) for g in groups] == [
        ("orders", "invalid_value", "amount", 2, 1),
        ("orders", "unknown_account", "account_id", 1, 1),
        ("visit-reports", "invalid_value", "amount", 1, 1),
    ]
    assert groups[0].latest == DAY + timedelta(hours=1)


def test_a_letter_comes_back_as_it_was_buried_with_the_last_attempt(client: Client) -> None:
    (found,) = letters_of(client, [LETTERS[0].dead_letter_id])
    assert found.model_dump(include=set(DeadLetterRow.model_fields)) == LETTERS[0].model_dump()
    assert (found.replays, found.replay_outcome, found.replay_detail) == (2, "sending", "said 2")
    assert found.replayed_at == DAY + timedelta(days=2)
    (untouched,) = letters_of(client, [LETTERS[1].dead_letter_id])
    assert (untouched.replays, untouched.replay_outcome, untouched.replayed_at) == (0, "", None)


def test_an_attempt_has_one_row_that_says_its_present_state(client: Client) -> None:
    assert replays_of(client, LETTERS[0].dead_letter_id) == [
        an_attempt(LETTERS[0], 1, "refused", 2),
        an_attempt(LETTERS[0], 2, "sending"),
    ]
    assert replays_of(client, LETTERS[1].dead_letter_id) == []


def test_what_a_message_left_behind_is_found(client: Client) -> None:
    assert refusals_of(client, [LETTERS[2].dead_letter_id, "nobody"]) == {
        LETTERS[2].dead_letter_id: "unknown_account: detail 2"
    }
    assert facts_of_events(client, "orders", ["e1"]) == []
    assert currency_of_orders(client) == ""
