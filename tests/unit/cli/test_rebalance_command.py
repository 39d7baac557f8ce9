"""What `terradrift rebalance` says to the person at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streams.cli import rebalance as command
from streams.cli.main import main
from tests.unit.solvers.test_bad_input import arrays

Terminal = pytest.CaptureFixture[str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Terminal) -> Any:
    """Calls the command with a territory file of these arrays and options: exit status, standard output and error."""

    def _run(changes: dict[str, Any], *options: str) -> tuple[int, str, str]:
        np.savez(tmp_path / "small.npz", **arrays(**changes))
        file = str(tmp_path / "small.npz")
        monkeypatch.setattr(sys, "argv", ["terradrift", "rebalance", "--instance", file, *options])
        status = main()
        told = capsys.readouterr()
        return status, told.out, told.err

    return _run


def test_a_place_that_cannot_be_written_is_refused_before_the_solve(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "solve", lambda *_: pytest.fail("solved, with nowhere to write the answer"))
    status, out, err = run({}, "--json", "/nonexist/x.json")
    assert (status, out) == (1, "")
    assert err == "terradrift: /nonexist/x.json cannot be written: there is no folder /nonexist\n"


def test_a_place_taken_away_during_the_solve_is_a_sentence(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    solve = command.solve
    monkeypatch.setattr(command, "solve", lambda *asked: (folder.rmdir(), solve(*asked))[1])
    status, _, err = run({}, "--json", str(folder / "x.json"))
    assert (status, err) == (1, f"terradrift: {folder / 'x.json'} is not there: No such file or directory\n")


def test_a_potential_beyond_all_reason_is_refused_by_its_account(run: Any) -> None:
    status, _, err = run({"potential": np.array([1e5, 1e300, 1e5, 1e5])}, "--json", "-")
    assert status == 1
    assert err.startswith("terradrift: potential is more than there can be, ")
    assert err.endswith(": A00001\n")
