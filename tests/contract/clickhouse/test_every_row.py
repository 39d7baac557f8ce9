"""What the fault tests count by: a row that is inserted twice is seen, whatever ClickHouse would merge meanwhile."""

from __future__ import annotations

import time

import pytest
from clickhouse_connect.driver.client import Client

from tests.support.every_row import IDENTITY, Stored, keep_every_row, stored_in, unmentioned

pytestmark = pytest.mark.io
INSERTS, MERGED_SECONDS = 30, 2.0
"""So many small parts are merged within so long where merges are on."""


def test_every_table_of_the_sink_is_counted_by_its_key_and_version(client: Client) -> None:
    assert unmentioned() == set()
    for table, identity in IDENTITY.items():
        key, version = client.query(
            "SELECT sorting_key, extract(engine_full, 'ReplacingMergeTree\\\\((\\\\w+)\\\\)') FROM system.tables "
            f"WHERE database = currentDatabase() AND name = '{table}'"
        ).result_rows[0]
        if identity != ("event_id",):  # facts: stricter than their key, an event is stored once wherever it belongs
            assert {*key.strip("()").split(", "), *filter(None, [version])} - {"occurred_at"} == set(identity), table


def test_a_row_that_came_twice_stays_in_sight_and_so_does_one_that_says_something_else(client: Client) -> None:
    keep_every_row(client)
    for number in range(INSERTS):
        client.command(
            "INSERT INTO alerts (alert_id, revision, as_of, eur_at_risk) "
            f"VALUES ('a', {number % 2}, '2026-03-02', {number % 3})",
            settings={"deduplicate_insert": "disable"},
        )
    time.sleep(MERGED_SECONDS)
    assert stored_in(client)["alerts"] == Stored(rows=INSERTS, identities=2, contents=6)
