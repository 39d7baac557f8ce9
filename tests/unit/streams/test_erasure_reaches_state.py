"""The event that replaces an erased account or rep: no state and no snapshot of the engine keeps what identified them."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from struct import pack

from infra.privacy.erasure import blank
from schemas.events import Account, Order, Rep
from schemas.topics import ACCOUNTS, FACTS, ORDERS, REPS
from streams.handlers.region.snapshot import HEAD
from tests.support.pipeline import Pipeline
from tests.support.region import RegionBench, a_region, an_account_set, noon, sunday

LAT, LON, HOME_LAT = 48.123457, 2.765433, 47.987651
THEN, NOW = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
ADA = Account(
    event_id="account-p9", occurred_at=THEN, account_id="p9", name="Ada Weaver", lat=LAT, lon=LON, city="Sens", postal_code="89100",
    region_id="north",
)  # fmt: skip
MAX = Rep(
    event_id="rep-r9",
    occurred_at=THEN,
    rep_id="r9",
    name="Max Rider",
    home_lat=HOME_LAT,
    home_lon=LON,
    region_id="north",
)
ORDER = Order(
    event_id="o1",
    occurred_at=datetime(2026, 6, 2, tzinfo=UTC),
    order_id="o1",
    account_id="p9",
    amount="10",
    currency="EUR",
)  # type: ignore[arg-type]
TRACES = (
    b"Ada",
    b"Weaver",
    b"Sens",
    b"89100",
    b"Max Rider",
    str(LAT).encode(),
    str(HOME_LAT).encode(),
    pack(">d", LAT),
    pack("<d", LAT),
    pack(">d", HOME_LAT),
)


def everything_kept(engine: Pipeline) -> bytes:
    """All that the stores of all stages hold; coordinates also in binary."""
    return b"\n".join(bytes(value) for store in engine.stores.values() for _, value in store.items())


def told(*events: Account | Rep | Order) -> Pipeline:
    engine = Pipeline()
    topics = {Account: (ACCOUNTS, "account_id"), Rep: (REPS, "rep_id"), Order: (ORDERS, "account_id")}
    for event in events:
        topic, key = topics[type(event)]
        engine.send(topic, getattr(event, key), event)
    engine.run()
    engine.tick(datetime(2026, 7, 20, tzinfo=UTC))
    engine.run()
    return engine


def test_what_identified_is_in_the_state_before_and_not_after() -> None:
    before = everything_kept(told(MAX, ADA, ORDER))
    assert [trace for trace in TRACES if trace in before], "this test would not see what it looks for"
    after = everything_kept(told(MAX, ADA, ORDER, blank(ADA, NOW, NOW), blank(MAX, NOW, NOW)))
    assert [trace for trace in TRACES if trace in after] == []


def test_the_rows_of_the_event_that_replaces_tell_no_name_and_no_place() -> None:
    engine = told(MAX, ADA, blank(ADA, NOW, NOW), blank(MAX, NOW, NOW))
    accounts, reps = engine.rows(FACTS, "accounts"), engine.rows(FACTS, "reps")
    assert [(row.get("lat"), row.get("city")) for row in accounts] == [(LAT, "Sens"), (None, "")]
    assert [row.get("home_lat") for row in reps] == [HOME_LAT, None]
    assert sorted(row["id"] for row in engine.rows(FACTS, "names")) == ["p9", "r9"]


def test_an_erased_account_goes_on_under_its_id() -> None:
    engine = told(MAX, ADA, blank(ADA, NOW, NOW), ORDER)
    assert [row["account_id"] for row in engine.rows(FACTS, "orders")] == ["p9"]


def places_in_snapshots(bench: RegionBench) -> int:
    """How many pieces of the state topic hold the latitude, in whatever place they lie."""
    pieces = [zlib.decompress(value) for key, value in bench.store.items() if key != HEAD]
    assert pieces
    return sum(pack(">d", LAT) in piece for piece in pieces)


def test_the_snapshot_after_an_erasure_leaves_no_former_piece_behind() -> None:
    # a former piece would lie in the compacted topic until its block of accounts changes once more, perhaps never
    bench = a_region(snapshot_records=50)
    bench.say(an_account_set("p9", LON, lat=LAT))
    bench.weeks(0, 3)
    assert places_in_snapshots(bench) == 1
    bench.say(an_account_set("p9", None, lat=None, occurred_at=noon(sunday(2))))
    bench.weeks(3, 3)
    assert places_in_snapshots(bench) == 0


def test_what_an_unfinished_snapshot_left_goes_with_the_first_batch_of_the_next_process() -> None:
    bench = a_region(snapshot_records=50)
    bench.weeks(0, 3)
    bench.store[b"b|0|state|accounts|torn"] = zlib.compress(pack(">d", LAT))
    bench.crash()
    bench.weeks(3, 1)
    assert places_in_snapshots(bench) == 0
