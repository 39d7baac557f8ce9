"""Every metric, declared once. Alert rules, dashboards and the operations page may name only these; a test walks them.

Handlers return values and know none of this; the edges count what the handlers returned. Labels are bounded: topics,
tables, partitions, regions, a few words. Accounts, reps and suggestions are never labels.
"""

from __future__ import annotations

from dataclasses import dataclass

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds: handlers, batches, snapshots
SLOW = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0)  # seconds: solves


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric under the name Prometheus shows. `labels` are in the order of the catalogue's prose."""

    name: str
    help: str
    unit: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counter(Metric):
    """Only ever rises within a life of the process; its name ends in `_total`."""


@dataclass(frozen=True, slots=True)
class Gauge(Metric):
    """A present value."""


@dataclass(frozen=True, slots=True)
class Histogram(Metric):
    """A distribution; Prometheus shows `_bucket`, `_sum` and `_count`."""

    buckets: tuple[float, ...] = FAST


MESSAGES = Counter(
    "terradrift_messages_total", "Messages brought to an outcome: applied or buried.", "messages", ("topic",)
)
DEAD_LETTERS = Counter(
    "terradrift_dead_letters_total", "Messages that could never be applied and were buried.", "messages", ("topic", "reason")
)  # fmt: skip
FACTS = Counter("terradrift_facts_total", "Accepted input events written to the facts topic.", "rows", ("table",))
BATCHES = Counter("terradrift_batches_total", "Record batches handled.", "batches", ("topic",))
HANDLER_SECONDS = Histogram(
    "terradrift_handler_seconds", "Time a handler took for one batch or message.", "seconds", ("topic",)
)
CONSUMER_LAG = Gauge(
    "terradrift_consumer_lag_messages", "Messages in the log that the group has not committed yet.", "messages", ("group", "topic")
)  # fmt: skip
POSITION = Gauge(
    "terradrift_consumer_position_offset", "Offset of the next message to be handled.", "offset", ("topic", "partition")
)
WATERMARK = Gauge(
    "terradrift_watermark_timestamp_seconds", "Event time up to which an activity partition is taken as complete.",
    "seconds since 1970, event time", ("partition",),
)  # fmt: skip
CLOSED_DAY = Gauge(
    "terradrift_closed_day_timestamp_seconds", "Midnight (UTC) at which the newest closed day of an activity partition began.",
    "seconds since 1970, event time", ("partition",),
)  # fmt: skip
REGION_CLOSED_DAY = Gauge(
    "terradrift_region_closed_day_timestamp_seconds", "Midnight (UTC) at which the newest closed day of a region began.",
    "seconds since 1970, event time", ("region",),
)  # fmt: skip
WORST_DEVIATION = Gauge(
    "terradrift_worst_deviation_ratio", "Largest deviation of a territory from its fair share of potential.",
    "share", ("region",),
)  # fmt: skip
DUPLICATES = Counter(
    "terradrift_duplicates_total", "Events that came again with the same id and content, and changed nothing.",
    "events", ("topic",),
)  # fmt: skip
LATE_EVENTS = Counter(
    "terradrift_late_events_total", "Events that came after their day had closed.", "events", ("topic",)
)
CORRECTIONS = Counter(
    "terradrift_corrections_total",
    "Account days whose totals changed after the region had closed them.",
    "account days",
    ("region",),
)
REPEATED = Counter(
    "terradrift_repeated_messages_total", "Messages of a region's log that came again, after a restart of who wrote them.",
    "messages", ("region",),
)  # fmt: skip
TOO_LATE_DAYS = Counter(
    "terradrift_too_late_days_total", "Account days that came too late for a region to correct its weeks.",
    "account days", ("region",),
)  # fmt: skip
OPEN_ALERTS = Gauge("terradrift_open_alerts", "Alerts that are not resolved.", "alerts", ("state", "region"))
SUGGESTIONS_WAITING = Gauge(
    "terradrift_suggestions_waiting", "Suggestions that wait for a manager's decision.", "suggestions", ("region",)
)
SOLVES_RUNNING = Gauge("terradrift_solves_running", "Solves in the process pool now.", "solves")
SOLVES = Counter(
    "terradrift_solves_total", "Finished solves: `solved`, or `failed`, which brought no answer.", "solves", ("status",)
)  # fmt: skip
CUT_SHORT = Counter(
    "terradrift_solves_cut_short_total", "Solves that answered with the best plan so far: their `clock` struck, or a step ended in `failure`.",
    "solves", ("region", "reason"),
)  # fmt: skip
ANSWERS = Counter(
    "terradrift_answers_total", "What became of the plans a region asked for: suggestions, or why there was none.",
    "answers", ("region", "outcome"),
)  # fmt: skip
SOLVE_SECONDS = Histogram("terradrift_solve_seconds", "Wall-clock time of one solve.", "seconds", buckets=SLOW)
WEEKS_CLOSED = Counter("terradrift_weeks_closed_total", "Weeks a region has closed.", "weeks", ("region",))
FORECAST_WAPE = Gauge(
    "terradrift_forecast_wape_ratio", "Absolute forecast error over actual revenue of the newest closed week.",
    "share", ("region", "horizon"),
)  # fmt: skip
SINK_ROWS = Counter("terradrift_sink_rows_total", "Rows that reached ClickHouse.", "rows", ("table",))
SINK_BATCH_SECONDS = Histogram(
    "terradrift_sink_batch_seconds", "Time to write one range of offsets: ledger and rows.", "seconds", ("topic",)
)
SINK_ERRORS = Counter(
    "terradrift_sink_errors_total", "Failed writes to ClickHouse; each is tried again.", "writes", ("topic",)
)
MISSED = Counter(
    "terradrift_records_missed_total", "Records that Kafka had deleted before they were read: nobody reads them any more.",
    "records", ("topic",),
)  # fmt: skip
SNAPSHOT_BYTES = Gauge(
    "terradrift_snapshot_bytes",
    "What was written for the newest snapshot of the regions of a partition: the pieces that had changed.",
    "bytes",
    ("partition",),
)
STALLED = Gauge(
    "terradrift_progress_stalled", "1 while the watchdog sees messages waiting and no progress, else 0.", "0 or 1"
)
STUCK_SECONDS = Gauge(
    "terradrift_progress_stuck_seconds",
    "Time without progress that no wait for ClickHouse, Kafka or state excuses; the process ends at `feed.stall_exit_seconds`.",
    "seconds",
)
BUILD_INFO = Gauge(
    "terradrift_build_info", "Always 1; the labels say which code, model and settings run.", "1",
    ("version", "model_version", "config_version"),
)  # fmt: skip

METRICS: tuple[Metric, ...] = (
    MESSAGES, DEAD_LETTERS, FACTS, BATCHES, HANDLER_SECONDS,
    CONSUMER_LAG, POSITION, WATERMARK, CLOSED_DAY, REGION_CLOSED_DAY, WORST_DEVIATION, DUPLICATES, LATE_EVENTS, CORRECTIONS,
    REPEATED, TOO_LATE_DAYS,
    OPEN_ALERTS, SUGGESTIONS_WAITING, SOLVES_RUNNING, SOLVES, CUT_SHORT, ANSWERS, SOLVE_SECONDS, WEEKS_CLOSED, FORECAST_WAPE,
    SINK_ROWS, SINK_BATCH_SECONDS, SINK_ERRORS, MISSED,
    SNAPSHOT_BYTES, STALLED, STUCK_SECONDS, BUILD_INFO,
)  # fmt: skip


def series_of(metric: Metric) -> tuple[str, ...]:
    """The names a query may use for this metric."""
    if isinstance(metric, Histogram):
        return tuple(metric.name + suffix for suffix in ("_bucket", "_sum", "_count"))
    return (metric.name,)
