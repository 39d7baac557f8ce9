"""The metrics are offered over HTTP, and the health check reads them."""

from __future__ import annotations

import urllib.request

import pytest

from infra.metrics import catalogue, health
from infra.metrics.exporter import Metrics, MetricsServer
from schemas.errors import SettingsError

pytestmark = pytest.mark.io


def test_a_free_port_is_taken_and_named() -> None:
    metrics = Metrics()
    metrics.count(catalogue.FACTS, 5, table="orders")
    with (
        MetricsServer.start(metrics, "127.0.0.1", 0) as server,
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=5) as answer,
    ):
        assert 'terradrift_facts_total{table="orders"} 5.0' in answer.read().decode()


def test_a_taken_port_is_named_in_the_error() -> None:
    with (
        MetricsServer.start(Metrics(), "127.0.0.1", 0) as server,
        pytest.raises(SettingsError, match=f"127.0.0.1:{server.port}"),
    ):
        MetricsServer.start(Metrics(), "127.0.0.1", server.port)


def test_health_is_well_then_stalled_then_unreachable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = Metrics()
    with MetricsServer.start(metrics, "127.0.0.1", 0) as server:
        monkeypatch.setenv("TERRADRIFT_METRICS_PORT", str(server.port))
        assert health.main(["worker"]) == 0
        metrics.set(catalogue.STALLED, 1)
        assert health.main(["worker"]) == 1
        assert "stalled" in capsys.readouterr().out
    assert health.health(server.port) == "unreachable"
