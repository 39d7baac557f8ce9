"""Where all accounts are, of every region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors

_PLACES: Final = "SELECT account_id, region_id, postal_code, city, lat, lon FROM accounts_now ORDER BY account_id"


def whereabouts(client: Client) -> Iterator[dict[str, Any]]:
    """Of each account: id, region, postal code, city and place; null where it is not known. Raises UnavailableError."""
    with translated_errors("whereabouts"):
        yield from client.query(_PLACES).named_results()
