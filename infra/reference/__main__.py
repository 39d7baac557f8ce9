"""Write every page that is made of declarations: `python -m infra.reference`, from the repository root."""

from __future__ import annotations

import sys
from pathlib import Path

from infra.reference.pages import pages


def main() -> None:
    """Write the pages that have changed, and say which."""
    root = Path(__file__).resolve().parents[2]
    for path, content in pages(root).items():
        target = root / path
        if not target.is_file() or target.read_text(encoding="utf-8") != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
            sys.stdout.write(f"wrote {path}\n")


if __name__ == "__main__":
    main()
