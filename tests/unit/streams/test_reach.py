"""A command for operators finds its system by the directory, else by the variables of a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import SettingsError, UnavailableError
from streams.system.reach import reach

VARIABLES = {
    "TERRADRIFT_KAFKA": "broker:9092",
    "TERRADRIFT_CLICKHOUSE_URL": "http://clickhouse:8123",
    "TERRADRIFT_CLICKHOUSE_PASSWORD": "secret",
    "TERRADRIFT_LOG_ID": "life",
}


def test_without_a_system_and_variables_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"terradrift up --dir .*; or set TERRADRIFT_KAFKA"):
        reach(tmp_path / "nothing", {})


def test_the_variables_of_a_worker_lead_to_its_system(tmp_path: Path) -> None:
    found = reach(tmp_path / "nothing", VARIABLES)
    assert (found.kafka, found.access.url, found.life()) == ("broker:9092", "http://clickhouse:8123", "life")
    assert found.settings.feed.stall_exit_seconds == 300
    assert "secret" not in repr(found)


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TERRADRIFT_CLICKHOUSE_URL"):
        reach(tmp_path / "nothing", {"TERRADRIFT_KAFKA": "broker:9092"})
