"""What the command line reads, and the history that rebuilds the embedded system."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from clickhouse_connect.driver.client import Client
from small_company import a_suggestion, an_account, the_company, written_through_the_sink

from infra.clickhouse.client import Access
from infra.clickhouse.read import (
    TABLES,
    counts,
    facts,
    flash_kpis,
    history,
    open_alerts,
    suggestion,
    waiting_suggestions,
)
from infra.clickhouse.sink import Sink
from schemas import rows
from schemas.row_ranges import RowBlock, RowRange
from schemas.settings import Settings
from schemas.topics import BY_NAME

pytestmark = pytest.mark.io
NASTY = 'Zoë\'s "Bar"\\ \t{x}; DROP TABLE accounts'


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    written_through_the_sink(access, Settings())
    account = an_account("a9", "C")
    coordinates = {name: getattr(account, name) for name in rows.Coordinates.model_fields}
    name = rows.NameRow(kind="account", id="a9", name=NASTY, occurred_at=account.occurred_at, **coordinates)
    sink = Sink(access, "log1")
    sink.resume("facts", 0, 1000)
    rows_of_account = {"accounts": account, "names": name}
    blocks = [RowBlock(1000, table, row.model_dump_json().encode()) for table, row in rows_of_account.items()]
    sink.write([RowRange("facts", 0, 1000, 1001, blocks)])
    sink.close()


def test_counts_name_every_table(client: Client) -> None:
    found = counts(client)
    assert tuple(found) == TABLES
    assert (found["orders"], found["visits"], found["reps"], found["names"], found["suggestions"]) == (7, 12, 3, 1, 6)


def test_an_alert_that_is_over_is_not_open(client: Client) -> None:
    assert [alert.alert_id for alert in open_alerts(client)] == ["alert1"]
    assert open_alerts(client, "south") == []


def test_a_suggestion_comes_back_exactly_as_it_was_said(client: Client) -> None:
    assert waiting_suggestions(client, "north") == [a_suggestion("s3", 1, "proposed", "2026-06-20")]
    assert suggestion(client, "s1") == a_suggestion("s1", 3, "rolled_back", "2026-06-25")


def test_the_frontier_of_a_suggestion_is_a_table_of_its_own(client: Client) -> None:
    found = client.query(
        "SELECT move_limit, objective_eur, bound_eur, saving_eur FROM suggestion_frontier WHERE suggestion_id = 's3'"
    ).result_rows
    assert found == [(1, -1200.0, -1500.0, 1200.0)]


def test_the_scenarios_of_a_suggestion_are_a_table_of_their_own(client: Client) -> None:
    found = client.query(
        "SELECT scenario, total_eur, saving_eur, move_count FROM suggestion_scenarios WHERE suggestion_id = 's3'"
    ).result_rows
    assert found == [("min_distance", -900.0, 900.0, 1)]


def test_the_routed_travel_of_a_suggestion_is_a_table_of_its_own(client: Client) -> None:
    found = client.query(
        "SELECT rep_id, method, year_km_before, hours_per_client_after FROM suggestion_travel WHERE suggestion_id = 's3'"
    ).result_rows
    assert found == [("r1", "routed", 300.0, 5.0)]


def test_what_the_figures_of_a_suggestion_may_be_is_a_table_of_its_own(client: Client) -> None:
    found = client.query(
        "SELECT figure, rep_id, low, high FROM suggestion_intervals WHERE suggestion_id = 's3'"
    ).result_rows
    assert found == [("worth_eur", "", 800.0, 1700.0)]


def test_an_id_is_a_value_and_never_a_piece_of_sql(client: Client) -> None:
    assert suggestion(client, "s1' OR '1'='1") is None


def test_the_flash_page_is_read_in_its_order(client: Client) -> None:
    figures = flash_kpis(client)
    assert [figure.name for figure in figures][:2] == ["Potential balance", "Travel per client"]
    assert len(figures) == 8


def test_the_history_gives_back_every_accepted_event_as_it_was_sent(client: Client) -> None:
    sent = [row for row in the_company() if isinstance(row, rows.Coordinates)]
    told = list(history(client))
    assert Counter(topic for topic, _ in told) == Counter(row.topic for row in sent) + Counter(accounts=1)
    payloads = {topic: payload for topic in {topic for topic, _ in told} if (payload := BY_NAME[topic].payload)}
    events = {event.event_id: event for topic, line in told for event in [payloads[topic].model_validate_json(line)]}
    for row in sent:
        original = {
            name: value
            for name, value in row.model_dump().items()
            if name not in rows.Coordinates.model_fields and name in type(events[row.event_id]).model_fields
        }
        assert events[row.event_id].model_dump() == original


def test_the_history_is_in_event_time_order_with_people_before_what_they_do(client: Client) -> None:
    told = [(json.loads(line)["occurred_at"], topic) for topic, line in history(client)]
    assert [moment for moment, _ in told] == sorted(moment for moment, _ in told)
    first_day = [topic for moment, topic in told if moment.startswith("2025-01-01")]
    assert first_day == sorted(first_day, key=["reps", "accounts", "assignments"].index)


def test_a_name_comes_back_with_its_account_however_it_is_spelt(client: Client) -> None:
    accounts = [json.loads(line) for line in facts(client, "accounts")]
    assert {account["account_id"]: account["name"] for account in accounts}["a9"] == NASTY
