"""What a what-if is told on the command line is read before anything is opened."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from streams.cli.what_if import what_if


@pytest.mark.parametrize(
    ("given", "why"),
    [("A1042", "is not ACCOUNT@REP"), ("@R12", "account_ids.0"), ("A1,,A2@R12", "account_ids.1"), ("A1@", "rep_id")],
)
def test_accounts_without_their_rep_are_refused_with_the_option_named(given: str, why: str) -> None:
    answer = CliRunner().invoke(what_if, ["--accounts-move", given])
    assert answer.exit_code == 2
    assert "--accounts-move" in answer.output
    assert why in answer.output
