"""Changes of reps reach a real webhook once, in order, signed; and what is left is told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

import pytest
from clickhouse_connect.driver.client import Client
from small_company import result, the_company, write_rows

from infra.clickhouse.client import Access
from infra.crm.deliveries import changes, push
from infra.crm.reconcile import differences, owners_here
from infra.crm.webhook import Verdict, deliver, signature
from schemas.rows import AssignmentChangeRow, CrmDeliveryRow
from schemas.settings import Settings
from tests.support.webhook import receiving

pytestmark = pytest.mark.io
NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)
SECRET = "a secret of these tests"


class Crm:
    """A CRM that applies a key once, checks signatures, and answers as told."""

    def __init__(self) -> None:
        self.applied: list[str] = []
        self.bad_signatures = 0
        self.answers: list[int] = []
        self.url = ""

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        expected = signature(SECRET, headers["Terradrift-Timestamp"], body)
        self.bad_signatures += expected != headers["Terradrift-Signature"]
        status = self.answers.pop(0) if self.answers else 200
        key = headers["Idempotency-Key"]
        if status == 200 and key not in self.applied:
            self.applied.append(key)
        return status


@pytest.fixture
def crm() -> Iterator[Crm]:
    running = Crm()
    with receiving(running.take) as running.url:
        yield running


def a_change(name: str, account: str, to_rep: str, when: str) -> AssignmentChangeRow:
    return AssignmentChangeRow(
        **result(when), change_id=name, account_id=account, from_rep="r1", to_rep=to_rep, valid_from=date(2026, 6, 29),
        suggestion_id="s1", decision_id="d1", kind="move",
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    moves = [
        a_change("ch2", "a1", "r2", "2026-06-28T11:00"),
        a_change("ch1", "a1", "r3", "2026-06-28T10:00"),
        a_change("ch3", "a2", "r2", "2026-06-28T12:00"),
    ]
    write_rows(access, [*the_company(), *moves], Settings())


@pytest.fixture(autouse=True)
def nothing_delivered(client: Client) -> None:
    client.command("TRUNCATE TABLE crm_deliveries")


def pushed(client: Client, crm: Crm) -> list[tuple[str, str]]:
    waits: list[float] = []

    def send(change: AssignmentChangeRow) -> Verdict:
        return deliver(change, crm.url, SECRET, lambda: NOW, waits.append)

    outcomes = push(client, changes(client, pending_only=True), send, lambda: datetime.now(UTC))
    return [(outcome.change.change_id, outcome.verdict.state) for outcome in outcomes]


def test_changes_arrive_once_in_the_order_of_their_decisions_and_signed(client: Client, crm: Crm) -> None:
    assert pushed(client, crm) == [("ch1", "delivered"), ("ch2", "delivered"), ("ch3", "delivered")]
    assert pushed(client, crm) == []
    assert (crm.applied, crm.bad_signatures) == (["ch1", "ch2", "ch3"], 0)


def test_a_busy_crm_is_asked_again_and_a_crm_that_stays_away_keeps_the_order_of_an_account(
    client: Client, crm: Crm
) -> None:
    crm.answers = [503, 429, 200] + [503] * 5
    assert pushed(client, crm) == [("ch1", "delivered"), ("ch2", "failed"), ("ch3", "delivered")]
    crm.answers = []
    assert pushed(client, crm) == [("ch2", "delivered")]
    client.command("TRUNCATE TABLE crm_deliveries")
    crm.answers = [500] * 5
    assert pushed(client, crm) == [("ch1", "failed"), ("ch3", "delivered")]  # ch2 of the same account waits


def test_what_the_crm_refuses_is_not_sent_again(client: Client, crm: Crm) -> None:
    crm.answers = [422]
    assert pushed(client, crm)[0] == ("ch1", "refused")
    assert pushed(client, crm) == []


def test_a_change_whose_process_was_killed_is_sent_again_and_applied_once(client: Client, crm: Crm) -> None:
    crm.applied = ["ch1"]  # it had arrived, but nobody wrote that down
    begun = CrmDeliveryRow(change_id="ch1", state="sending", attempts=0, detail="", changed_at=NOW)
    client.insert("crm_deliveries", [list(begun.model_dump().values())], column_names=list(CrmDeliveryRow.model_fields))
    assert [state for _, state in pushed(client, crm)] == ["delivered"] * 3
    assert crm.applied == ["ch1", "ch2", "ch3"]


def test_the_comparison_knows_what_is_still_on_its_way(client: Client) -> None:
    found = {
        difference.account_id: difference
        for difference in differences(owners_here(client), {"a1": "r1", "a2": "r1", "a3": "r2"})
    }
    assert (found["a1"].rep_here, found["a1"].rep_in_crm, found["a1"].on_its_way) == ("r2", "r1", True)
    assert (found["a4"].kind, found["a4"].on_its_way) == ("missing_in_crm", False)
    assert "a3" not in found
