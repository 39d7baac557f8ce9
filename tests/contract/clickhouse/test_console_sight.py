"""Every question of the reader, asked from one region about another: what belongs to others is never in an answer."""

from __future__ import annotations

import inspect
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from pydantic_core import to_json
from small_company import REGION, a_dead_letter, an_account, fact, result, two_regions, write_rows

from console.access.rights import Sight
from console.reading.answers.answer import Answer
from console.reading.asking import AlertFilter, LetterQuery, TrailQuery
from console.reading.reader import ClickHouseReader, Reader
from infra.clickhouse.client import Access
from schemas import rows
from schemas.settings import Settings

pytestmark = pytest.mark.io
EVERYTHING, NORTH, SOUTH = Sight(every_region=True), Sight(regions=(REGION,)), Sight(regions=("south",))
OF_THE_NORTH = ('"north"', '"a1"', '"a2"', '"a3"', '"a4"', '"r1"', '"r2"', '"r3"', "mia", "rosa", "of the north")
QUESTIONS = sorted(
    name
    for name, method in vars(Reader).items()
    if inspect.isfunction(method) and "sight" in inspect.signature(method).parameters
)
NOTHING_TO_TELL = {"outcomes"}  # a move of months ago
TIMES = {"first": date(2025, 1, 1), "last": date(2026, 12, 31), "day": date(2026, 6, 30)}
ALIKE = "invalid_value"


def a_letter(name: str, said: dict[str, str], **fields: Any) -> rows.DeadLetterRow:
    """A message refused just now."""
    told = {
        "payload_base64": b64encode(json.dumps(said).encode()).decode(),
        "received_at": datetime.now(UTC),
        "reason": ALIKE,
    }
    return a_dead_letter(name).model_copy(update={**told, **fields})


def a_refusal(decision_id: str, kind: str, **said: str) -> rows.DeadLetterRow:
    whole = {"decision_id": decision_id, "region_id": REGION, "kind": kind, **said}
    return a_letter(decision_id, whole, topic="decisions", detail=f"{decision_id} of the north")


def a_decision(kind: str, **fields: Any) -> rows.DecisionRow:
    known = {"decision_id": kind, "region_id": REGION, "kind": kind, "decided_by": "mia", "reason": "season"}
    return rows.DecisionRow(**fact("decisions", kind, "2026-06-22", **known, **fields))


def a_name(account: str) -> rows.NameRow:
    return rows.NameRow(**{k: v for k, v in fact("accounts", "", "2026-06-22").items() if k != "event_id"},
                        kind="account", id=account, name="Twin of the north")  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    written = two_regions()  # first, since source offsets rise
    more = [
        a_decision("pin", account_id="a1"), a_decision("acknowledge", alert_id="alert1"), a_name("a3"), a_name("a4"),
        rows.MarketEventRow(**fact("market-events", "m1", "2026-06-22", market_event_id="m1", region_id=REGION, note="of the north")),
        rows.AssignmentChangeRow(**result("2026-06-22"), change_id="c1", account_id="a1", from_rep="r2", to_rep="r1",
                                 valid_from=date(2026, 7, 1), suggestion_id="s3", decision_id="d1", kind="move"),
        an_account("a2", "B", when="2026-06-22").model_copy(update={"lat": 48.0, "lon": -4.0}),
        a_letter("l1", {"account_id": "a1"}, detail="an order of the north"),
        a_letter("l2", {"account_id": "z1"}, detail="an order of the south"),
        a_letter("l3", {"region_id": REGION}, topic="reps", detail="a rep of the north"),
        a_letter("l4", {"account_id": "nobody knows"}, topic="visit-reports", detail="a visit of the north, perhaps"),
        a_decision("undo", suggestion_id="s3"), a_decision("modify", suggestion_id="s3"),
        a_letter("u1", {"decision_id": "undo", "region_id": REGION}, topic="region-events", reason="stale_decision",
                 detail="the suggestion of the north is rejected"),
        a_letter("u2", {"decision_id": "modify", "region_id": "south"}, topic="region-events", reason="stale_decision",
                 detail="their own change"),
        a_refusal("d8", "accept", suggestion_id="s3"), a_refusal("d9", "challenge", account_id="a1"),
    ]  # fmt: skip
    write_rows(access, [*written, *more], Settings())


@pytest.fixture(scope="module")
def reader(client: Client) -> ClickHouseReader:
    return ClickHouseReader(client)


def asked(reader: ClickHouseReader, name: str, sight: Sight) -> list[Answer]:
    """The answer to a question about what is in the north; a question that needs no more than a sight is asked for all there is."""
    known: dict[str, Any] = TIMES | {"region_id": REGION, "alert_id": "alert1", "decision_id": "pin"}
    known["wanted"] = {"letters": LetterQuery(state="all"), "trail": TrailQuery()}.get(name, AlertFilter(""))
    known["crm"] = {"a1": "r9", "z1": "r9", "unheard": "r1 of their own file"}
    known["alert"] = reader.alerts(EVERYTHING, AlertFilter(""))[0]
    method: Callable[..., Any] = getattr(reader, name)
    needed = [
        p.name for p in inspect.signature(method).parameters.values() if p.default is p.empty and p.name != "sight"
    ]
    found = method(sight, **{each: known[each] for each in needed})
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_answer_tells_one_region_of_another(reader: ClickHouseReader, name: str) -> None:
    whole, theirs = (
        [to_json(answer).decode() for answer in asked(reader, name, sight)] for sight in (EVERYTHING, SOUTH)
    )
    assert bool(whole) == (name not in NOTHING_TO_TELL)
    assert [text for text in theirs if any(word in text for word in OF_THE_NORTH)] == []


