"""What the console asks, asked of a real ClickHouse: every query runs, and what belongs to others stays away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from clickhouse_connect.driver.client import Client
from small_company import REGION, written_through_the_sink

from console.access.rights import Sight
from console.reading.answers.suggestions import Challenge
from console.reading.asking import AlertFilter
from console.reading.reader import ClickHouseReader
from infra.clickhouse.client import Access
from infra.clickhouse.stories import rep_with_most_to_see
from schemas.settings import Settings

pytestmark = pytest.mark.io
EVERYTHING = Sight(every_region=True)
ELSEWHERE = Sight(regions=("another",))
WHOSE = {"r1": Sight(every_region=True, rep_id="r1"), "r9": Sight(every_region=True, rep_id="r9")}


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    written_through_the_sink(access, Settings())


@pytest.fixture(scope="module")
def reader(client: Client) -> ClickHouseReader:
    return ClickHouseReader(client)


def test_every_question_of_the_console_has_an_answer(reader: ClickHouseReader) -> None:
    assert reader.standing().waiting == 1
    assert reader.flash()
    assert reader.feeds()
    assert reader.refused(EVERYTHING)
    (suggestion,) = reader.suggestions(EVERYTHING, ("proposed",))
    alert = reader.alerts(EVERYTHING, AlertFilter(""))[0]
    for found in (reader.regions(EVERYTHING), reader.accounts(EVERYTHING), reader.reps(EVERYTHING),
                  reader.territories(EVERYTHING), reader.placeless(EVERYTHING),
                  reader.alert_changes(EVERYTHING, alert.alert_id), reader.proposed_moves(EVERYTHING)):  # fmt: skip
        assert found
    first, last = date(2025, 1, 1), date(2026, 12, 31)
    for asked in (lambda: reader.scope_weeks(EVERYTHING, alert, first, last), lambda: reader.twins(EVERYTHING),
                  lambda: reader.market_events(EVERYTHING, REGION, first, last), lambda: reader.changes(EVERYTHING),
                  lambda: reader.places(EVERYTHING, REGION, last), lambda: reader.past_decisions(EVERYTHING),
                  lambda: reader.pins(EVERYTHING)):  # fmt: skip
        asked()
    assert [(m.move_limit, m.account_id) for m in suggestion.frontier_moves] == [(1, "a1")]
    assert [approval.decided_by for approval in suggestion.approvals] == ["mia"]


def test_what_waits_is_counted_in_the_regions_of_who_asks(reader: ClickHouseReader) -> None:
    asking = (EVERYTHING, Sight(regions=(REGION,)), ELSEWHERE, WHOSE["r1"])
    assert [reader.waiting(sight) for sight in asking] == [1, 1, 0, 0]


def test_the_rep_of_the_demo_works_and_has_accounts_and_a_proposed_move(
    reader: ClickHouseReader, client: Client
) -> None:
    chosen = rep_with_most_to_see(client)
    theirs = Sight(every_region=True, rep_id=chosen)
    assert reader.accounts(theirs)
    assert reader.proposed_moves(theirs)
    assert [rep.active for rep in reader.reps(theirs)] == [True]


def test_the_past_of_every_flash_figure_ends_with_what_it_is_today(reader: ClickHouseReader) -> None:
    """But for balance, whose past is that of closed weeks."""
    trends = reader.trends()
    today = {figure.name: figure.value for figure in reader.flash()}
    assert set(trends) == set(today)
    assert trends.pop("Potential balance")
    assert today.pop("Potential balance")
    for name, value in today.items():
        assert [v for _, v in trends[name][-1:]] == ([] if value is None else [pytest.approx(value)]), name


def test_trends_that_are_no_longer_made_grow_old(reader: ClickHouseReader, client: Client) -> None:
    now = datetime.now(UTC)
    made = reader.trends_made()
    assert made.as_of == reader.standing().as_of
    assert made.made_at is not None
    assert abs(now - made.made_at) < timedelta(minutes=5)
    assert not made.is_old(now)
    client.command("SYSTEM STOP VIEW flash_trends_made")
    try:
        assert reader.trends_made() == made
        assert made.is_old(now + timedelta(minutes=36))
    finally:
        client.command("SYSTEM START VIEW flash_trends_made")


def test_territories_of_a_day_are_those_of_the_owners_then(reader: ClickHouseReader) -> None:
    """On 15 May a1, a2 and a3 were r2's, of 180 thousand for 2 of 5 parts of the hours; today r2 has a3 alone. a5 is closed."""
    then = {t.rep_id: t for t in reader.territories(EVERYTHING, REGION, date(2026, 5, 15))}
    assert {rep: (t.accounts, t.potential_eur) for rep, t in then.items()} == {
        "r1": (0, 0), "r2": (3, 180_000), "r3": (0, 0),
    }  # fmt: skip
    assert then["r2"].deviation == pytest.approx(3 - 1)
    assert (then["r2"].in_corridor, then["r2"].load_ratio, then["r2"].drift) == (False, None, None)
    now = reader.territories(EVERYTHING, REGION)
    assert {t.rep_id: t.accounts for t in now} == {"r1": 2, "r2": 1, "r3": 0}
    on_the_last_day = reader.territories(EVERYTHING, REGION, date(2026, 6, 30))
    assert [(t.rep_id, t.accounts, t.capacity_hours) for t in on_the_last_day] == [
        (t.rep_id, t.accounts, t.capacity_hours) for t in now
    ]
    assert [t.deviation for t in on_the_last_day] == pytest.approx([t.deviation for t in now])
    assert reader.territories(ELSEWHERE, "", date(2026, 5, 15)) == []
    assert reader.territories(WHOSE["r1"], "", date(2026, 5, 15)) == []


