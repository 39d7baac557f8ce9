"""`terradrift backtest alerts --config`: the settings of the running system hold in the backtest, and its progress is shown."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from streams.cli.backtest import backtest

FIRST = date(2022, 1, 3)


def a_company_where_one_falls_silent(folder: Path) -> Path:
    """Twenty accounts with an order a week; a3 has none for 70 days from week 40 on."""
    rng = np.random.default_rng(2)
    lines = ["account_id,occurred_at,amount"]
    for week in range(60):
        ordered = [i for i in range(20) if not (i == 3 and 40 <= week < 50)]
        day, size = FIRST + timedelta(weeks=week), 200 * np.exp(rng.normal(0, 0.1, 20))
        lines += [f"a{i},{day + timedelta(days=i % 5)},{size[i]:.2f}" for i in ordered]
    path = folder / "orders.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def silences(folder: Path, *more: str) -> list[str]:
    out = folder / "alerts.csv"
    arguments = ["alerts", "--orders", str(a_company_where_one_falls_silent(folder)), "--out", str(out), *more]
    result = CliRunner().invoke(backtest, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8") as stream:
        return [one["detected_on"] for one in csv.DictReader(stream) if one["magnitude"] == "-1.0000"]


def config(folder: Path, text: str) -> Path:
    path = folder / "terradrift.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_account_is_silent_after_the_multiple_of_its_rhythm_that_the_configuration_names(tmp_path: Path) -> None:
    (usual,) = silences(tmp_path)
    (patient,) = silences(tmp_path, "--config", str(config(tmp_path, "[alerts]\nsilence_factor = 8\n")))
    assert date.fromisoformat(patient) - date.fromisoformat(usual) == timedelta(weeks=4)
    assert silences(tmp_path, "--config", str(config(tmp_path, "[alerts]\nsilence_factor = 20\n"))) == []


def test_the_budget_of_the_configuration_is_that_of_the_option(tmp_path: Path) -> None:
    orders, out = a_company_where_one_falls_silent(tmp_path), tmp_path / "alerts.csv"
    configured = ("--config", str(config(tmp_path, "[alerts]\nper_account_year = 3\n")))
    written = []
    for more in (configured, ("--false-alarms-per-account-year", "3"), ()):
        arguments = ["alerts", "--orders", str(orders), "--out", str(out), *more]
        assert CliRunner().invoke(backtest, arguments).exit_code == 0
        written.append(out.read_text(encoding="utf-8"))
    assert written[0] == written[1] != written[2]


def test_reading_watching_and_measuring_show_their_progress_and_the_time_counts_all(tmp_path: Path) -> None:
    orders, out = a_company_where_one_falls_silent(tmp_path), tmp_path / "alerts.csv"
    result = CliRunner().invoke(backtest, ["alerts", "--orders", str(orders), "--out", str(out)])
    for task in ("orders read", "days watched", "quality measured"):
        assert task in result.stderr
    assert "s from reading to the table" in result.stdout
    quiet = CliRunner().invoke(backtest, ["alerts", "--orders", str(orders), "--out", str(out), "--json"])
    assert quiet.stderr == ""
    report = json.loads(quiet.stdout)
    assert report["account_weeks_per_minute"] <= 60 * report["account_weeks"] / max(report["seconds"] - 0.05, 0.01)
