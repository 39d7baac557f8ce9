"""`terradrift backtest alerts` on what it cannot use: one sentence before the work, not a traceback after it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from schemas.errors import SettingsError
from streams.cli.backtest import backtest
from streams.cli.main import main

FIRST = date(2022, 1, 3)
LAST = FIRST + timedelta(days=69)


def orders(folder: Path, *more: str) -> Path:
    lines = [f"a{i},{FIRST + timedelta(days=day)},100,EUR" for day in range(70) for i in range(3)]
    path = folder / "orders.csv"
    path.write_text("\n".join(["account_id,occurred_at,amount,currency", *lines, *more]) + "\n", encoding="utf-8")
    return path


def run(path: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(backtest, ["alerts", "--orders", str(path), "--out", str(out), "--json", *more])


def refused(path: Path, out: Path, *more: str) -> str:
    error = run(path, out, *more).exception
    assert isinstance(error, SettingsError)
    return str(error)


def test_an_output_that_cannot_be_written_is_one_sentence_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "orders.csv"
    empty.touch()
    nowhere = tmp_path / "nowhere" / "x.csv"
    monkeypatch.setattr("sys.argv", ["terradrift", "backtest", "alerts", f"--orders={empty}", f"--out={nowhere}"])
    assert main() == 1
    assert capsys.readouterr().err == f"terradrift: {nowhere} cannot be written: there is no folder {nowhere.parent}\n"


def test_a_run_that_is_refused_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").touch()
    there, new = tmp_path / "there.csv", tmp_path / "new.csv"
    there.write_text("of last week", encoding="utf-8")
    for out in (there, new):
        assert "no header can be read" in refused(tmp_path / "orders.csv", out)
    assert there.read_text(encoding="utf-8") == "of last week"
    assert not new.exists()


@pytest.mark.io
def test_a_disk_that_is_full_is_one_sentence(tmp_path: Path) -> None:
    assert refused(orders(tmp_path), Path("/dev/full")) == "/dev/full: No space left on device"


def test_amounts_in_several_currencies_are_refused_and_named(tmp_path: Path) -> None:
    path = orders(tmp_path, f"a1,{LAST},70,USD")
    assert refused(path, tmp_path / "out.csv") == f"{path}: amounts in several currencies: EUR, USD"


def test_currencies_that_the_mapping_makes_one_are_one(tmp_path: Path) -> None:
    path = orders(tmp_path, f"a1,{LAST},70,euro", f"a1,{LAST},70,")
    mapping = tmp_path / "mapping.toml"
    for told in ('values = { currency = { euro = "EUR" } }', 'constants = { currency = "EUR" }'):
        mapping.write_text(f"[orders]\n{told}\n", encoding="utf-8")
        assert run(path, tmp_path / "out.csv", "--mapping", str(mapping)).exit_code == 0


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (FIRST - timedelta(days=1), f"the orders begin on {FIRST}"),
        (LAST, f"no day is left, the orders end on {LAST}"),
        (LAST + timedelta(days=400), f"no day is left, the orders end on {LAST}"),
    ],
)
def test_a_day_of_calibration_outside_the_history_is_refused(tmp_path: Path, day: date, why: str) -> None:
    told = refused(orders(tmp_path), tmp_path / "out.csv", "--calibrate-until", str(day))
    assert told == f"--calibrate-until {day}: {why}"


def test_an_amount_that_is_no_amount_is_a_line_refused(tmp_path: Path) -> None:
    result = run(orders(tmp_path, f"a1,{LAST},nan,EUR", f"a1,{LAST},inf,EUR"), tmp_path / "out.csv")
    assert json.loads(result.stdout)["refused"] == 2
