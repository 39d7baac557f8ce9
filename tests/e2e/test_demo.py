"""The demo, as a newcomer sees it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from system import COMMAND, ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints without a terminal."""
    directory: Path = tmp_path_factory.mktemp("demo") / "demo"
    run = subprocess.run(
        (*COMMAND, "demo", "--dir", str(directory)), cwd=ROOT, capture_output=True, text=True, timeout=800, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run.stdout


def test_it_finds_the_planted_shocks(output: str) -> None:
    """All five; the slow decline and the boom are the hard ones."""
    assert output.count("found after") >= 4
    for words in ("a competitor opens", "a large account closes", "a rep leaves", "a slow decline", "a boom"):
        assert words in output


def test_it_says_which_table_of_the_settings_tells_people(output: str) -> None:
    assert "[[notify.recipients]]" in output


def test_it_shows_a_suggestion_with_reasons_and_a_certificate(output: str) -> None:
    assert re.search(r"The best of \d+ suggestions", output)
    assert "no plan can be more than" in output
    assert "territories before and after" in output


def test_it_shows_the_flash_page_and_says_where_to_look_next(output: str) -> None:
    for name in ("Potential balance", "Weighted coverage", "Cost per visit", "Where to look next"):
        assert name in output
    assert "orders 72,859" in output


def test_it_lets_one_of_each_role_into_the_console(output: str) -> None:
    links = dict(re.findall(r"^    (\w+).* (http://127\.0\.0\.1:\d+/sign-in/link\?token=\S+)$", output, re.MULTILINE))
    assert set(links) == {"admin", "manager", "operator", "rep"}
    assert len(set(links.values())) == 4
    assert re.search(r"^    rep \(is \S+\)", output, re.MULTILINE)
