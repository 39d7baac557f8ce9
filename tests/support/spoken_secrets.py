"""Where a secret has been said aloud."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def said_aloud(secrets: Iterable[str], folder: Path) -> list[str]:
    """The log files under `folder` that hold one of the secrets, with the line's number and nothing of the line.

    What a broker keeps under `data` ends in .log, too: these are its records, and a running one takes them away meanwhile.
    """
    found, searched = [], 0
    wanted = [secret for secret in secrets if secret]
    assert wanted, "no secret to search for"
    for path in sorted(path for path in folder.rglob("*.log") if "data" not in path.parts):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            searched += 1
            if any(secret in line for secret in wanted):
                found.append(f"{path.relative_to(folder)}:{number}")
    assert searched, f"no line of a log under {folder}"
    return found
