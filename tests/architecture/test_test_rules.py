"""The rules of tests/conftest.py hold: small test files, run by pytest in a child process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.io

ROOT = Path(__file__).resolve().parents[2]
SOCKETS = """
import asyncio, socket, pytest

def test_opens():
    socket.socket().close()

def test_swallows():
    try:
        socket.create_connection(("127.0.0.1", 9))
    except Exception:
        pass

def test_runs_a_loop():
    asyncio.run(asyncio.sleep(0))

@pytest.mark.io
def test_io():
    socket.socket().close()

@pytest.mark.e2e
def test_e2e():
    socket.socket().close()

@pytest.mark.kafka
def test_kafka():
    socket.socket().close()
"""
ON_A_REAL_KAFKA = """
import pytest
from tests.support.real_kafka import a_local_kafka

@pytest.mark.kafka
def test_it(tmp_path):
    a_local_kafka(tmp_path)
"""
ON_A_SMALL_DISK = """
from tests.faults.small_disk import small_disk

def test_it(tmp_path):
    with small_disk(tmp_path / "disk", "size=1m"):
        pass
"""
NO_JAVA = {"PATH": "/nowhere", "JAVA_HOME": ""}
READS_DATA = "def test_it(data_dir):\n    assert data_dir.is_dir()\n"


def run(tmp_path: Path, source: str, *arguments: str, **environment: str) -> str:
    """Run one test file under the rules of tests/conftest.py; its output."""
    (tmp_path / "test_case.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"),
         "-p", "no:cacheprovider", "--rootdir", str(ROOT), str(tmp_path / "test_case.py"), "-rA", *arguments],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False,
    ).stdout  # fmt: skip


def test_only_a_marked_test_opens_a_socket_and_swallowing_the_refusal_does_not_help(tmp_path: Path) -> None:
    output = run(tmp_path, SOCKETS)
    assert {line.split("::")[1].split()[0] for line in output.splitlines() if line.startswith("FAILED")} == {
        "test_opens",
        "test_swallows",
    }
    assert "2 failed, 4 passed" in output
    assert "opened a socket" in output


def test_absent_data_skips_and_says_so(tmp_path: Path) -> None:
    output = run(tmp_path, READS_DATA, TERRADRIFT_DATA=str(tmp_path), CI="false")
    assert "1 skipped" in output
    assert "REAL DATA ABSENT" in output


def test_absent_data_fails_where_it_is_required(tmp_path: Path) -> None:
    output = run(tmp_path, READS_DATA, TERRADRIFT_DATA=str(tmp_path), CI="true", TERRADRIFT_REQUIRE_DATA="1")
    assert "1 error" in output
    assert "REAL DATA ABSENT" in output


def test_an_absent_kafka_skips_and_says_so(tmp_path: Path) -> None:
    output = run(tmp_path, ON_A_REAL_KAFKA, CI="false", **NO_JAVA)
    assert "1 skipped" in output
    assert "NOT TESTED on a real Kafka" in output


def test_an_absent_kafka_fails_where_everything_must_be_tested(tmp_path: Path) -> None:
    output = run(tmp_path, ON_A_REAL_KAFKA, CI="true", **NO_JAVA)
    assert "1 failed" in output
    assert "NOT TESTED on a real Kafka" in output


def test_a_test_that_asks_for_data_carries_its_marker(tmp_path: Path) -> None:
    assert "1 deselected" in run(tmp_path, READS_DATA, "-m", "not data")


def test_an_absent_small_disk_skips_and_says_so_and_fails_in_ci(tmp_path: Path) -> None:
    no_tools = {"PATH": "/nowhere"}
    skipped = run(tmp_path, ON_A_SMALL_DISK, CI="false", **no_tools)
    assert "1 skipped" in skipped
    assert "NO SMALL DISK" in skipped
    failed = run(tmp_path, ON_A_SMALL_DISK, CI="true", **no_tools)
    assert "1 failed" in failed
    assert "NO SMALL DISK" in failed
