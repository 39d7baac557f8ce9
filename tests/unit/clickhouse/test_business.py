"""Settings as rows."""

from __future__ import annotations

from infra.clickhouse.business import flattened
from schemas.settings import Settings


def test_every_setting_becomes_one_row_with_its_path() -> None:
    rows = dict(flattened(Settings()))
    assert rows["cost.per_km"] == "0.52"
    assert rows["segments.visits_per_year.A"] == "12.0"
    assert rows["weights.balance_knees.1"] == "0.2"
    assert rows["privacy.individual_kpis"] == "false"
    assert rows["targets.cost_per_visit"] == ""
