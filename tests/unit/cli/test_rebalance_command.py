"""What `terradrift rebalance` says to the person at the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

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


ISLANDS = {"orphan": np.array([False, False, True, True]), "edges": np.array([[0, 1]])}
"""Three parts of a graph for two reps: in one of the territories there must be two."""


def test_a_rule_that_gives_for_an_account_nobody_can_reach_is_told_with_the_plan(run: Any) -> None:
    status, out, err = run(ISLANDS, "--contiguity", "hard")
    assert (status, err) == (0, "")
    assert (
        "note: no territory in one piece can take these, who need a rep: A00002, A00003; relaxed from no new piece to 1"
        in out
    )


def test_the_answer_for_machines_says_which_rule_gave_and_what_was_not_read(run: Any) -> None:
    status, out, _ = run(ISLANDS | {"colour": np.ones(4)}, "--contiguity", "hard", "--json", "-")
    answer = json.loads(out)
    assert status == 0
    assert answer["violations"] == []
    assert {"arrays", "contiguity"} <= {verdict["rule"] for verdict in answer["verdicts"]}
    assert answer["notes"][0].startswith("not read, because no such array is known: colour; known are ")


def test_accounts_that_had_no_rep_are_counted_apart_from_the_moves(run: Any) -> None:
    nobody_moves = ISLANDS | {"edges": np.zeros((0, 2), int)}
    status, out, _ = run(nobody_moves, "--max-moves", "0")
    assert status == 0
    assert out.startswith("0 moves + 2 accounts that had no rep: ")
    assert json.loads(run(nobody_moves, "--max-moves", "0", "--json", "-")[1])["placed"] == 2


def test_the_help_says_that_accounts_without_a_rep_do_not_count_as_moves() -> None:
    told = CliRunner().invoke(command.rebalance, ["--help"]).output
    assert "Those that have none get one and do not count." in " ".join(told.split())


def test_a_move_for_machines_has_its_shares_in_eur_and_in_their_own_units(run: Any) -> None:
    moves = json.loads(run({"current": np.array([0, 0, 0, 1])}, "--json", "-")[1])["moves"]
    assert moves
    for move in moves:
        assert sum(move["shares"].values()) == pytest.approx(move["worth_eur"])
        assert set(move["native"]) == {"travel_km", "accounts_changed", "deviation_points", "overtime_hours", "pieces"}
