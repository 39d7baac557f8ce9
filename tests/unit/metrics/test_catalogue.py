"""The catalogue keeps Prometheus' manners."""

from __future__ import annotations

import pytest

from infra.metrics import catalogue
from infra.metrics.catalogue import METRICS, Counter, Histogram, Metric, series_of

LABELS = {
    "topic", "reason", "table", "group", "partition", "state", "region", "status", "horizon", "outcome",
    "version", "model_version", "config_version",
}  # fmt: skip


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_has_a_name_of_ours_a_sentence_and_a_unit(metric: Metric) -> None:
    assert metric.name.startswith("terradrift_")
    assert metric.name.isidentifier()
    assert metric.name == metric.name.lower()
    assert metric.help.endswith(".")
    assert metric.unit
    assert (metric.unit == "seconds") == metric.name.endswith("_seconds") or "timestamp" in metric.name


def test_names_are_unique() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_a_counter_and_nothing_else_ends_in_total() -> None:
    for metric in METRICS:
        assert metric.name.endswith("_total") == isinstance(metric, Counter)


def test_every_declared_metric_is_listed() -> None:
    declared = [value for value in vars(catalogue).values() if isinstance(value, Metric)]
    assert set(declared) == set(METRICS)


def test_labels_are_few_and_never_an_account_or_a_person() -> None:
    assert {label for metric in METRICS for label in metric.labels} <= LABELS


def test_buckets_rise() -> None:
    for metric in METRICS:
        if isinstance(metric, Histogram):
            assert list(metric.buckets) == sorted(set(metric.buckets))
            assert series_of(metric) == (f"{metric.name}_bucket", f"{metric.name}_sum", f"{metric.name}_count")
