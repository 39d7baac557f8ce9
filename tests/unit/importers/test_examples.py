"""The example company that the README brings in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from infra.importers.folder import read_folder

COMPANY = Path(__file__).resolve().parents[3] / "examples/company"


def test_the_example_company_is_read_without_a_single_complaint() -> None:
    found = read_folder(COMPANY)
    assert found.refused == ()
    assert Counter(record.topic for record in found.feed.roster) == {"accounts": 20, "reps": 3, "assignments": 20}
    assert Counter(record.topic for record in found.feed.events).keys() == {"orders", "visit-reports", "market-events"}
    assert found.accounts_created == 0
    assert all("plain dates" in notice for notice in found.notices)
