"""The metrics of one process, built from the catalogue on a registry of their own, and offered over HTTP."""

from __future__ import annotations

from threading import Thread
from types import TracebackType
from typing import Self
from wsgiref.simple_server import WSGIServer

import prometheus_client as client

from infra.metrics import catalogue
from schemas.errors import SettingsError


class Metrics:
    """Counts, sets and observes catalogued metrics. Safe to call from several threads."""

    def __init__(self) -> None:
        self.registry = client.CollectorRegistry()
        client.ProcessCollector(registry=self.registry)  # memory, CPU, open files of this process, where Linux tells
        # the client appends `_total` to a counter's name by itself
        self._counters = {
            metric.name: client.Counter(
                metric.name.removesuffix("_total"), metric.help, metric.labels, registry=self.registry
            )
            for metric in catalogue.METRICS
            if isinstance(metric, catalogue.Counter)
        }
        self._gauges = {
            metric.name: client.Gauge(metric.name, metric.help, metric.labels, registry=self.registry)
            for metric in catalogue.METRICS
            if isinstance(metric, catalogue.Gauge)
        }
        self._histograms = {
            metric.name: client.Histogram(
                metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self.registry
            )
            for metric in catalogue.METRICS
            if isinstance(metric, catalogue.Histogram)
        }

    def count(self, metric: catalogue.Counter, amount: float = 1, **labels: str) -> None:
        """Add `amount` (>= 0). Raises ValueError when the labels are not the catalogue's."""
        counter = self._counters[metric.name]
        (counter.labels(**labels) if metric.labels or labels else counter).inc(amount)

    def set(self, metric: catalogue.Gauge, value: float, **labels: str) -> None:
        """Say the present value. Raises ValueError when the labels are not the catalogue's."""
        gauge = self._gauges[metric.name]
        (gauge.labels(**labels) if metric.labels or labels else gauge).set(value)

    def forget(self, metric: catalogue.Gauge, **labels: str) -> None:
        """Stop showing a value that is no longer ours to say, e.g. of a partition that moved to another worker."""
        self._gauges[metric.name].remove(*(labels[name] for name in metric.labels))

    def observe(self, metric: catalogue.Histogram, seconds: float, **labels: str) -> None:
        """Add one duration. Raises ValueError when the labels are not the catalogue's."""
        histogram = self._histograms[metric.name]
        (histogram.labels(**labels) if metric.labels or labels else histogram).observe(seconds)

    def value(self, series: str, **labels: str) -> float | None:
        """The present value of a series (`terradrift_solve_seconds_count`), None while it has none."""
        return self.registry.get_sample_value(series, labels)

    def text(self) -> str:
        """The exposition as Prometheus reads it."""
        return client.generate_latest(self.registry).decode()


class MetricsServer:
    """Offers `metrics` at http://host:port/metrics from a thread of its own until it is closed."""

    def __init__(self, server: WSGIServer, thread: Thread, host: str) -> None:
        self._server = server
        self._thread = thread
        self.host = host
        self.port: int = server.server_port

    @classmethod
    def start(cls, metrics: Metrics, host: str, port: int) -> Self:
        """Listen on host:port; port 0 takes a free one, and `port` of the result is the real one.

        Raises SettingsError when the address cannot be had.
        """
        try:
            server, thread = client.start_http_server(port, addr=host, registry=metrics.registry)
        except OSError as error:
            raise SettingsError(f"metrics cannot be offered on {host}:{port}: {error.strerror}") from None
        return cls(server, thread, host)

    def close(self) -> None:
        """Stop listening and wait for the thread."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
