"""Every field of every event and row means something, and no meaning is left over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from infra.reference.events import nested
from schemas.events import Order
from schemas.glossary import TERMS, entry_of, term_of
from schemas.rows import OrderRow, PotentialRow, SuggestionRow
from schemas.topics import TOPICS


def with_nested(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The class and those of the objects in its lists."""
    yield model
    for inner in nested(model):
        yield from with_nested(inner)


MODELS = sorted(
    {
        model
        for topic in TOPICS
        for top in (*([topic.payload] if topic.payload else []), *topic.tables.values())
        for model in with_nested(top)
    },
    key=lambda model: model.__name__,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_has_a_meaning(model: type[BaseModel]) -> None:
    assert [field for field in model.model_fields if term_of(model, field) is None] == []


def test_no_meaning_is_left_over() -> None:
    used = {entry_of(model, field) for model in MODELS for field in model.model_fields}
    assert set(TERMS) - used == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_unit_in_a_name_is_the_unit_of_the_field(model: type[BaseModel]) -> None:
    units = {"_eur": "EUR", "_km": "km", "_minutes": "minutes", "_hours": "hours", "_share": "share", "_weeks": "weeks"}
    for field in model.model_fields:
        term = term_of(model, field)
        for ending, unit in units.items():
            if field.endswith(ending) and term is not None:
                assert unit in term.unit, f"{model.__name__}.{field} has unit {term.unit!r}"


def test_a_class_may_give_a_word_its_own_meaning_and_its_rows_inherit_it() -> None:
    order, suggestion = term_of(OrderRow, "status"), term_of(SuggestionRow, "status")
    assert order == term_of(Order, "status")
    assert order != suggestion


def test_an_unknown_field_has_no_meaning() -> None:
    assert term_of(PotentialRow, "acount_id") is None
