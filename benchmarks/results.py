"""RESULTS.md: each benchmark owns the text between its two markers and leaves the rest alone."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def write_section(name: str, text: str, path: Path = RESULTS) -> None:
    """Replace what stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->`; both must be there.

    Raises ValueError when a marker is missing.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    content = path.read_text(encoding="utf-8")
    if begin not in content or end not in content:
        raise ValueError(f"{path.name} has no section {name}: {begin} and {end}")
    before, rest = content.split(begin, 1)
    after = rest.split(end, 1)[1]
    path.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")


def conditions(*packages: str) -> str:
    """Date, machine and versions in one paragraph; nothing that names the machine."""
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({_cpu_model()}), {_memory_gb():.0f} GB of memory, "
        f"load average {load:.1f} at the end. {platform.system()}, Python {platform.python_version()}, {versions}."
    )


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
