"""A decision about an alert says which alert, and what it needs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.events import a_decision

WHOLE: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "assign": {"assignee": "Ada"},
    "silence": {"until": "2026-04-01"},
    "mark": {"verdict": "false"},
}


@pytest.mark.parametrize(("kind", "fields"), WHOLE.items())
def test_it_is_taken_when_it_is_whole(kind: str, fields: dict[str, Any]) -> None:
    assert a_decision(kind, alert_id="a1", **fields).kind == kind


@pytest.mark.parametrize(("kind", "fields"), WHOLE.items())
def test_it_names_its_alert(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="needs alert_id"):
        a_decision(kind, **fields)


@pytest.mark.parametrize(("kind", "missing"), [("assign", "assignee"), ("silence", "until"), ("mark", "verdict")])
def test_it_says_what_it_needs(kind: str, missing: str) -> None:
    with pytest.raises(ValidationError, match=f"needs {missing}"):
        a_decision(kind, alert_id="a1")
