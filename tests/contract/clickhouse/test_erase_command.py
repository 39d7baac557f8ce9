"""`terradrift erase` when Kafka goes away: what is erased stays erased, what is proved is said, and the rest is said to be open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from clickhouse_connect.driver.client import Client
from small_company import an_account, fact, the_company, write_rows

from infra.clickhouse.client import Access
from infra.clickhouse.snapshots import refresh_snapshots
from infra.embedded.broker import EmbeddedBroker
from infra.feeds.record import record_of
from infra.feeds.resend import send_located
from schemas.events import Account
from schemas.rows import NameRow
from schemas.settings import Settings
from schemas.topics import ACCOUNTS, TOPICS
from streams.cli import erasing
from streams.system.reach import Reach

pytestmark = pytest.mark.io
NAME = "Ada Weaver"
THEN = datetime(2025, 1, 1, tzinfo=UTC)
ADA = Account(event_id="ada", occurred_at=THEN, account_id="p9", name=NAME, region_id="north")


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    north = the_company()
    somebody = an_account("p9", "B").model_copy(update={"lat": 48.1, "lon": 2.2})
    row = fact("accounts", "", "2025-01-01")
    row.pop("event_id")
    write_rows(access, [*north, somebody, NameRow(**row, kind="account", id="p9", name=NAME)], Settings())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    server = EmbeddedBroker(tmp_path, {topic.name: topic.partitions for topic in TOPICS})
    yield server
    server.stop()


def erase(access: Access, kafka: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> tuple[int, str]:
    """Exit status and output."""
    monkeypatch.setattr(erasing, "reach", lambda _: Reach(kafka, access, Settings(), forgets=True))
    outcome = CliRunner().invoke(erasing.erase, ["account", "p9", "--yes", *options], standalone_mode=False)
    assert outcome.exception is None, outcome.exception
    return int(outcome.return_value), outcome.output


def test_a_broker_that_goes_away_leaves_the_proof_open_and_the_next_run_closes_it(
    access: Access, client: Client, broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = broker.start()

    def refresh_and_lose_kafka(connected: Client) -> None:
        refresh_snapshots(connected)
        broker.stop()

    with monkeypatch.context() as lost:
        lost.setattr(erasing, "refresh_snapshots", refresh_and_lose_kafka)
        status, said = erase(access, address.bootstrap, lost)
    assert status == 1
    assert "ClickHouse  names            0 rows identify" in said
    assert "Open        Kafka at" in said
    assert "run it again" in said
    assert client.query("SELECT count() FROM names WHERE id = 'p9'").result_rows == [(0,)]

    address = broker.start()
    send_located([record_of(ACCOUNTS, ADA)], address.bootstrap)
    status, said = erase(access, address.bootstrap, monkeypatch, "--json")
    answer = json.loads(said)
    assert status == 0
    assert (answer["open"], answer["names_looked_for"]) == ("", [NAME])
    held = {entry["topic"]: entry["with_a_name"] for entry in answer["records_in_kafka"]}
    assert {topic: number for topic, number in held.items() if number} == {ACCOUNTS.name: 1}
