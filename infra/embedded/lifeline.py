"""Run a command that cannot outlive its parent: `python lifeline.py PARENT_PID COMMAND ...`.

A program of its own (standard library only, started with -I -S), because setting this up between fork and exec of a
threaded parent may deadlock. On Linux the kernel sends SIGTERM when the parent dies (PR_SET_PDEATHSIG outlives exec, so
the command takes this process over). Elsewhere this process stays, and stops the command when its standard input, a
pipe held open by the parent, comes to its end.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
ORPHANED = 75
GRACE_SECONDS = 20.0


def tie_to_parent(parent_pid: int) -> None:
    """Linux: have the kernel send SIGTERM to this process when its parent dies. Exits if the parent is dead already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent_pid:
        sys.exit(ORPHANED)


def watch(command: Sequence[str]) -> int:
    """Run the command until it ends or our standard input does; returns its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: child.terminate())

    def stop_at_end_of_input() -> None:
        while os.read(0, 4096):
            pass
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    return child.wait()


def main(arguments: Sequence[str]) -> int:
    parent_pid, command = int(arguments[0]), tuple(arguments[1:])
    if platform.system() == "Linux":
        tie_to_parent(parent_pid)
        os.execvp(command[0], command)  # noqa: S606  does not return
    return watch(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
