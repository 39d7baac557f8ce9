"""The list: every fault or lack of Faust and aiokafka that is mended or avoided, where, and which of their issues tell of it.

`test_upstream_faults.py` walks it: what is named exists, and the versions are those installed. After raising one of them look at each
line again (`make test-kafka` is what shows most of them), then change `SEEN_ON`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FAUST, AIOKAFKA = "faust-streaming", "aiokafka"
SEEN_ON: Mapping[str, str] = {FAUST: "0.15.3", AIOKAFKA: "0.14.0"}


@dataclass(frozen=True)
class Fault:
    library: str
    does: str
    place: str
    """Of what we do instead: `module:name`."""
    issues: tuple[int, ...] = ()
    """Of the library's own repository; none where we found none that tells of it."""


HERE = "streams.transport.upstream"
FAULTS = (
    Fault(
        FAUST,
        "an agent that raises skips its event, or loses the batch taken with it, and commits",
        "streams.transport.consumer:BatchConsumer.take",
        (315, 527),
    ),
    Fault(
        FAUST,
        "commits stop or go too far where acknowledged offsets have gaps",
        "streams.transport.durable:Durable",
        (606, 596),
    ),
    Fault(
        FAUST,
        "a consumer slowly dies, and its worker lives on without it",
        "streams.transport.watchdog:Watchdog",
        (166, 175, 523, 532, 640),
    ),
    Fault(
        FAUST,
        "timers and tasks of an app begin only when the first partitions have come, so none can watch whether they come",
        "streams.agents:declare_progress",
    ),
    Fault(
        AIOKAFKA,
        "knows where a log ends from its own fetches alone, and nobody is told when its fetching task has died",
        "streams.transport.log_ends:LogEnds",
    ),
    Fault(
        FAUST,
        "recovery of a table hangs when its changelog is empty or was trimmed",
        "streams.transport.changelog:restore",
        (158, 176, 597, 651),
    ),
    Fault(
        FAUST,
        "exactly_once hangs, and dies at rebalances; so state carries its offset instead",
        "streams.transport.delivery:Delivery",
        (136, 177, 323, 440, 517),
    ),
    Fault(
        FAUST,
        "windows close late, never, or for the wrong partition; so account days are closed by their own clock",
        "streams.handlers.activity.days_said:DaysSaid",
        (118, 193, 250, 385),
    ),
    Fault(
        FAUST,
        "a worker that crashed, or is to stop during an outage, waits for ever",
        f"{HERE}.stopping:end_within",
        (324,),
    ),
    Fault(
        FAUST,
        "a call to a consumer thread that has crashed is never answered",
        f"{HERE}.consumer:MendedConsumer.send_commit",
    ),
    Fault(
        FAUST,
        "its watch on streams ends the process at a partition whose first position is still being asked for",
        f"{HERE}.consumer:MendedConsumer.verify_event_path",
    ),
    Fault(
        FAUST,
        "seeks to the committed offsets a second time after a rebalance, behind our back",
        f"{HERE}.consumer:MendedConsumer.perform_seek",
    ),
    Fault(
        FAUST,
        "waits 1.5 s for a fetch and offers no setting",
        f"{HERE}.consumer:MendedThread",
    ),
    Fault(
        FAUST,
        "sets the root logger to DEBUG for a spinner, and makes a data folder nobody uses",
        f"{HERE}.app:worker_of",
    ),
    Fault(
        AIOKAFKA,
        "a produce request is repeated for ever, and what waits behind it is given up after 40 s",
        f"{HERE}.handing_over:hand_over",
        (197,),
    ),
    Fault(
        AIOKAFKA,
        "a member that stood still longer than its session writes on before it learns of it",
        f"{HERE}.client:hold_writes",
    ),
    Fault(AIOKAFKA, "packs zstd at level 3 and offers no setting", f"{HERE}.client:pack_lightly"),
    Fault(AIOKAFKA, "reads responses in pieces of 64 KiB", f"{HERE}.client:read_whole_responses"),
    Fault(AIOKAFKA, "makes an object of each record fetched", f"{HERE}.lean_fetch:fetch_lean_records"),
    Fault(AIOKAFKA, "asks its builder of batches record by record", f"{HERE}.packed:pack"),
    Fault(AIOKAFKA, "says the same a hundred times a second during an outage", f"{HERE}.sparing_log:SparingHandler"),
)
