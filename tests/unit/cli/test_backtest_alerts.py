"""`terradrift backtest alerts`, from files to files."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from infra.importers.mapping import FileMapping
from schemas.errors import SettingsError
from streams.cli.backtest import backtest
from streams.cli.backtest.alert_history import read_history

FIRST = date(2022, 1, 3)


def written(folder: Path, days: int = 500) -> Path:
    """Thirty shops with a promotion every other week; shop 4 loses a third on day 380."""
    rng = np.random.default_rng(8)
    lines = ["shop,day,sales,promo"]
    for number in range(days):
        promo = number // 7 % 2
        for shop in range(30):
            eur = 500 * np.exp(rng.normal(0, 0.05) + 0.3 * promo - 0.4 * (shop == 4 and number >= 380))
            lines.append(f"s{shop},{FIRST + timedelta(days=number)},{eur:.2f},{promo}")
    (folder / "orders.csv").write_text("\n".join([*lines, "s1,not a day,5,0"]) + "\n", encoding="utf-8")
    (folder / "mapping.toml").write_text(
        '[orders]\ncolumns = { shop = "account_id", day = "occurred_at", sales = "amount" }\n', encoding="utf-8"
    )
    return folder


def the_command(folder: Path, *more: str) -> tuple[dict[str, object], list[dict[str, str]]]:
    out = folder / "alerts.csv"
    arguments = ["alerts", "--orders", str(folder / "orders.csv"), "--mapping", str(folder / "mapping.toml")]
    result = CliRunner().invoke(backtest, [*arguments, "--out", str(out), "--json", *more], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8") as stream:
        return json.loads(result.output), list(csv.DictReader(stream))


def test_a_falling_shop_is_written_down_with_its_days_and_the_quality_is_measured(tmp_path: Path) -> None:
    report, alerts = the_command(written(tmp_path), "--known-effect", "promo", "--calibrate-until", "2023-01-10")
    (one,) = alerts
    assert (one["scope"], one["scope_id"], one["direction"]) == ("account", "s4", "drop")
    fell = FIRST + timedelta(days=380)
    assert abs((date.fromisoformat(one["started_on"]) - fell).days) <= 2
    assert date.fromisoformat(one["detected_on"]) - fell <= timedelta(days=7)
    assert float(one["magnitude"]) == pytest.approx(-0.33, abs=0.06)
    assert report["refused"] == 1
    quality = {(q["method"], q["drop"]): q["median_weeks"] for q in report["quality"]}  # type: ignore[attr-defined]
    assert quality["Terradrift", 0.2] < quality["cusum on raw weekly sales", 0.2]


def test_a_day_is_what_the_stream_makes_of_its_orders(tmp_path: Path) -> None:
    lines = [
        "account_id,occurred_at,amount,status",
        "a,2024-01-01,100,placed", "a,2024-01-01,50,", "a,2024-01-01,30,back", "a,2024-01-02,20,back",
        "a,2024-01-03,70,cancelled", "a,2024-01-03,-5,placed", "a,2024-01-03,5,lost",
    ]  # fmt: skip
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    mapping = FileMapping(values={"status": {"back": "returned"}})
    history = read_history(path, mapping, "UTC", (), None, FileMapping())
    assert history.eur.tolist() == [120, -20, 0]
    assert history.count.tolist() == [2, 0, 0]
    assert history.refused == 2


def test_a_territory_whose_orders_are_sent_twice_is_a_fault_of_the_data(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    lines, accounts = ["account_id,occurred_at,amount"], ["account_id,territory_id"]
    accounts += [f"a{i},T{i % 8}" for i in range(96)]
    for week in range(60):
        for i in range(96):
            eur = 300 * np.exp(rng.normal(0, 0.2))
            line = f"a{i},{FIRST + timedelta(days=7 * week + i % 5)},{eur:.2f}"
            lines += [line] * (2 if i % 8 == 3 and week >= 52 else 1)
    for name, table in (("orders", lines), ("accounts", accounts)):
        (tmp_path / f"{name}.csv").write_text("\n".join(table) + "\n", encoding="utf-8")
    (tmp_path / "mapping.toml").write_text("", encoding="utf-8")
    _, alerts = the_command(tmp_path, "--accounts", str(tmp_path / "accounts.csv"))
    (one,) = [one for one in alerts if one["scope"] == "territory" and one["detected_on"] > "2023-01-01"]
    assert (one["scope_id"], one["direction"], one["cause_class"]) == ("T3", "rise", "data_fault")
    assert "orders are sent more than once" in one["evidence"]


def test_a_file_without_a_mandatory_column_is_refused_with_the_columns_it_has(tmp_path: Path) -> None:
    (written(tmp_path) / "mapping.toml").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="no column account_id, occurred_at, amount; there are: shop, day"):
        the_command(tmp_path)
