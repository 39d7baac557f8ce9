"""Whole histories, for reports: every revision of every alert, the present state of every suggestion."""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from infra.clickhouse.read import rows_of
from schemas.rows import AlertRow, SuggestionRow


def all_alerts(client: Client) -> list[AlertRow]:
    """Every revision of every alert, in the order of event time."""
    return rows_of(client, AlertRow, "alerts", "1 ORDER BY as_of, alert_id, revision LIMIT 1 BY alert_id, revision", {})


def all_suggestions(client: Client) -> list[SuggestionRow]:
    """Every suggestion as it stands, the most valuable first."""
    return rows_of(client, SuggestionRow, "suggestions_now", "1 ORDER BY worth_eur DESC, suggestion_id", {})