def test_a_decision_of_another_region_is_not_there(reader: ClickHouseReader) -> None:
    for decision_id in ("pin", "acknowledge", "d1", "d8"):
        seen, unseen = (reader.decision(sight, decision_id).outcome for sight in (NORTH, SOUTH))
        assert (seen != "on_its_way", unseen) == (True, "on_its_way")


def test_why_a_challenge_was_refused_is_told_to_its_region_and_to_the_reps_of_the_move(
    reader: ClickHouseReader,
) -> None:
    reps = {rep: Sight(every_region=True, rep_id=rep) for rep in ("r1", "r3")}
    why = f"{ALIKE}: d9 of the north"
    assert [reader.decision(sight, "d9").refused for sight in (EVERYTHING, NORTH, reps["r1"])] == [why] * 3
    assert [reader.decision(sight, "d9").refused for sight in (SOUTH, reps["r3"])] == ["", ""]
    assert reader.decision(reps["r1"], "d8").refused == ""


def test_a_region_sees_its_own_refused_messages_and_counts_of_those_nobody_can_place(reader: ClickHouseReader) -> None:
    def told(sight: Sight) -> list[tuple[str, str, int, str]]:
        return sorted((group.topic, group.reason, group.letters, group.example) for group in reader.refused(sight))

    assert told(SOUTH) == [
        ("orders", ALIKE, 1, "an order of the south"), ("orders", "unknown_account", 1, ""),
        ("region-events", "stale_decision", 1, "their own change"), ("visit-reports", ALIKE, 1, ""),
    ]  # fmt: skip
    north = told(NORTH)
    assert ("orders", ALIKE, 1, "an order of the north") in north
    assert ("reps", ALIKE, 1, "a rep of the north") in north
    assert [count for topic, _, count, _ in told(EVERYTHING) if topic == "decisions"] == [2]
    assert all(example for *_, example in told(EVERYTHING))
    assert told(Sight(every_region=True, rep_id="r1")) == []


def test_a_letter_opens_for_its_own_region_alone_and_one_nobody_can_place_for_who_sees_all(
    reader: ClickHouseReader,
) -> None:
    def opened(sight: Sight) -> set[str]:
        return {
            letter.dead_letter_id
            for letter in reader.letters(sight, LetterQuery(state="all"))
            if letter.reason == ALIKE
        }

    assert opened(NORTH) == {"l1", "l3", "d8", "d9"}
    assert opened(SOUTH) == {"l2"}
    assert opened(EVERYTHING) == {"l1", "l2", "l3", "l4", "d8", "d9"}
    assert opened(Sight(every_region=True, rep_id="r1")) == set()
    (one,) = reader.letters(NORTH, LetterQuery(state="all", letter_id="l1"))
    assert json.loads(one.kept) == {"account_id": "a1"}
    assert reader.letters(SOUTH, LetterQuery(state="all", letter_id="l1")) == []


def test_a_decision_that_its_region_refused_says_so_in_the_trail_and_with_its_suggestion(
    reader: ClickHouseReader,
) -> None:
    why = "stale_decision: the suggestion of the north is rejected"
    trail = {entry.kind: entry.refused for entry in reader.trail(NORTH, TrailQuery()) if entry.subject == "decision"}
    assert (trail["undo"], trail["modify"], trail["pin"]) == (why, "", "")
    assert {entry.refused for entry in reader.trail(NORTH, TrailQuery()) if entry.subject == "change"} == {""}
    past = {(one.kind, one.refused) for one in reader.past_decisions(NORTH, suggestion_id="s3")}
    assert ("undo", why) in past
    assert {one.refused for one in reader.past_decisions(NORTH) if one.kind != "undo"} == {""}


def test_suggestions_made_of_an_alert_are_found_by_it_however_many_there_are(reader: ClickHouseReader) -> None:
    (found,) = reader.suggestions(NORTH, alert_id="alert1", limit=1)
    assert "alert1" in found.alert_ids
    assert reader.suggestions(NORTH, alert_id="alert9") == reader.suggestions(SOUTH, alert_id="alert1") == []


def test_the_trail_tells_both_reps_of_a_change_and_keeps_to_its_filters(reader: ClickHouseReader) -> None:
    (change,) = reader.trail(NORTH, TrailQuery(subject="change"))
    assert (change.account_id, change.from_rep, change.to_rep) == ("a1", "r2", "r1")
    assert {entry.kind for entry in reader.trail(NORTH, TrailQuery(subject="decision", who="mia"))} >= {
        "pin",
        "acknowledge",
    }
    assert {entry.account_id for entry in reader.trail(NORTH, TrailQuery(account="a1"))} == {"a1"}
    day = date(2026, 6, 22)
    assert reader.trail(NORTH, TrailQuery(account="a1", since=day, until=day))
    assert reader.trail(NORTH, TrailQuery(account="a1", until=date(2026, 6, 21))) == []
    assert reader.trail(Sight(), TrailQuery()) == []


def test_a_region_is_told_of_its_own_differences_and_not_that_others_know_an_account(reader: ClickHouseReader) -> None:
    crm = {"a1": "r9", "z1": "r9", "unheard": "r1"}
    kinds = {one.account_id: one.kind for one in reader.crm_differences(NORTH, crm)}
    assert (kinds["a1"], kinds["unheard"], "z1" in kinds) == ("other_rep", "unknown_here", False)
    assert [one.kind for one in reader.crm_differences(Sight(), crm)] == ["unknown_here"]
