"""Publishing a feed to Kafka: everything acknowledged, ticks at each new day, never further ahead than the consumers bear."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.feeds.lag import GROUPS, LagMeter, Lags, total
from infra.feeds.outbox import Outbox
from infra.feeds.plan import Send, Settle, TickEverywhere, plan
from infra.feeds.record import Feed
from schemas.errors import UnavailableError
from schemas.topics import ENGINE_GROUP, INPUTS

WINDOW = 20_000
POLL_SECONDS = 0.1
STALL_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a publication is: records sent (ticks apart), event time reached, records not yet consumed."""

    sent: int
    ticks: int
    at: datetime | None
    lag: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was published; every one of `records` and `ticks` was acknowledged by all replicas in sync."""

    records: int
    ticks: int
    by_topic: Mapping[str, int]
    first_at: datetime | None
    last_at: datetime | None
    seconds: float


Watcher = Callable[[Progress], None]


def publish(
    feed: Feed,
    bootstrap: str,
    progress: Watcher | None = None,
    window: int = WINDOW,
    *,
    closing_tick: bool = True,
    lateness_hours: float = 24,
    groups: Mapping[str, Sequence[str]] = GROUPS,
    stall_seconds: float = STALL_SECONDS,
    options: dict[str, Any] | None = None,
) -> Report:
    """Publish a feed and return when Kafka has acknowledged all of it (the consumers may still be working).

    `window` bounds the records in Kafka that the groups have not consumed; it protects a broker that keeps little.
    `options` are TLS and SASL settings. Raises UnavailableError (with the address) when Kafka is not there, when it does
    not acknowledge a record, or when the consumers make no progress for `stall_seconds`; RefusedError for a record
    larger than Kafka takes. Publishing the same feed again is safe: every event keeps its id.
    """
    with LagMeter(bootstrap, groups, options) as meter, Outbox(bootstrap, options) as outbox:
        return _Publication(outbox, meter, progress, window, stall_seconds).run(feed, lateness_hours, closing_tick)


class _Publication:
    """One run: the outbox sends, the meter says when to hold back."""

    def __init__(
        self, outbox: Outbox, meter: LagMeter, progress: Watcher | None, window: int, stall_seconds: float
    ) -> None:
        self._outbox = outbox
        self._meter = meter
        self._watch = progress or (lambda _: None)
        self._window = window
        self._chunk = max(1, window // 8)
        self._stall_seconds = stall_seconds
        self._unmeasured = 0
        self._records = 0
        self._by_topic: dict[str, int] = {}
        self._first: datetime | None = None
        self._last: datetime | None = None

    def run(self, feed: Feed, lateness_hours: float, closing_tick: bool) -> Report:
        started = time.monotonic()
        for step in plan(feed, lateness_hours, closing_tick):
            match step:
                case Send(record):
                    self._make_room()
                    self._outbox.send(record)
                    self._note(record.topic, record.at)
                case TickEverywhere(at):
                    self._make_room()
                    self._unmeasured += self._outbox.tick(at)
                case Settle():
                    self._settle()
        self._outbox.flush()
        self._tell(total(self._meter.read()))
        return Report(
            self._records, self._outbox.ticks, self._by_topic, self._first, self._last, time.monotonic() - started
        )

    def _note(self, topic: str, at: datetime) -> None:
        self._unmeasured += 1
        self._records += 1
        self._by_topic[topic] = self._by_topic.get(topic, 0) + 1
        self._first = at if self._first is None else min(self._first, at)
        self._last = at if self._last is None else max(self._last, at)

    def _make_room(self) -> None:
        """Measure after each eighth of the window, and hold back until another eighth fits."""
        if self._unmeasured >= self._chunk:
            self._hold(lambda lags: total(lags) + self._chunk <= self._window)

    def _settle(self) -> None:
        self._hold(lambda lags: input_lag(lags) == 0)

    def _hold(self, may_go_on: Callable[[Lags], bool]) -> None:
        self._outbox.flush()
        best, since = -1, time.monotonic()
        while True:
            lags = self._meter.read()
            behind = total(lags)
            self._tell(behind)
            if may_go_on(lags):
                break
            if best < 0 or behind < best:
                best, since = behind, time.monotonic()
            if time.monotonic() - since > self._stall_seconds:
                raise UnavailableError(
                    f"the consumers made no progress for {self._stall_seconds:.0f} s ({behind} records behind: "
                    f"{describe(lags)}); is a worker running?"
                )
            time.sleep(POLL_SECONDS)
        self._unmeasured = 0

    def _tell(self, lag: int) -> None:
        self._watch(Progress(self._records, self._outbox.ticks, self._last, lag))


def input_lag(lags: Lags) -> int:
    """Records of the input topics that the engine has not consumed."""
    engine = lags.get(ENGINE_GROUP, {})
    return sum(engine.get(topic.name, 0) for topic in INPUTS)


def describe(lags: Lags) -> str:
    """The lags that are not zero, for a message."""
    behind = [f"{group} {topic} {lag}" for group, topics in lags.items() for topic, lag in topics.items() if lag]
    return ", ".join(behind) or "nothing behind"


def wait_until_done(
    bootstrap: str,
    groups: Mapping[str, Sequence[str]] = GROUPS,
    is_quiet: Callable[[], bool] = lambda: True,
    progress: Callable[[Lags], None] | None = None,
    deadline: float = 600.0,
    options: dict[str, Any] | None = None,
) -> Lags:
    """Wait until all lags are 0 and `is_quiet()` holds, twice in a row; `deadline` in seconds from now.

    `is_quiet` covers what no lag shows, such as a solve under way. Twice, since a stage commits its input a moment
    before or after its output becomes visible. Raises UnavailableError naming who is behind when the deadline passes.
    """
    give_up = time.monotonic() + deadline
    calm = 0
    with LagMeter(bootstrap, groups, options) as meter:
        while True:
            lags = meter.read()
            if progress is not None:
                progress(lags)
            calm = calm + 1 if total(lags) == 0 and is_quiet() else 0
            if calm == 2:
                return lags
            if time.monotonic() > give_up:
                raise UnavailableError(f"not done after {deadline:.0f} s: {describe(lags)}")
            time.sleep(POLL_SECONDS)
