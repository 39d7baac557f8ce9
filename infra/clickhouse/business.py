"""The settings of the business as rows of ClickHouse, so that KPIs take unit costs and targets from the same file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.clickhouse.retention import keep_for
from schemas.settings import Settings


def publish_settings(client: Client, settings: Settings) -> None:
    """Make the settings those in force, retention too. Raises UnavailableError; doing it twice changes nothing but the time."""
    rows = [(key, value, settings.version) for key, value in flattened(settings)]
    with translated_errors("business_settings"):
        client.insert("business_settings", rows, column_names=["key", "value", "config_version"])
    keep_for(client, settings.privacy.kept_years)


def flattened(settings: Settings) -> list[tuple[str, str]]:
    """(key, value) of every setting, such as ("cost.per_km", "0.52"); entries of lists are numbered from 0."""
    return list(_leaves("", settings.model_dump(mode="json")))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}.{number}", inner)
    else:
        yield path, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
