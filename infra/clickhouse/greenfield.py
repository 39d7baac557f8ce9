"""What a first design needs to know of the accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors

_ACCOUNTS = """
SELECT a.region_id AS region_id, a.account_id AS account_id, a.lat AS lat, a.lon AS lon,
       coalesce(nullIf(p.segment, ''), a.segment) AS segment, coalesce(p.potential_eur, 0) AS potential_eur
FROM accounts_now AS a LEFT JOIN potentials_now AS p ON a.account_id = p.account_id
WHERE a.active ORDER BY a.region_id, a.account_id"""
_NEWEST = "SELECT max(week) FROM potentials"


@dataclass(frozen=True, slots=True)
class PlacedAccount:
    """`potential_eur` is 0 where nothing is known yet."""

    region_id: str
    account_id: str
    lat: float | None
    lon: float | None
    segment: str | None
    potential_eur: float


def placed_accounts(client: Client) -> list[PlacedAccount]:
    """Every active account with what it is worth now."""
    with translated_errors("accounts"):
        return [PlacedAccount(*row) for row in client.query(_ACCOUNTS).result_rows]


def newest_week(client: Client) -> date | None:
    """Monday of the newest closed week; None before the first."""
    with translated_errors("potentials"):
        week = client.query(_NEWEST).result_rows[0][0]
    return week if isinstance(week, date) and week.year > 1970 else None
