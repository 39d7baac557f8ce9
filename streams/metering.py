"""What batches did, put into the catalogued metrics. The only place that knows both words."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime

from infra.metrics import catalogue as m
from infra.metrics.exporter import Metrics
from streams.ports import Output

log = logging.getLogger("terradrift")


class MetricsMeter:
    """Counts of handlers as Prometheus metrics; their notes go to the log."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def batch(self, stage: str, records: int, seconds: float, output: Output) -> None:
        if records:
            self._metrics.count(m.BATCHES, topic=stage)
            self._metrics.observe(m.SINK_BATCH_SECONDS if stage == "sink" else m.HANDLER_SECONDS, seconds, topic=stage)
        for (name, label), amount in output.counts.items():
            self._count(name, label, amount)
        for (name, label), value in output.gauges.items():
            self._gauge(name, label, value)
        for note in output.notes:
            log.warning(note)

    def positions(self, offsets: Mapping[tuple[str, int], int]) -> None:
        for (topic, partition), offset in offsets.items():
            self._metrics.set(m.POSITION, offset, topic=topic, partition=str(partition))

    def lags(self, group: str, lag_by_topic: Mapping[str, int]) -> None:
        for topic, lag in lag_by_topic.items():
            self._metrics.set(m.CONSUMER_LAG, lag, group=group, topic=topic)

    def standing(self, stalled: bool, stuck_seconds: float) -> None:
        self._metrics.set(m.STALLED, float(stalled))
        self._metrics.set(m.STUCK_SECONDS, stuck_seconds)

    def solves(self, running: int, status: str, seconds: float) -> None:
        self._metrics.set(m.SOLVES_RUNNING, running)
        if status:
            self._metrics.count(m.SOLVES, status=status)
            self._metrics.observe(m.SOLVE_SECONDS, seconds)

    def _count(self, name: str, label: str, amount: int) -> None:
        count = self._metrics.count
        match name:
            case "messages":
                count(m.MESSAGES, amount, topic=label)
            case "dead_letters":
                topic, _, reason = label.partition("|")
                count(m.DEAD_LETTERS, amount, topic=topic, reason=reason)
            case "facts":
                count(m.FACTS, amount, table=label)
            case "duplicates":
                count(m.DUPLICATES, amount, topic=label)
            case "late_events":
                count(m.LATE_EVENTS, amount, topic=label)
            case "corrections":
                count(m.CORRECTIONS, amount, region=label)
            case "repeated":
                count(m.REPEATED, amount, region=label)
            case "too_late_days":
                count(m.TOO_LATE_DAYS, amount, region=label)
            case "weeks_closed":
                count(m.WEEKS_CLOSED, amount, region=label)
            case "suggestions" | "solves_fruitless" | "solves_refuted" | "solves_failed" | "unsolvable":
                count(m.ANSWERS, amount, region=label, outcome=name)
            case "solves_cut_short":
                reason, _, region = label.partition("|")
                count(m.CUT_SHORT, amount, region=region, reason=reason)
            case "rows":
                count(m.SINK_ROWS, amount, table=label)
            case "missed":
                count(m.MISSED, amount, topic=label)
            case "sink_errors":
                count(m.SINK_ERRORS, amount, topic=label)

    def _gauge(self, name: str, label: str, value: float) -> None:
        match name:
            case "closed_day":
                self._metrics.set(m.CLOSED_DAY, _midnight(value), partition=label)
            case "watermark":
                self._metrics.set(m.WATERMARK, value, partition=label)
            case "region_closed_day":
                self._metrics.set(m.REGION_CLOSED_DAY, _midnight(value), region=label)
            case "open_alerts":
                state, _, region = label.partition("|")
                self._metrics.set(m.OPEN_ALERTS, value, state=state, region=region)
            case "suggestions_waiting":
                self._metrics.set(m.SUGGESTIONS_WAITING, value, region=label)
            case "forecast_wape":
                region, _, horizon = label.partition("|")
                self._metrics.set(m.FORECAST_WAPE, value, region=region, horizon=horizon)
            case "worst_deviation":
                self._metrics.set(m.WORST_DEVIATION, value, region=label)
            case "snapshot_bytes":
                self._metrics.set(m.SNAPSHOT_BYTES, value, partition=label)


def _midnight(ordinal: float) -> float:
    return datetime.combine(date.fromordinal(int(ordinal)), datetime.min.time(), UTC).timestamp()
