"""Areas in the settings where nobody is: most likely misspelt, and a rule about them holds for nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from infra.clickhouse.whereabouts import whereabouts
from schemas.region_log import AccountSet
from schemas.settings import Settings
from streams.handlers.region.rules import lies_in


def nobody_there(client: Client, settings: Settings, config: Path | None) -> list[str]:
    """A sentence for each area of a barrier in which no account lies, with the line that names it. Raises UnavailableError."""
    if not settings.rules.barriers:
        return []
    text = config.read_text(encoding="utf-8") if config is not None else ""
    return told(whereabouts(client), settings, text)


def told(places: Iterable[dict[str, Any]], settings: Settings, text: str) -> list[str]:
    """The same, of places as `whereabouts` gives them and the text of the settings; nothing while no account is known."""
    accounts = [_account(place) for place in places]
    return [
        f"rules.barriers: {barrier.name!r} names {area!r} in {side}{_line(text, area)}, where no account lies"
        for barrier in settings.rules.barriers
        for side in ("one_side", "other_side")
        for area in getattr(barrier, side)
        if accounts and not any(lies_in(account, area) for account in accounts)
    ]


def _account(place: dict[str, Any]) -> AccountSet:
    return AccountSet(
        region_id=place["region_id"], account_id=place["account_id"], event_id="", source_partition=0, occurred_at=datetime.min.replace(tzinfo=UTC),
        lat=place["lat"], lon=place["lon"], postal_code=place["postal_code"] or "", city=place["city"] or "",
    )  # fmt: skip


def _line(text: str, area: str) -> str:
    numbers = (number for number, line in enumerate(text.splitlines(), 1) if f'"{area}"' in line or f"'{area}'" in line)
    found = next(numbers, None)
    return "" if found is None else f" (line {found})"
