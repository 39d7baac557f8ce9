"""What is counted is shown, under the catalogue's name, and nowhere else."""

from __future__ import annotations

import prometheus_client
import pytest

from infra.metrics import catalogue
from infra.metrics.exporter import Metrics


def test_a_count_is_shown_under_its_name_and_labels() -> None:
    metrics = Metrics()
    metrics.count(catalogue.DEAD_LETTERS, 2, topic="orders", reason="invalid")
    metrics.count(catalogue.DEAD_LETTERS, topic="orders", reason="invalid")
    assert metrics.value("terradrift_dead_letters_total", topic="orders", reason="invalid") == 3
    assert 'terradrift_dead_letters_total{reason="invalid",topic="orders"} 3.0' in metrics.text()


def test_a_gauge_shows_its_last_value() -> None:
    metrics = Metrics()
    metrics.set(catalogue.SOLVES_RUNNING, 2)
    metrics.set(catalogue.SOLVES_RUNNING, 1)
    assert metrics.value("terradrift_solves_running") == 1


def test_a_duration_falls_into_its_bucket() -> None:
    metrics = Metrics()
    metrics.observe(catalogue.SOLVE_SECONDS, 0.3)
    assert metrics.value("terradrift_solve_seconds_bucket", le="0.25") == 0
    assert metrics.value("terradrift_solve_seconds_bucket", le="0.5") == 1
    assert metrics.value("terradrift_solve_seconds_sum") == 0.3


def test_a_partition_that_moved_away_is_no_longer_shown() -> None:
    metrics = Metrics()
    metrics.set(catalogue.WATERMARK, 1.7e9, partition="3")
    metrics.forget(catalogue.WATERMARK, partition="3")
    assert metrics.value("terradrift_watermark_timestamp_seconds", partition="3") is None


@pytest.mark.parametrize("labels", [{}, {"topic": "orders"}, {"topic": "orders", "reason": "x", "account": "A1"}])
def test_labels_other_than_the_catalogues_are_an_error(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="label"):
        Metrics().count(catalogue.DEAD_LETTERS, 1, **labels)


def test_labels_of_a_metric_without_labels_are_an_error() -> None:
    with pytest.raises(ValueError, match="label"):
        Metrics().set(catalogue.SOLVES_RUNNING, 1, region="west")


def test_two_processes_worth_of_metrics_do_not_meet() -> None:
    one, other = Metrics(), Metrics()
    one.count(catalogue.MESSAGES, topic="orders")
    assert other.value("terradrift_messages_total", topic="orders") is None
    assert b"terradrift" not in prometheus_client.generate_latest(prometheus_client.REGISTRY)


def test_every_catalogued_metric_is_offered() -> None:
    described = {line.split()[2] for line in Metrics().text().splitlines() if line.startswith("# HELP terradrift_")}
    described = {name for name in described if not name.endswith("_created")}  # the client's own, beside each histogram
    assert described == {metric.name for metric in catalogue.METRICS}
