"""How long ClickHouse keeps what customers and reps did: years after it happened, or for ever."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.client import Client
from small_company import an_order, write_rows

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access
from infra.clickhouse.retention import FORGOTTEN_BY, keep_for
from schemas.settings import Privacy, Settings

pytestmark = pytest.mark.io


def orders_left(client: Client) -> set[str]:
    client.command("OPTIMIZE TABLE orders FINAL")  # a merge is when ClickHouse deletes what is too old
    return {order for (order,) in client.query("SELECT order_id FROM orders").result_rows}


def test_by_default_everything_is_kept(access: Access, client: Client) -> None:
    write_rows(
        access, [an_order("old", "2014-03-01", "p1", "5"), an_order("young", "2026-06-01", "p1", "5")], Settings()
    )
    assert orders_left(client) == {"old", "young"}


def test_a_setting_lets_old_facts_go_and_touches_no_young_ones(client: Client) -> None:
    publish_settings(client, Settings(privacy=Privacy(kept_years=10)))
    assert orders_left(client) == {"young"}


def test_doing_it_twice_changes_nothing_and_unsetting_it_takes_the_rule_away(client: Client) -> None:
    assert keep_for(client, 10) == []
    assert keep_for(client, 12) == list(FORGOTTEN_BY)
    assert keep_for(client, None) == list(FORGOTTEN_BY)
    assert "TTL" not in str(client.command("SHOW CREATE TABLE orders"))
