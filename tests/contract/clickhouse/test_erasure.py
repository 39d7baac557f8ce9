"""What identifies an account or rep goes from every table and does not come back; everything else stays."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime

import pytest
from clickhouse_connect.driver.client import Client
from small_company import an_account, at, fact, the_company, write_rows

from infra.clickhouse.client import Access
from infra.clickhouse.snapshots import refresh_snapshots
from infra.privacy import erasure
from infra.privacy.held import counts, places, rows
from schemas.events import Account, Rep
from schemas.rows import DeadLetterReplayRow, DeadLetterRow, DecisionRow, ErasureRow, NameRow, RepRow
from schemas.settings import Settings

pytestmark = pytest.mark.io
NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)


def a_name(kind: str, identity: str, name: str) -> NameRow:
    row = fact("accounts", "", "2025-01-01")
    row.pop("event_id")
    return NameRow(**row, kind=kind, id=identity, name=name)


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    north = the_company()
    somebody = an_account("p9", "B").model_copy(
        update={"lat": 48.1, "lon": 2.2, "city": "Sens", "postal_code": "89100"}
    )
    away = {"absent_from": date(2026, 7, 1), "absent_to": date(2026, 8, 1)}
    driver = RepRow(
        **fact("reps", "rep-r9", "2025-01-01"), **away, rep_id="r9", home_lat=48.0, home_lon=2.0, region_id="north"
    )
    letter = DeadLetterRow(
        dead_letter_id="d9", log_id="log1", topic="accounts", partition=0, offset=98, received_at=at("2026-06-30T12:00"), reason="not_valid",
        field="lat", detail="lat of p9 is 480", key="p9", payload_base64=b64encode(b'{"account_id":"p9","name":"Ada Weaver"}').decode(), payload_bytes=39,
    )  # fmt: skip
    write_rows(
        access,
        [*north, somebody, driver, letter, a_name("account", "p9", "Ada Weaver"), a_name("rep", "r9", "Max Rider")],
        Settings(),
    )


def test_what_is_held_is_told_table_by_table(client: Client) -> None:
    assert counts(client, "account", "p9") == {"names": 1, "accounts": 1, "dead_letters": 1}
    told = dict(rows(client, "account", "p9"))
    assert told["names"]["name"] == "Ada Weaver"
    assert counts(client, "account", "a1")["orders"] == 3
    assert counts(client, "rep", "r2")["visits"] == 3


def test_what_a_rep_has_signed_in_the_console_is_held_of_the_rep(access: Access, client: Client) -> None:
    said = {"region_id": "north", "account_id": "a1", "reason": "season"}
    mine = DecisionRow(
        **fact("decisions", "c1", "2026-06-22", **said),
        decision_id="c1",
        kind="challenge",
        suggestion_id="s1",
        decided_by="rosa",
    )
    given = DecisionRow(
        **fact("decisions", "g1", "2026-06-22", region_id="north"),
        decision_id="g1",
        kind="assign",
        alert_id="x1",
        assignee="rosa",
        decided_by="omar",
    )
    attempt = DeadLetterReplayRow(
        replay_id="p1", dead_letter_id="d9", started_at=NOW, changed_at=NOW, outcome="sending", detail="", mended=False,
        event_id="e1", log_id="log1", topic="orders", partition=0, offset=0, replayed_by="rosa",
    )  # fmt: skip
    write_rows(access, [mine, given], Settings(), log_id="log2")
    client.insert("dead_letter_replays", [list(attempt.model_dump().values())], list(DeadLetterReplayRow.model_fields))
    before = counts(client, "rep", "r9")
    assert {"decisions", "dead_letter_replays"} & set(before) == set()
    assert counts(client, "rep", "r9", ["rosa"]) == {**before, "decisions": 2, "dead_letter_replays": 1}
    assert {row["decision_id"] for table, row in rows(client, "rep", "r9", ["rosa"]) if table == "decisions"} == {
        "c1",
        "g1",
    }


@pytest.mark.parametrize("kind", ["account", "rep"])
def test_every_table_that_names_an_account_or_rep_is_asked(client: Client, kind: str) -> None:
    found = client.query(
        "SELECT DISTINCT table FROM system.columns WHERE database = currentDatabase() AND name = {column:String} AND table IN "
        "(SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND comment NOT LIKE 'Snapshot%' AND name NOT LIKE '.%')",
        parameters={"column": f"{kind}_id"},
    ).result_rows
    assert {table for (table,) in found} - {"potentials_newest"} <= set(places(kind))  # type: ignore[arg-type]


def test_an_erased_account_has_no_name_no_place_and_no_refused_message_and_keeps_its_id(client: Client) -> None:
    erasure.remember(client, ErasureRow(kind="account", id="p9", requested_at=NOW, requested_by="the officer"))
    erasure.apply(client, "account", "p9")
    refresh_snapshots(client)
    assert set(erasure.remains(client, "account", "p9").values()) == {0}
    assert client.query("SELECT lat, lon, city FROM accounts_now WHERE account_id = 'p9'").result_rows == [
        (None, None, "")
    ]
    assert client.query("SELECT lat, city FROM account_state WHERE account_id = 'p9'").result_rows == [(None, "")]
    assert client.query(
        "SELECT payload_base64, detail, reason FROM dead_letters WHERE dead_letter_id = 'd9'"
    ).result_rows == [("", "", "not_valid")]
    assert client.query("SELECT count() FROM names WHERE kind = 'rep'").result_rows == [(1,)]
    assert client.query("SELECT payload_base64 FROM dead_letters WHERE dead_letter_id = 'd1'").result_rows == [
        ("e30=",)
    ]


def test_an_erased_rep_has_no_name_no_home_and_no_absence(client: Client) -> None:
    known = erasure.known(client, "rep", "r9")
    assert known is not None
    blank = erasure.blank(known.event, NOW, at("2026-06-30T12:00"))
    assert isinstance(blank, Rep)
    assert (blank.name, blank.home_lat, blank.absent_from, blank.absent_to) == ("", None, None, None)
    erasure.apply(client, "rep", "r9")
    assert set(erasure.remains(client, "rep", "r9").values()) == {0}
    kept = client.query("SELECT home_lat, absent_from, absent_to, weekly_hours FROM reps_now WHERE rep_id = 'r9'")
    assert kept.result_rows == [(None, None, None, 35)]


def test_what_comes_back_of_an_erased_account_is_erased_again(client: Client) -> None:
    erasure.remember(client, ErasureRow(kind="account", id="p9", requested_at=NOW, requested_by="the officer"))
    erasure.apply(client, "account", "p9")
    assert erasure.apply_all(client) == []
    again = a_name("account", "p9", "Ada Weaver")
    client.insert("names", [list(again.model_dump().values())], column_names=list(NameRow.model_fields))
    assert [wish.id for wish in erasure.apply_all(client)] == ["p9"]
    assert set(erasure.remains(client, "account", "p9").values()) == {0}


def test_the_event_that_replaces_is_newer_and_says_nothing_that_identifies(client: Client) -> None:
    known = erasure.known(client, "account", "a1")
    assert known is not None
    blank = erasure.blank(known.event, NOW, at("2026-06-30T12:00"))
    assert isinstance(blank, Account)
    assert blank.occurred_at == at("2026-06-30T12:00")
    assert (blank.segment, blank.region_id, blank.name, blank.lat) == ("A", "north", "", None)
    assert erasure.known(client, "account", "nobody") is None
