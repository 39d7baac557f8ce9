"""A pusher that goes on by itself: each account in its order, a CRM that is away is asked ever less often, and it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from clickhouse_connect.driver.client import Client
from small_company import result, the_company, write_rows

from console.access.rights import Sight
from console.reading.answers.crm import CrmPushing
from console.reading.reader import ClickHouseReader
from infra.clickhouse.client import Access
from infra.crm.standing_by import StandingBy
from infra.crm.webhook import Verdict, deliver
from schemas.rows import AssignmentChangeRow
from schemas.settings import Settings
from tests.support.webhook import receiving

pytestmark = pytest.mark.io
ACCOUNTS = ("a1", "a2", "a3", "a4", "a5")


class Crm:
    """A CRM that refuses or is away for the keys it is told, and remembers what it took, and how often it was asked."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.asked = Counter[str]()
        self.answers: dict[str, int] = {}
        self.otherwise = 200
        self.url = ""

    def take(self, headers: Mapping[str, str], _: bytes) -> int:
        key = headers["Idempotency-Key"]
        self.asked[key] += 1
        status = self.answers.get(key, self.otherwise)
        if status == 200:
            self.took.append(key)
        return status


@pytest.fixture
def crm() -> Iterator[Crm]:
    running = Crm()
    with receiving(running.take) as running.url:
        yield running


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    """Of each account two changes: first all the first ones, then all the second ones."""
    moves = [
        AssignmentChangeRow(
            **result(f"2026-06-28T1{turn}:0{place}"), change_id=f"{account}-{turn}", account_id=account, from_rep="r1", to_rep="r2",
            valid_from=date(2026, 6, 29), suggestion_id="s1", decision_id="d1", kind="move",
        )
        for turn in (1, 2) for place, account in enumerate(ACCOUNTS)
    ]  # fmt: skip
    write_rows(access, [*the_company(), *moves], Settings())


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(client: Client) -> Clock:
    client.command("TRUNCATE TABLE crm_deliveries")
    client.command("TRUNCATE TABLE crm_pushers")
    return Clock()


def a_pusher(client: Client, crm: Crm, clock: Clock) -> StandingBy:
    def send(change: AssignmentChangeRow) -> Verdict:
        return deliver(change, crm.url, "secret", clock, lambda _: None, attempts=1)

    return StandingBy(client, send, clock, 15)


def states(pusher: StandingBy) -> list[tuple[str, str]]:
    return [(outcome.change.change_id, outcome.verdict.state) for outcome in pusher.look()]


def test_everything_arrives_once_in_the_order_of_the_decisions(client: Client, crm: Crm, clock: Clock) -> None:
    pusher = a_pusher(client, crm, clock)
    assert [state for _, state in states(pusher)] == ["delivered"] * 10
    assert crm.took == [f"{account}-{turn}" for turn in (1, 2) for account in ACCOUNTS]
    clock.passes(15)
    assert (states(pusher), pusher.pause) == ([], 15)


def test_one_account_that_fails_holds_up_no_other_and_is_asked_ever_less_often(
    client: Client, crm: Crm, clock: Clock
) -> None:
    crm.answers = {"a1-1": 500}
    pusher = a_pusher(client, crm, clock)
    for _ in range(40):  # ten minutes
        list(pusher.look())
        assert pusher.pause == 15
        clock.passes(15)
    assert len(crm.took) == 8
    assert crm.asked["a1-1"] == 5  # at once, and after 30, 90, 210 and 450 seconds
    assert crm.asked["a1-2"] == 0
    (tried,) = client.query("SELECT attempts FROM crm_deliveries FINAL WHERE change_id = 'a1-1'").result_rows
    assert tried == (5,)
    crm.answers = {}
    clock.passes(600)
    assert states(pusher) == [("a1-1", "delivered"), ("a1-2", "delivered")]


def test_a_crm_that_is_away_is_asked_for_three_accounts_a_look_with_growing_pauses(
    client: Client, crm: Crm, clock: Clock
) -> None:
    crm.otherwise = 503
    pusher = a_pusher(client, crm, clock)
    pauses = []
    for _ in range(7):
        assert len(states(pusher)) <= 3
        pauses.append(pusher.pause)
        clock.passes(pusher.pause)
    assert pauses == sorted(pauses)
    assert pauses[0] == 30
    assert sum(crm.asked.values()) <= 7 * 3
    crm.otherwise = 200
    for _ in range(3):
        list(pusher.look())
        clock.passes(600)
    assert sorted(crm.took) == sorted(f"{account}-{turn}" for turn in (1, 2) for account in ACCOUNTS)
    for account in ACCOUNTS:
        assert crm.took.index(f"{account}-1") < crm.took.index(f"{account}-2")
    assert pusher.pause == 15


def test_accounts_that_always_fail_do_not_look_like_a_crm_that_is_away_for_long(
    client: Client, crm: Crm, clock: Clock
) -> None:
    crm.answers = dict.fromkeys(("a1-1", "a2-1", "a3-1"), 500)
    pusher = a_pusher(client, crm, clock)
    assert (len(states(pusher)), pusher.pause) == (3, 30)
    clock.passes(pusher.pause)
    list(pusher.look())
    assert (sorted(crm.took), pusher.pause) == (["a4-1", "a4-2", "a5-1", "a5-2"], 15)


def test_who_is_asked_to_stop_sends_no_further_change(client: Client, crm: Crm, clock: Clock) -> None:
    def send(change: AssignmentChangeRow) -> Verdict:
        return deliver(change, crm.url, "secret", clock, lambda _: None, attempts=1)

    pusher = StandingBy(client, send, clock, 15, stopping=lambda: bool(crm.took))
    assert states(pusher) == [("a1-1", "delivered")]
    assert crm.took == ["a1-1"]


def test_the_console_knows_whether_it_runs_and_what_was_not_taken_last(client: Client, crm: Crm, clock: Clock) -> None:
    reader = ClickHouseReader(client)

    def seen(*regions: str) -> CrmPushing:
        return reader.crm_pushing(Sight(every_region=not regions, regions=regions))

    assert (seen().runs, seen().looked_at, seen().not_taken_at) == (False, None, None)
    crm.answers = {"a2-1": 422}
    clock.passes(-60)  # whether it runs is judged by the clock of ClickHouse
    pusher = a_pusher(client, crm, clock)
    list(pusher.look())
    told = seen()
    assert told.looked_at is not None
    assert abs(told.looked_at - clock.now) < timedelta(seconds=1)
    assert (told.runs, told.account_id, told.state, told.detail[:3]) == (True, "a2", "refused", "422")
    assert (seen("elsewhere").account_id, seen("elsewhere").runs) == ("", True)
    assert reader.crm_pushing(Sight(every_region=True, rep_id="r1")).account_id == ""
    clock.passes(1)
    pusher.ended()
    assert (seen().runs, seen().looked_at is None) == (False, False)


def test_a_pusher_that_was_killed_is_known_to_have_stopped_after_some_minutes(
    client: Client, crm: Crm, clock: Clock
) -> None:
    clock.passes(-60)
    list(a_pusher(client, crm, clock).look())
    assert ClickHouseReader(client).crm_pushing(Sight(every_region=True)).runs
    clock.passes(-600)
    client.command("TRUNCATE TABLE crm_pushers")
    list(a_pusher(client, crm, clock).look())
    assert not ClickHouseReader(client).crm_pushing(Sight(every_region=True)).runs
