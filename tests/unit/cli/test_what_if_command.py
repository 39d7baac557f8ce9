"""What `terradrift what-if` says of a territory file to the person at the terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from click.testing import CliRunner

from streams.cli.what_if import what_if
from tests.unit.solvers.test_bad_input import arrays


def test_work_is_told_against_free_hours_and_accounts_without_a_rep_apart_from_moves(tmp_path: Path) -> None:
    np.savez(tmp_path / "small.npz", **arrays(orphan=np.array([False, False, True, False])))
    told = CliRunner().invoke(what_if, ["--instance", str(tmp_path / "small.npz")]).output
    assert "\nwork beyond free hours, h a year " in told
    assert "0 moves + 1 account that had no rep are worth " in told
