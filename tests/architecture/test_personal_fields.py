"""Whoever adds a field of text to a topic says whether it may tell who somebody is; what erases and proves derives from it."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from infra.privacy.erasure import CHANGES
from infra.privacy.topics import PERSONAL_TOPICS, gone_by
from schemas.personal import FREE_TEXT, IDENTIFYING, PLAIN, fields_of, personal_fields
from schemas.topics import ACCOUNTS, DEAD_LETTERS, FACTS, INTAKE_STATE, ORDERS, REGION_EVENTS, REPS, TOPICS, Topic


def parts(annotation: Any) -> list[Any]:
    return [annotation, *(part for inner in get_args(annotation) for part in parts(inner))]


def texts(topic: Topic) -> set[str]:
    """Names of its fields that hold strings, alone or in a list; not those that can only be one of a few words."""
    return {name for name, annotation in fields_of(topic) if str in parts(annotation)}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_field_of_text_is_judged(topic: Topic) -> None:
    assert texts(topic) - IDENTIFYING - FREE_TEXT - PLAIN == set()


def test_no_field_is_judged_twice_or_is_of_no_topic() -> None:
    there = {name for topic in TOPICS for name, _ in fields_of(topic)}
    assert (IDENTIFYING | FREE_TEXT | PLAIN) - there == set()
    assert not IDENTIFYING & FREE_TEXT
    assert not (IDENTIFYING | FREE_TEXT) & PLAIN


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_has_an_end_for_what_is_personal(topic: Topic) -> None:
    assert topic.compacted or topic.retention_ms > 0
    assert gone_by(topic)


def test_whatever_an_erasure_takes_from_the_tables_is_known_to_identify() -> None:
    statements = [statement for tables in CHANGES.values() for statement in tables.values()]
    settings = [
        statement.removeprefix("UPDATE ").split(" WHERE ")[0] for statement in statements if "UPDATE" in statement
    ]
    assert {pair.split(" = ")[0] for changed in settings for pair in changed.split(", ")} <= IDENTIFYING | FREE_TEXT


def test_the_proof_reads_every_topic_that_can_carry_a_name() -> None:
    read = {topic.name for topic in PERSONAL_TOPICS}
    assert {topic.name for topic in (ACCOUNTS, REPS, FACTS, REGION_EVENTS, DEAD_LETTERS)} <= read
    assert {ORDERS.name, INTAKE_STATE.name} & read == set()
    assert "name" not in personal_fields(REGION_EVENTS)
