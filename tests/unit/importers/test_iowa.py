"""The real orders of a state, with the mapping that ships as an example."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from infra.importers.folder import read_folder
from infra.importers.mapping import load_mapping

ROOT = Path(__file__).resolve().parents[3]
IOWA = Path(os.environ.get("TERRADRIFT_DATA", ROOT / "../shared/data")).resolve() / "iowa"


@pytest.mark.data
def test_all_iowa_orders_are_read_to_the_cent() -> None:
    if not IOWA.is_dir():
        pytest.skip(f"REAL DATA ABSENT: {IOWA} (set TERRADRIFT_DATA)")
    found = read_folder(IOWA, load_mapping(ROOT / "examples/iowa/mapping.toml"))
    orders = [msgspec.json.decode(record.value) for record in found.feed.events]
    assert len(orders) == 300_669
    assert len({order["account_id"] for order in orders}) == 1_912
    assert sum(Decimal(order["amount"]) for order in orders) == Decimal("1682201026.25")
    assert {order["currency"] for order in orders} == {"USD"}
    assert len(list(found.feed.roster)) == 2_296 + 578
    assert found.accounts_created == 578
    assert found.refused == ()
