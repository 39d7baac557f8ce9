"""The Faust app: agents that subscribe, and a consumer that takes the batches. Nothing is decided here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import faust
from faust.types import StreamT

from schemas.errors import TerradriftError
from schemas.topics import TICKED
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.ticks import ticks
from streams.transport.consumer import BatchConsumer, consumer_for
from streams.transport.delivery import Delivery
from streams.transport.in_hand import InHand
from streams.transport.lease import Lease
from streams.transport.log_ends import LogEnds
from streams.transport.producer import BatchProducer
from streams.transport.progress import ENDS, REBALANCE, Place, ProgressMeter, Standing
from streams.transport.upstream.app import MendedApp, worker_of
from streams.transport.watchdog import Watchdog

Step = Callable[[], Awaitable[None]]
COMMIT_SECONDS = 0.2
TICK_SECONDS = 60.0
PROGRESS_SECONDS = 2.0
ENDS_SECONDS = 60.0
SESSION_SECONDS, HEARTBEAT_SECONDS = 10.0, 1.0
FETCH_BYTES = 1_048_576


class StagesApp(MendedApp):
    """A Faust app that opens what its stages need before it starts and closes it when it stops."""

    in_hand: InHand
    opening: Sequence[Step] = ()
    closing: Sequence[Step] = ()

    async def on_start(self) -> None:
        for step in self.opening:
            await step()
        await super().on_start()

    async def on_stop(self) -> None:
        await super().on_stop()
        for step in self.closing:
            await step()


def build_app(
    group: str,
    brokers: str,
    security: dict[str, Any],
    topics: Sequence[str],
    delivery: Delivery,
    instance: str = "",
    lease: Lease | None = None,
) -> StagesApp:
    """An app whose consumer group is `group`, reading `topics` from the beginning or from where the group stands.

    With an `instance` the member is static: restarted within the session it takes its own partitions back at once.
    """
    app = StagesApp(
        group,
        broker=[f"kafka://{address}" for address in brokers.split(",")],
        broker_credentials=_credentials(security),
        broker_commit_interval=COMMIT_SECONDS,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_max_poll_interval=600.0,
        consumer_group_instance_id=instance or None,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        stream_wait_empty=False,
    )
    app.in_hand = InHand(delivery)
    app.transport.Consumer = consumer_for(app.in_hand, lease)  # type: ignore[misc] # the transport reads it from its instance
    for name in topics:
        _subscribe(app, name)
    return app


def _subscribe(app: faust.App, name: str) -> None:
    """An agent that makes the group read a topic. Its stream stays empty: the batches go to the stages."""

    async def reads(stream: StreamT[bytes]) -> None:
        async for _ in stream:
            raise RuntimeError(f"{name}: a record went past the batch path")

    app.agent(app.topic(name, key_type=bytes, value_type=bytes), name=f"reads-{name}")(reads)


def declare_progress(app: StagesApp, meter: ProgressMeter, watchdog: Watchdog) -> None:
    """Every few seconds say how far behind this process is; the watchdog judges whether it gets on.

    Not by a timer of Faust's: those start when the first partitions have come, and that is waited for, too.
    """
    ends = LogEnds(lambda partitions: app.consumer.highwaters(*partitions))

    async def say_the_progress() -> None:
        consumer = cast(BatchConsumer, app.consumer)
        while not app.should_stop:
            standings = standings_of(consumer, ends)
            by_topic: dict[str, int] = {}
            for (topic, _), standing in standings.items():
                by_topic[topic] = by_topic.get(topic, 0) + standing.lag
            meter.lags(str(app.conf.id), by_topic)
            watchdog.report(
                {**standings, **app.in_hand.standings(), REBALANCE: consumer.rebalance(), ENDS: ends.standing()}
            )
            await app.sleep(PROGRESS_SECONDS)

    async def begin() -> None:
        app.add_future(say_the_progress())

    @app.timer(interval=ENDS_SECONDS)  # type: ignore[untyped-decorator]
    async def ask_for_the_ends() -> None:
        await ends.refresh(list(cast(BatchConsumer, app.consumer).positions()))

    app.opening = (*app.opening, begin)
    app.closing = (watchdog.stop, *app.closing)


def standings_of(consumer: BatchConsumer, ends: LogEnds) -> dict[Place, Standing]:
    """How far every open partition is, and how far its log goes: by the newest fetch, or by the broker's word where that says more."""
    return {
        (tp.topic, tp.partition): Standing(
            position, max(max(consumer.highwater(tp) or 0, ends.end(tp)) - consumer.passed(tp), 0)
        )
        for tp, position in consumer.positions().items()
    }


def declare_ticker(app: StagesApp, producer: BatchProducer, activity: ActivityStage, live_hours: float) -> None:
    """Every minute say the time on our partitions, so that days close where nothing happens; not while history plays."""

    @app.timer(interval=TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def say_the_time() -> None:
        mine = [(tp.topic, tp.partition) for tp in app.consumer.assignment() if tp.topic in TICKED]
        now = datetime.now(UTC)
        newest = activity.newest_event()
        has_activity = any(
            topic in ActivityStage.topics for topic, _ in mine
        )  # else it cannot tell whether history plays
        if not has_activity or (newest is not None and now - newest <= timedelta(hours=live_hours)):
            await asyncio.gather(*await producer.send(ticks(mine, now)))


def _credentials(security: dict[str, Any]) -> Any:
    """TLS and SASL settings in Faust's own words; None for plain text."""
    protocol = security.get("security_protocol", "PLAINTEXT")
    if protocol == "PLAINTEXT":
        return None
    if protocol == "SSL":
        return faust.SSLCredentials(context=security["ssl_context"])
    return faust.SASLCredentials(
        mechanism=security["sasl_mechanism"],
        username=security["sasl_plain_username"],
        password=security["sasl_plain_password"],
        ssl_context=security.get("ssl_context"),
    )


def run(app: StagesApp, log_level: str) -> int:
    """Run until a signal stops it; the exit status. A crash of any service gives a status other than 0.

    Raises the TerradriftError that ended it, if one did: its sentence belongs behind the tracebacks, not among them.
    """
    worker = worker_of(app, log_level)
    try:
        worker.execute_from_commandline()
    except SystemExit as stopped:
        if isinstance(worker.crash_reason, TerradriftError):
            raise worker.crash_reason from None
        return int(stopped.code or 0)
