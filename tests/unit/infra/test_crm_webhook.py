"""What is signed, and where two sides differ."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from infra.crm.reconcile import Difference, differences, read_crm
from infra.crm.webhook import body_of, signature
from schemas.errors import RefusedError
from schemas.rows import AssignmentChangeRow

CHANGE = AssignmentChangeRow(
    region_id="north", as_of=datetime(2026, 6, 1, tzinfo=UTC), model_version="m", config_version="c", change_id="ch1",
    account_id="a1", from_rep="r1", to_rep="r2", valid_from=date(2026, 6, 2), suggestion_id="s1", decision_id="d1", kind="move",
)  # fmt: skip


def test_a_body_is_the_same_bytes_each_time_and_says_what_changes() -> None:
    told = json.loads(body_of(CHANGE))
    assert body_of(CHANGE) == body_of(CHANGE.model_copy())
    assert {"account_id": "a1", "from_rep": "r1", "to_rep": "r2", "valid_from": "2026-06-02"}.items() <= told.items()


def test_the_signature_is_that_of_timestamp_and_body() -> None:
    expected = hmac.new(b"secret", b'1782000000.{"a":1}', sha256).hexdigest()
    assert signature("secret", "1782000000", b'{"a":1}') == f"v1={expected}"
    assert signature("secret", "1782000001", b'{"a":1}') != f"v1={expected}"


def test_differences_name_each_side() -> None:
    here = [("a1", "r1", False), ("a2", "r2", True), ("a3", "", False)]
    assert differences(here, {"a1": "r1", "a2": "r9", "a7": "r7"}) == [
        Difference("a2", "other_rep", "r2", "r9", True), Difference("a3", "missing_in_crm", "", "", False),
        Difference("a7", "unknown_here", "", "r7", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("account_id\na1\n", "rep_id"),
        ("account_id,rep_id\n,r1\n", "line 2"),
        ("account_id,rep_id\na1,r1\na1,r2\n", "twice"),
    ],
)
def test_a_file_of_the_crm_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "owners.csv"
    file.write_text(text)
    with pytest.raises(RefusedError, match=word):
        read_crm(file)
