"""A region as it stands in ClickHouse: what a solve of today would need to know, as plain rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors

# An account has a potential of the newest closed week only if it was active then (streams.handlers.region.saying).
_ACCOUNTS: Final = """
WITH
    (SELECT max(week) FROM potentials WHERE region_id = {region:String}) AS newest,
    {day:Date32} AS today
SELECT
    a.account_id AS account_id, a.kind AS kind, a.lat AS lat, a.lon AS lon, a.postal_code AS postal_code,
    a.city AS city, a.family_id AS family_id,
    a.visit_minutes AS visit_minutes, a.visits_per_year AS visits_per_year, a.skills AS skills,
    p.segment AS segment, p.potential_eur AS potential_eur, p.low_eur AS low_eur, p.high_eur AS high_eur,
    n.rep_id AS rep_id, m.moved_on AS moved_on, d.pinned_until AS pinned_until, d.reason AS pin_reason, o.deals AS deals
FROM (SELECT * FROM potentials FINAL WHERE region_id = {region:String} AND week = newest) AS p
INNER JOIN (SELECT * FROM accounts_now WHERE active AND region_id = {region:String}) AS a ON a.account_id = p.account_id
LEFT JOIN assignments_now AS n ON n.account_id = p.account_id
LEFT JOIN
(
    SELECT account_id, toNullable(max(valid_from)) AS moved_on FROM assignments_history
    WHERE source IN ('decision', 'crm') AND previous_rep_id != '' AND valid_from <= today GROUP BY account_id
) AS m ON m.account_id = p.account_id
LEFT JOIN
(
    SELECT
        assumeNotNull(account_id) AS account_id,
        if(argMax(kind, (occurred_at, offset)) = 'pin', ifNull(argMax(tuple(until), (occurred_at, offset)).1, toDate32('2299-12-31')), NULL) AS pinned_until,
        argMax(reason, (occurred_at, offset)) AS reason
    FROM decisions FINAL
    WHERE region_id = {region:String} AND kind IN ('pin', 'unpin') AND account_id IS NOT NULL GROUP BY account_id
) AS d ON d.account_id = p.account_id
LEFT JOIN
(
    SELECT account_id, groupArray((opportunity_id, opened)) AS deals FROM
    (
        SELECT
            account_id, opportunity_id, toDate32(max(occurred_at)) AS opened, argMax(stage, (occurred_at, offset)) AS newest_stage
        FROM opportunities FINAL GROUP BY account_id, opportunity_id
    )
    WHERE newest_stage = 'open' GROUP BY account_id
) AS o ON o.account_id = p.account_id
ORDER BY account_id
SETTINGS join_use_nulls = 1"""
_REPS: Final = """
SELECT rep_id, home_lat, home_lon, weekly_hours, seniority, active_from, active_to, absent_from, absent_to, skills
FROM reps_now WHERE region_id = {region:String} ORDER BY rep_id"""
_TRAVEL: Final = """
SELECT sum(travel_minutes) / count() AS minutes
FROM visits FINAL WHERE region_id = {region:String} AND status = 'done' AND channel = 'visit' AND occurred_at < {day:Date32} + 1
GROUP BY toMonday(occurred_at) AS week ORDER BY week"""
_DAY: Final = "SELECT toDate32(as_of) FROM watermark"
_REGIONS: Final = "SELECT DISTINCT region_id FROM potentials ORDER BY region_id"


@dataclass(frozen=True, slots=True)
class RegionNow:
    """`accounts` and `reps` are rows by column name; `travel_minutes` a visit, week by week, the oldest first."""

    day: date
    accounts: tuple[Mapping[str, Any], ...]
    reps: tuple[Mapping[str, Any], ...]
    travel_minutes: tuple[float, ...]


def region_now(client: Client, region_id: str) -> RegionNow | None:
    """The region on the day of the watermark; None when nothing was learnt of it yet. Raises UnavailableError."""
    with translated_errors("region_now"):
        day = client.query(_DAY).result_rows[0][0]
        values = {"region": region_id, "day": day}
        accounts = tuple(client.query(_ACCOUNTS, parameters=values).named_results())
        reps = tuple(client.query(_REPS, parameters=values).named_results())
        travel = tuple(float(row[0]) for row in client.query(_TRAVEL, parameters=values).result_rows)
    return RegionNow(day, accounts, reps, travel) if accounts else None


def known_regions(client: Client) -> list[str]:
    """Regions of which anything was learnt."""
    with translated_errors("regions"):
        return [str(row[0]) for row in client.query(_REGIONS).result_rows]
