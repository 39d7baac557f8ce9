"""Which file is made of which declaration."""

from __future__ import annotations

from pathlib import Path

from infra.reference.events import events_page
from infra.reference.json_schema import schema_files
from infra.reference.operations import with_tables
from infra.reference.settings import settings_file

GOLDEN_SCHEMAS = Path("tests/golden/schemas")


def pages(root: Path) -> dict[Path, str]:
    """Path below the repository root -> content that it should have now."""
    operations = Path("docs/operations.md")
    return {
        Path("docs/events.md"): events_page(root / "schemas" / "examples"),
        Path("examples/terradrift.toml"): settings_file(),
        operations: with_tables((root / operations).read_text(encoding="utf-8")),
        **{GOLDEN_SCHEMAS / name: content for name, content in schema_files().items()},
    }
