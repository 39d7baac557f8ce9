"""Every public topic has examples; each is valid, survives a round trip, and tells one coherent story."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from schemas.rows import SuggestionRow
from schemas.topics import FACTS, TOPICS

EXAMPLES = Path(__file__).resolve().parents[3] / "schemas" / "examples"
PUBLIC = {topic.name: topic.payload for topic in TOPICS if topic.payload is not None}
FILES = sorted(EXAMPLES.glob("*/*.json"))


def class_of(file: Path) -> type[BaseModel]:
    """The class an example must fit, by its place."""
    if file.parent.name == FACTS.name:
        return FACTS.tables[file.stem]
    model = PUBLIC[file.parent.name]
    assert model is not None
    return model


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS if topic.direction in ("in", "out")])
def test_a_public_topic_has_an_example(topic: str) -> None:
    assert list((EXAMPLES / topic).glob("*.json"))


def test_facts_have_an_example_for_each_table() -> None:
    assert {file.stem for file in (EXAMPLES / FACTS.name).glob("*.json")} == set(FACTS.tables)


def test_no_example_stands_under_a_topic_that_does_not_exist() -> None:
    assert {file.parent.name for file in FILES} <= {*PUBLIC, FACTS.name}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_an_example_is_valid_and_survives_a_round_trip(file: Path) -> None:
    example = class_of(file).model_validate_json(file.read_bytes())
    assert type(example).model_validate_json(example.model_dump_json()) == example


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_an_example_names_no_field_its_class_does_not_have(file: Path) -> None:
    assert set(json.loads(file.read_bytes())) <= set(class_of(file).model_fields)


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.direction == "in"], ids=lambda topic: topic.name)
def test_a_misspelt_field_is_refused(topic) -> None:  # type: ignore[no-untyped-def]
    content = json.loads(next(iter(sorted((EXAMPLES / topic.name).glob("*.json")))).read_bytes())
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        topic.payload.model_validate_json(json.dumps(content | {"acount_id": "A1042"}))


def test_the_key_of_a_public_topic_is_a_field_of_its_payload() -> None:
    for name, model in PUBLIC.items():
        topic = next(topic for topic in TOPICS if topic.name == name)
        assert model is not None
        assert topic.key in model.model_fields


def test_the_numbers_of_the_suggestion_add_up() -> None:
    text = (EXAMPLES / "suggestions" / "proposed.json").read_bytes()
    suggestion = SuggestionRow.model_validate_json(text)
    assert suggestion.worth_eur == suggestion.objective_before_eur - suggestion.objective_after_eur
    assert suggestion.potential_moved_eur == sum(move.potential_eur for move in suggestion.moves)
    gap = (suggestion.objective_after_eur - suggestion.bound_eur) / suggestion.objective_after_eur
    assert suggestion.gap_share == pytest.approx(gap, abs=5e-5)
    for move in suggestion.moves:
        parts = move.travel_eur + move.change_eur + move.balance_eur + move.overtime_eur
        assert move.worth_eur == parts
