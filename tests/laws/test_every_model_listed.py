"""The table of everything that learns is complete; it is compared with what is found by looking."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import models
from tests.laws.every_model import MODELS, PARTS

LEARNING = {"learn", "learn_one", "update", "step", "run", "remove", "close", "write", "told", "take", "mark", "hear"}


def learners() -> Iterator[type[Any]]:
    """Every public class of `models` with a method that learns; protocols only say what such a class must have."""
    for module in pkgutil.iter_modules(models.__path__):
        for name, found in vars(importlib.import_module(f"models.{module.name}")).items():
            ours = isinstance(found, type) and found.__module__ == f"models.{module.name}"
            if not ours or name.startswith("_") or getattr(found, "_is_protocol", False):
                continue
            if any(method in LEARNING or method.startswith("close_") for method in dir(found)):
                yield found


def inside(whole: Any, seen: set[int]) -> Iterator[type[Any]]:
    """The classes of everything a model holds."""
    if id(whole) in seen:
        return
    seen.add(id(whole))
    yield type(whole)
    held = list(whole.values()) if isinstance(whole, dict) else list(whole) if isinstance(whole, (list, tuple)) else []
    for one in [*held, *vars(whole).values()] if hasattr(whole, "__dict__") else held:
        yield from inside(one, seen)


def test_no_class_that_learns_is_left_out() -> None:
    assert set(learners()) == {*MODELS, *PARTS}


@pytest.mark.parametrize("whole", sorted(set(PARTS.values()), key=lambda kind: kind.__name__))
def test_a_part_is_really_held_by_its_whole(whole: type[Any]) -> None:
    case = MODELS[whole]
    model = case.make()
    for number in range(2):
        case.feed(model, number)
    assert {part for part, of in PARTS.items() if of is whole} <= set(inside(model, set()))
