"""Is the process of this container well? It offers its metrics and its watchdog sees progress: exit code 0, else 1.

Run as `python -m infra.metrics.health worker` (or `sink`) with the environment of the process it asks about.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from typing import Literal

from infra.metrics.catalogue import STALLED
from infra.settings import METRICS_PORTS, Role

Health = Literal["well", "stalled", "unreachable"]


def health(port: int, timeout_seconds: float = 3.0) -> Health:
    """Ask the process that offers its metrics on `port` of this machine."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=timeout_seconds) as answer:
            lines = answer.read().decode().splitlines()
    except (urllib.error.URLError, OSError):
        return "unreachable"
    return "stalled" if f"{STALLED.name} 1.0" in lines else "well"


def main(arguments: list[str]) -> int:
    """Exit code for a health check."""
    role: Role = "sink" if arguments[:1] == ["sink"] else "worker"
    port = int(os.environ.get("TERRADRIFT_METRICS_PORT") or METRICS_PORTS[role])
    state = health(port)
    sys.stdout.write(f"{role} on port {port}: {state}\n")
    return 0 if state == "well" else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
