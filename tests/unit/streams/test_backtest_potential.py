"""`terradrift backtest potential`: a company's own history, told and judged without looking ahead."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from schemas.errors import SettingsError
from streams.cli.main import commands

pytestmark = pytest.mark.io
MONDAY = date(2020, 1, 6)


def written(folder: Path, weeks: int, changed: float = 1.0) -> Path:
    """Three accounts with an order a week; from week 70 on `changed` times as large."""
    lines = ["account_id,occurred_at,amount,currency"]
    for week in range(weeks):
        day = MONDAY + timedelta(weeks=week, days=4)
        factor = changed if week >= 70 else 1.0
        lines += [f"a{k},{day}T10:00:00Z,{100 * (k + 1) * factor:.2f},EUR" for k in range(3)]
    path = folder / "orders.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(orders: Path, out: Path, *more: str) -> Result:
    start = (MONDAY + timedelta(weeks=55, days=6)).isoformat()
    arguments = ["backtest", "potential", "--orders", str(orders), "--from", start, "--out", str(out), *more]
    return CliRunner().invoke(commands, arguments)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_account_and_week_with_a_year_behind_it_gets_a_row_for_each_horizon(tmp_path: Path) -> None:
    out = tmp_path / "predictions.csv"
    result = run(written(tmp_path, 80), out, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    rows = rows_of(out)
    assert len(rows) == report["rows"] == 25 * 3 * 2
    assert all(date.fromisoformat(row["origin"]).weekday() == 6 for row in rows)
    first = next(row for row in rows if row["account_id"] == "a1" and row["horizon_weeks"] == "4")
    assert float(first["estimate"]) == pytest.approx(800, rel=0.05)
    assert float(first["actual"]) == 800
    assert float(first["low80"]) <= float(first["estimate"]) <= float(first["high80"])
    last = [row for row in rows if row["origin"] == (MONDAY + timedelta(weeks=79, days=6)).isoformat()]
    assert {row["actual"] for row in last} == {""}
    assert report["horizons"][0]["judged"] == 21 * 3


def test_reasons_sum_to_the_estimate_and_are_said_in_words(tmp_path: Path) -> None:
    out = tmp_path / "predictions.csv"
    result = run(written(tmp_path, 90, changed=0.5), out, "--json", "--reasons", "--horizons", "4,13,52")
    assert result.exit_code == 0, result.output
    rows = rows_of(out)
    for row in rows:
        told = float(row["base"]) + sum(float(row[f"reason{k}_eur"] or 0) for k in (1, 2, 3))
        assert told == pytest.approx(float(row["estimate"]), rel=0.02, abs=1)
    last = [row for row in rows if row["horizon_weeks"] == "52"][-1]
    assert last["reason1_code"] == "own_orders"
    assert float(last["reason1_eur"]) < 0
    assert last["reason1"].startswith("its latest orders are smaller")


def test_no_prediction_knows_what_comes_after_its_origin(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    assert run(written(tmp_path, 80), one).exit_code == 0
    assert run(written(tmp_path, 80, changed=5.0), other).exit_code == 0
    known = (MONDAY + timedelta(weeks=69, days=6)).isoformat()
    said = [
        [
            (row["account_id"], row["origin"], row["estimate"], row["high80"])
            for row in rows_of(path)
            if row["origin"] <= known
        ]
        for path in (one, other)
    ]
    assert len(said[0]) == 15 * 3 * 2
    assert said[0] == said[1]


def test_unusable_orders_are_an_error_with_place_and_reason(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("account_id,occurred_at,amount,currency\na1,yesterday,5,EUR\n")
    error = run(orders, tmp_path / "out.csv").exception
    assert isinstance(error, SettingsError)
    assert "orders.csv:2 occurred_at" in str(error)


def test_a_start_after_the_history_is_refused(tmp_path: Path) -> None:
    error = run(written(tmp_path, 20), tmp_path / "out.csv").exception
    assert isinstance(error, SettingsError)
    assert "the orders end with the week up to 2020-05-24" in str(error)


def test_a_horizon_the_model_does_not_know_is_a_misuse(tmp_path: Path) -> None:
    result = run(written(tmp_path, 5), tmp_path / "out.csv", "--horizons", "4,5")
    assert result.exit_code == 2
    assert "the model knows 4, 13 and 52 weeks" in result.output
