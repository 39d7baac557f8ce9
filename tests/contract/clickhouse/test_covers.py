"""Who stands in for whom, as ClickHouse and the console tell it: the account keeps its rep."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from small_company import result, the_company, write_rows

from console.access.rights import Sight
from console.reading.reader import ClickHouseReader
from infra.clickhouse.bi_access import COLUMNS
from infra.clickhouse.client import Access
from schemas import rows
from schemas.settings import Settings

pytestmark = pytest.mark.io
ABSENT = {"absent_from": date(2026, 6, 15), "absent_to": date(2026, 7, 31)}


def a_change(
    account: str, kind: str, source: str, target: str, day: date, when: str = "2026-06-10"
) -> rows.AssignmentChangeRow:
    return rows.AssignmentChangeRow(
        **result(when), change_id=f"{account}-{kind}-{day}", account_id=account, from_rep=source, to_rep=target, valid_from=day,
        suggestion_id="s7", decision_id="d7", kind=kind,
    )  # fmt: skip


def the_covers() -> list[rows.AssignmentChangeRow]:
    """a1 is covered, a2 no longer, a3 will be, and what would have covered a4 was undone before it began."""
    june, july = date(2026, 6, 15), date(2026, 7, 15)
    return [
        a_change("a1", "cover", "r1", "r3", june),
        a_change("a2", "cover", "r1", "r3", june), a_change("a2", "cover_end", "r3", "r1", date(2026, 6, 20), "2026-06-19"),
        a_change("a3", "cover", "r2", "r3", july),
        a_change("a4", "cover", "r1", "r3", june), a_change("a4", "cover_end", "r3", "r1", june, "2026-06-12"),
    ]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    written: list[Any] = the_company()
    written[0] = written[0].model_copy(update=ABSENT)
    write_rows(access, [*written, *the_covers()], Settings())


def test_only_a_cover_that_has_begun_and_not_ended_is_one_today(client: Client) -> None:
    found = client.query("SELECT account_id, rep_id, covered_for, valid_from FROM covers_now").result_rows
    assert found == [("a1", "r3", "r1", date(2026, 6, 15))]


def test_a_cover_changes_no_assignment(client: Client) -> None:
    owners = dict(client.query("SELECT account_id, rep_id FROM assignments_now").result_rows)
    assert (owners["a1"], owners["a2"], owners["a3"]) == ("r1", "r1", "r2")
    told = client.query("SELECT DISTINCT source FROM assignments_history").result_rows
    assert told == [("import",)]


def test_who_stands_in_sees_the_account_and_so_does_the_rep_who_has_it(client: Client) -> None:
    reader = ClickHouseReader(client)
    seen = {
        rep: reader.accounts(Sight(every_region=True, rep_id=rep), rep_id=rep, limit=10) for rep in ("r1", "r2", "r3")
    }
    assert [(a.account_id, a.rep_id, a.substitute) for a in seen["r3"]] == [("a1", "r1", "r3")]
    assert {a.account_id for a in seen["r1"]} == {"a1", "a2"}
    assert {a.account_id for a in seen["r2"]} == {"a3", "a5"}  # a5 is closed


def test_an_absence_is_told_as_dates_and_not_to_the_bi_user(client: Client) -> None:
    asked = "SELECT absent_from, absent_to FROM reps_now WHERE rep_id = 'r1'"
    assert client.query(asked).result_rows == [(ABSENT["absent_from"], ABSENT["absent_to"])]
    assert "absent" not in COLUMNS["reps_now"]
