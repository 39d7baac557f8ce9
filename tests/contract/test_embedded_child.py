"""Children with real processes: readiness, failures that speak, orderly ends, and no orphans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.embedded import lifeline
from infra.embedded.child import SOURCE_ROOT, Child, StartError

pytestmark = pytest.mark.io

SLEEPER = (sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); time.sleep(60)",
)
# A supervisor that starts a child, says its pid, and waits to be killed.
SUPERVISOR = """
import sys, time
from pathlib import Path
from infra.embedded.child import Child
child = Child("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"), Path(sys.argv[1]))
child.spawn()
print(child.pid, flush=True)
time.sleep(60)
"""


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    """Whether the process has ended (a zombie nobody has collected counts as ended)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def awake(log: Path) -> Callable[[], bool]:
    return lambda: log.exists() and "awake" in log.read_text()


def test_a_child_is_awaited_until_it_is_ready_and_stopped_by_sigterm(tmp_path: Path) -> None:
    child = Child("sleeper", SLEEPER, tmp_path / "sleeper.log")
    child.spawn()
    child.wait_ready(awake(tmp_path / "sleeper.log"), seconds=20)
    assert child.alive()
    assert child.stop(seconds=10) == -signal.SIGTERM
    assert not child.alive()


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    child = Child("stubborn", STUBBORN, tmp_path / "stubborn.log")
    child.spawn()
    child.wait_ready(awake(tmp_path / "stubborn.log"), seconds=20)
    assert child.stop(seconds=0.3) == -signal.SIGKILL


def test_a_child_that_ends_at_once_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = Child("broken", (sys.executable, "-c", "raise SystemExit('no such disk')"), tmp_path / "broken.log")
    child.spawn()
    with pytest.raises(StartError, match=r"broken ended with code 1 while starting:\nno such disk"):
        child.wait_ready(lambda: False, seconds=20)


def test_a_child_that_never_gets_ready_is_stopped_and_reported(tmp_path: Path) -> None:
    child = Child("sleeper", SLEEPER, tmp_path / "sleeper.log")
    child.spawn()
    with pytest.raises(StartError, match=r"was not ready within 0\.2 s"):
        child.wait_ready(lambda: False, seconds=0.2)
    assert not child.alive()


def test_a_child_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    child = Child("sleeper", SLEEPER, tmp_path / "sleeper.log")
    starter = threading.Thread(target=child.spawn)
    starter.start()
    starter.join()
    child.wait_ready(awake(tmp_path / "sleeper.log"), seconds=20)
    assert child.alive()
    child.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's; others use the pipe below")
def test_a_child_dies_with_its_killed_supervisor(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        (sys.executable, "-c", SUPERVISOR, str(tmp_path / "child.log")), stdout=subprocess.PIPE, cwd=SOURCE_ROOT
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    assert not gone(pid)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    assert eventually(lambda: gone(pid))


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_without_a_death_signal_the_end_of_a_pipe_stops_the_command(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = (
        sys.executable,
        "-c",
        f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)",
    )
    script = f"import lifeline, sys; sys.exit(lifeline.watch({command!r}))"
    watcher = subprocess.Popen(
        (sys.executable, "-c", script), stdin=subprocess.PIPE, cwd=Path(lifeline.__file__).parent, env=dict(os.environ)
    )
    assert eventually(lambda: pid_file.exists() and bool(pid_file.read_text()))
    pid = int(pid_file.read_text())
    assert not gone(pid)
    assert watcher.stdin is not None
    watcher.stdin.close()
    assert watcher.wait(20) != 0
    assert gone(pid)
