"""Pages made of declarations are fresh, and pages written by hand name only what exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.reference.json_schema import schema_files
from infra.reference.pages import GOLDEN_SCHEMAS, pages
from schemas.topics import TOPICS

ROOT = Path(__file__).resolve().parents[2]
PAGES = pages(ROOT)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_made_page_is_fresh(path: Path) -> None:
    kept = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""
    assert kept == PAGES[path], f"{path} is stale; if the change is meant, run: python -m infra.reference"


def test_no_golden_schema_is_left_of_a_payload_that_went() -> None:
    assert {file.name for file in (ROOT / GOLDEN_SCHEMAS).glob("*.json")} == set(schema_files())


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
def test_every_topic_stands_in_the_event_reference(topic: str) -> None:
    assert f"\n### {topic}\n" in PAGES[Path("docs/events.md")]
