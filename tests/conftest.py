"""Rules for every test: a test without a marker that allows it opens no socket, and real data is found in one way."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the commands do: before numpy is loaded

import hypothesis
import pytest
import pytest_socket

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
FAULTS = "tests/faults/"
MAY_OPEN_SOCKETS = ("io", "e2e", "kafka")

# The same examples each time: a law that fails must fail for everybody, and no machine is too slow for one.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

_attempts: list[str] = []


class _SocketOpened(pytest_socket.SocketBlockedError):
    """Remembers the attempt, so that a test which swallows the exception fails all the same."""

    def __init__(self, msg: str = "a test without marker io, e2e or kafka opened a socket", *args: object) -> None:
        _attempts.append(msg)
        super().__init__(msg, *args)


def pytest_configure(config: pytest.Config) -> None:
    """Let the guard of pytest-socket raise the exception that remembers."""
    del config
    pytest_socket.SocketBlockedError = _SocketOpened  # type: ignore[misc]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the real data carries the marker `data`, so that `-m "not data"` means what it says.

    Side by side (`make test`) the faults are begun first, being the longest.
    """
    for item in items:
        if "data_dir" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.data)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: not item.nodeid.startswith(FAULTS))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Side by side a file of tests stays in one process, and all faults in one: each of these takes the whole machine.

    Not `--dist loadgroup`: with this pytest it puts no test into its group, and says nothing (pytest-xdist 3.8).
    """
    from xdist.scheduler import LoadScopeScheduling  # only where tests run side by side

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # untyped
        def _split_scope(self, nodeid: str) -> str:
            return FAULTS if nodeid.startswith(FAULTS) else nodeid.split("::", 1)[0]

    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Block sockets before any fixture runs. Unix sockets stay: an asyncio loop wakes itself through a pair of them.

    pytest-socket lifts the block when the test is over, before fixtures of a wider scope are torn down.
    """
    _attempts.clear()
    if not any(item.get_closest_marker(name) for name in MAY_OPEN_SOCKETS):
        pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that tried to open a socket and swallowed the exception."""
    yield
    if _attempts:
        pytest.fail(f"{item.nodeid}: {_attempts[0]}", pytrace=False)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data: TERRADRIFT_DATA, or ../shared/data beside the repository.

    Skips with the reason where it is absent; fails instead where CI=true and TERRADRIFT_REQUIRE_DATA=1.
    """
    folder = Path(os.environ.get("TERRADRIFT_DATA") or ROOT.parent / "shared" / "data")
    folder = folder if folder.is_absolute() else ROOT / folder
    if (folder / "iowa").is_dir():
        return folder
    message = f"REAL DATA ABSENT: no folder iowa/ in {folder}; set TERRADRIFT_DATA to test against it"
    if os.environ.get("CI") == "true" and os.environ.get("TERRADRIFT_REQUIRE_DATA") == "1":
        pytest.fail(message)
    pytest.skip(message)
