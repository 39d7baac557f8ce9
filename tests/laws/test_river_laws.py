"""River's own checks on everything that has River's manners; the list is made by looking, so that none is left out."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from river import base, evaluate, linear_model, metrics, preprocessing
from river.base.base import Base
from river.checks import common, yield_checks

import models
from models.detectors import CusumDetector, ShiryaevRobertsDetector
from models.one_at_a_time import AccountForecaster, HuberRegressor

ESTIMATORS: tuple[Callable[[], base.Estimator], ...] = (HuberRegressor, AccountForecaster)
DETECTORS = (CusumDetector, ShiryaevRobertsDetector)
OF_ALL = (
    common.check_repr,
    common.check_str,
    common.check_clone_same_class,
    common.check_clone_is_idempotent,
    common.check_clone_changes_memory_addresses,
    common.check_clone_with_new_params_applies,
    common.check_init_has_default_params_for_tests,
    common.check_init_default_params_are_not_mutable,
    common.check_doc,
    common.check_mutate_can_be_idempotent,
    common.check_pickling_supports_roundtrip,
    common.check_repr_roundtrips_clone,
    common.check_get_params_matches_signature,
)
"""River checks estimators with `yield_checks`; its detectors are none (they have no tags), so these get what needs none."""


def with_rivers_manners() -> Iterator[type[Any]]:
    """Every public class of `models` that is one of River's."""
    for module in pkgutil.iter_modules(models.__path__):
        for name, found in vars(importlib.import_module(f"models.{module.name}")).items():
            ours = isinstance(found, type) and found.__module__ == f"models.{module.name}"
            if ours and issubclass(found, Base) and not name.startswith("_"):
                yield found


def test_the_list_is_complete() -> None:
    assert set(with_rivers_manners()) == {*ESTIMATORS, *DETECTORS}


def checks_of_estimators() -> Iterator[Any]:
    for make in ESTIMATORS:
        for check in yield_checks(make()):
            yield pytest.param(make, check, id=f"{make.__name__}-{check.__name__}")


@pytest.mark.parametrize(("make", "check"), list(checks_of_estimators()))
def test_estimators_pass_the_checks_of_river(make: Callable[[], base.Estimator], check: Callable[[Any], None]) -> None:
    check(make())


@pytest.mark.parametrize("check", OF_ALL, ids=lambda check: check.__name__)
@pytest.mark.parametrize("make", DETECTORS)
def test_detectors_pass_the_checks_of_river(make: Callable[[], Any], check: Callable[[Any], None]) -> None:
    check(make())


def heavy_tailed_orders() -> Iterator[tuple[dict[str, float], float]]:
    """What was ordered last week and the week before, in EUR, with one bulk order in twenty."""
    rng = np.random.default_rng(5)
    for _ in range(600):
        last, before = rng.uniform(50, 500, size=2)
        bulk = 5_000 * (rng.random() < 0.05)
        yield {"last": last, "before": before}, 0.6 * last + 0.3 * before + rng.normal(0, 10) + bulk


def in_a_pipeline(regressor: base.Regressor) -> float:
    """Mean absolute error, each forecast made before its answer was learnt: all but the regressor is River's."""
    pipeline = preprocessing.StandardScaler() | preprocessing.TargetStandardScaler(regressor)
    return evaluate.progressive_val_score(heavy_tailed_orders(), pipeline, metrics.MAE()).get()


def test_the_regressor_works_in_a_pipeline_of_river_and_bulk_orders_pull_it_less_than_rivers_own() -> None:
    assert in_a_pipeline(HuberRegressor()) < 0.7 * in_a_pipeline(linear_model.LinearRegression())
