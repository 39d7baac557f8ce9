"""What holds for every model and detector: the same is said of the same, copies go on alike, memory does not grow, and
what is missing harms nothing.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detectors import CusumDetector, ShiryaevRobertsDetector
from models.one_at_a_time import HuberRegressor
from tests.laws.every_model import MODELS
from tests.laws.feeds.case import Case

each = pytest.mark.parametrize("case", [pytest.param(case, id=kind.__name__) for kind, case in MODELS.items()])
with_gaps = pytest.mark.parametrize(
    "case", [pytest.param(case, id=kind.__name__) for kind, case in MODELS.items() if not isinstance(case.missing, str)]
)


def plain(value: Any) -> Any:
    """Values that compare by what they say: NaN is NaN, and an array its numbers."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, np.generic):
        return plain(value.item())
    if is_dataclass(value):
        return [plain(getattr(value, one.name)) for one in fields(value)]
    return repr(value)


def unknowns(told: Any) -> int:
    """How many figures of a plain answer are no number."""
    if isinstance(told, dict):
        return unknowns(list(told.values()))
    return sum(map(unknowns, told)) if isinstance(told, (list, tuple)) else told == "nan"


def is_known(value: Any) -> bool:
    return value is not None and not np.isnan(value)


def said(case: Case, model: Any, first: int, last: int) -> list[Any]:
    return [plain(case.feed(model, number)) for number in range(first, last)]


@cache
def straight(case: Case) -> list[Any]:
    """What is said of a life as long as memory, in one piece."""
    return said(case, case.make(), 0, case.full)


def sizes(model: Any) -> tuple[int, int]:
    """Bytes of a model's arrays, and of everything else."""
    arrays: list[pickle.PickleBuffer] = []
    rest = len(pickle.dumps(model, protocol=5, buffer_callback=arrays.append))
    return sum(one.raw().nbytes for one in arrays), rest


@each
def test_the_same_input_twice_gives_the_same_output(case: Case) -> None:
    assert said(case, case.make(), 0, case.full) == straight(case)


@each
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_model_pickled_in_the_middle_of_its_stream_goes_on_alike(case: Case, share: float) -> None:
    middle = int(share * case.full)
    model = case.make()
    said(case, model, 0, middle)
    again = pickle.loads(pickle.dumps(model))  # noqa: S301  our own bytes
    assert said(case, again, middle, case.full) == straight(case)[middle:]


@pytest.mark.parametrize("case", [pytest.param(c, id=kind.__name__) for kind, c in MODELS.items() if c.again])
def test_a_model_read_from_its_own_snapshot_again_and_again_goes_on_alike(case: Case) -> None:
    assert case.again is not None
    model, told = case.make(), []
    for number in range(case.full):
        if number % 7 == 3:
            model = case.again(model)
        told.append(plain(case.feed(model, number)))
    assert told == straight(case)


@each
def test_memory_after_three_lives_is_that_of_two(case: Case) -> None:
    """The mean of each life, since alerts and events come and go; arrays to the byte, while of the rest a few more
    may stand by chance."""
    model, life = case.make(), max(case.full, case.memory)
    said(case, model, 0, life)
    lives = []
    for start in (life, 2 * life):
        seen = []
        for number in range(start, start + life):
            case.feed(model, number)
            seen.append(sizes(case.core(model)))
        lives.append([float(np.mean(of_kind)) for of_kind in zip(*seen, strict=True)])
    (arrays, rest), (later_arrays, later_rest) = lives
    assert later_arrays <= arrays
    assert later_rest <= 1.06 * rest


@with_gaps
def test_what_is_missing_is_passed_over_or_harms_nothing_that_comes_later(case: Case) -> None:
    assert not isinstance(case.missing, str)
    model, told = case.make(), []
    for number in range(case.full):
        if number % 5 == 2 and number < 0.6 * case.full:
            if case.refused:
                with pytest.raises(case.refused, match="finite"):
                    case.missing(model, number)
            else:
                case.missing(model, number)
            if not case.passed_over:
                continue
        told.append(plain(case.feed(model, number)))
    if case.passed_over:
        assert told == straight(case)
    assert unknowns(told[-1]) == unknowns(straight(case)[-1])


FIGURES = st.none() | st.just(float("nan")) | st.just(np.float64("nan")) | st.floats(-3, 3)


@given(st.lists(st.tuples(st.dictionaries(st.sampled_from("abc"), FIGURES), FIGURES), max_size=30))
def test_a_feature_that_is_not_known_counts_as_one_that_is_not_there(rows: list[tuple[dict[str, Any], Any]]) -> None:
    with_unknown, without = HuberRegressor(), HuberRegressor()
    for x, y in rows:
        known = {name: value for name, value in x.items() if is_known(value)}
        assert with_unknown.predict_one(x) == without.predict_one(known)
        with_unknown.learn_one(x, y)
        if is_known(y):
            without.learn_one(known, y)
    assert pickle.dumps(with_unknown) == pickle.dumps(without)


@pytest.mark.parametrize("make", [CusumDetector, ShiryaevRobertsDetector])
@given(seen=st.lists(st.none() | st.just(float("nan")) | st.floats(-4, 1), min_size=5, max_size=60))
def test_detectors_find_the_same_with_and_without_what_was_not_observed(
    make: Callable[[], Any], seen: list[float | None]
) -> None:
    with_unknown, without = make(), make()
    for x in seen:
        with_unknown.update(x)
        if is_known(x):
            without.update(x)
            assert (with_unknown.statistic, with_unknown.drift_detected) == (without.statistic, without.drift_detected)
        else:
            assert not with_unknown.drift_detected


@pytest.mark.parametrize("row", [({"b": 1.0, "c": "corner"}, 2.0), ({"a": float("inf")}, 2.0), ({"a": 1.0}, "much")])
def test_what_is_no_number_is_refused_and_nothing_is_learnt_of_it(row: tuple[dict[str, Any], Any]) -> None:
    model = HuberRegressor()
    model.learn_one({"a": 1.0}, 2.0)
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match=r"could not convert|finite"):
        model.learn_one(*row)
    assert pickle.dumps(model) == before
