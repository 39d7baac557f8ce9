"""Whole histories, for reports: every revision of every alert, the present state of every suggestion."""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.clickhouse.read import rows_of
from schemas.rows import AlertRow, SuggestionRow

MOST_TO_SEE = """
    SELECT a.rep_id
    FROM (SELECT rep_id, count() AS n FROM assignments_now WHERE rep_id IN (SELECT rep_id FROM reps_now WHERE active) GROUP BY rep_id) AS a
    LEFT JOIN
    (
        SELECT arrayJoin([from_rep, to_rep]) AS rep_id, count() AS n FROM suggestion_moves WHERE status = 'proposed' GROUP BY rep_id
    ) AS m ON a.rep_id = m.rep_id
    ORDER BY m.n DESC, a.n DESC, a.rep_id
    LIMIT 1
"""


def all_alerts(client: Client) -> list[AlertRow]:
    """Every revision of every alert, in the order of event time."""
    return rows_of(client, AlertRow, "alerts", "1 ORDER BY as_of, alert_id, revision LIMIT 1 BY alert_id, revision", {})


def all_suggestions(client: Client) -> list[SuggestionRow]:
    """Every suggestion as it stands, the most valuable first."""
    return rows_of(client, SuggestionRow, "suggestions_now", "1 ORDER BY worth_eur DESC, suggestion_id", {})


def rep_with_most_to_see(client: Client) -> str:
    """The working rep with most proposed moves, then with most accounts; "" when nobody has any."""
    with translated_errors("reps"):
        found = client.query(MOST_TO_SEE).result_rows
    return str(found[0][0]) if found else ""