def test_a_feed_knows_its_longest_pause_and_when_it_came_last(reader: ClickHouseReader) -> None:
    """Orders of 90 days: from 10 May 10:00 to 1 June 15:00 is the longest pause. All were written just now: a replayed history."""
    feeds = {feed.topic: feed for feed in reader.feeds()}
    assert feeds["orders"].longest_pause_hours == 22 * 24 + 5
    assert feeds["reps"].longest_pause_hours is None
    now = datetime.now(UTC)
    for topic in ("orders", "visit-reports"):
        arrived = feeds[topic].arrived
        assert arrived is not None
        assert abs(now - arrived) < timedelta(hours=1)
        assert not feeds[topic].is_late(now)


def challenged(reader: ClickHouseReader, sight: Sight) -> list[tuple[str, str, str, str]]:
    found: list[Challenge] = reader.challenges(sight)
    return [(c.account_id, c.from_rep, c.to_rep, c.reason) for c in found if c.suggestion_id == "s3"]


def test_a_challenge_is_seen_by_the_region_and_by_both_reps_of_the_move_only(reader: ClickHouseReader) -> None:
    whole = [("a1", "r2", "r1", "season")]
    assert challenged(reader, EVERYTHING) == challenged(reader, Sight(regions=(REGION,))) == whole
    assert challenged(reader, WHOSE["r1"]) == whole
    assert challenged(reader, WHOSE["r9"]) == challenged(reader, ELSEWHERE) == []


def test_a_rep_sees_the_proposed_moves_of_the_own_territory_only(reader: ClickHouseReader) -> None:
    assert [move.account_id for move in reader.proposed_moves(WHOSE["r1"])] == ["a1"]
    assert reader.proposed_moves(WHOSE["r9"]) == reader.proposed_moves(ELSEWHERE) == []


@pytest.mark.parametrize("decision_id", ["d1", "d7"], ids=["an approval", "a challenge"])
def test_a_decision_of_which_a_suggestion_speaks_is_applied(reader: ClickHouseReader, decision_id: str) -> None:
    assert reader.decision(EVERYTHING, decision_id).applied
    assert not reader.decision(ELSEWHERE, decision_id).applied
    assert reader.decision(WHOSE["r1"], decision_id).applied == (decision_id == "d7")


def test_a_pin_holds_until_its_day_or_until_it_is_freed(reader: ClickHouseReader, client: Client) -> None:
    told = [
        ("1", "pin", "a1", "2026-06-01", "NULL"), ("2", "pin", "a2", "2026-06-01", "NULL"), ("3", "unpin", "a2", "2026-06-02", "NULL"),
        ("4", "pin", "a3", "2026-06-01", "'2026-06-29'"), ("5", "pin", "a4", "2026-06-03", "'2026-06-30'"),
    ]  # fmt: skip
    rows = ", ".join(
        f"('e{n}', 'p{n}', '{day} 10:00:00', '{REGION}', '{kind}', '{account}', 'mia', 'season', {until})"
        for n, kind, account, day, until in told
    )
    client.command(
        "INSERT INTO decisions (event_id, decision_id, occurred_at, region_id, kind, account_id, decided_by, reason, until) "
        f"VALUES {rows}"
    )
    pins = [(pin.account_id, pin.pinned_by, pin.until) for pin in reader.pins(EVERYTHING)]
    assert pins == [("a4", "mia", date(2026, 6, 30)), ("a1", "mia", None)]
    assert reader.pins(ELSEWHERE) == reader.pins(WHOSE["r1"]) == []


def test_the_marks_that_make_a_budget_are_those_of_the_alerts_of_one_kind_and_region(reader: ClickHouseReader) -> None:
    alert = reader.alerts(EVERYTHING, AlertFilter("", alert_id="alert1"))[0]
    assert [one.alert_id for one in reader.alert_verdicts(EVERYTHING, alert)] == ["alert1", "alert2"]
    assert reader.alert_verdicts(EVERYTHING, alert.model_copy(update={"scope": "zone"})) == []
    assert reader.alert_verdicts(ELSEWHERE, alert) == []
