"""A real order history through broker, worker and sink without a cent lost."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from system import System

from infra.clickhouse.greenfield import placed_accounts
from infra.feeds.publish import publish, wait_until_done
from infra.feeds.record import Feed, record_of
from schemas.events import Decision
from schemas.topics import DECISIONS
from streams.system.runtime import find, metric

pytestmark = [pytest.mark.e2e, pytest.mark.data, pytest.mark.timeout(2400)]

MAPPING = str(Path(__file__).resolve().parents[2] / "examples" / "iowa" / "mapping.toml")
DESIGNED_AFTER = "2013-01-01"
WHOLE = os.environ.get("CI") == "true" or os.environ.get("TERRADRIFT_WHOLE_IOWA") == "1"
UNTIL = "2018-01-01" if WHOLE else "2015-01-01"
"""CI replays all six years; otherwise three. At the end of either a suggestion waits."""


@pytest.fixture(scope="module")
def truth(data_dir: Path) -> dict[str, list[Decimal]]:
    """Store -> its amounts, straight from the file."""
    found: dict[str, list[Decimal]] = {}
    with gzip.open(data_dir / "iowa" / "orders_2012_2017.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["date"] < UNTIL:
                found.setdefault(row["store"], []).append(Decimal(row["dollars"]))
    return found


@pytest.fixture(scope="module")
def system(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Iowa's orders replayed: a first year, then territories by design, then all of it."""
    running = System(tmp_path_factory.mktemp("iowa") / "system")
    running.start()
    replay = ("replay", str(data_dir / "iowa"), "--mapping", MAPPING, "--wait")
    first = running.run(*replay, "--until", DESIGNED_AFTER, seconds=900)
    assert first.returncode == 0, first.stderr
    designed = running.run("design", "--reps", "24", "--json", seconds=300)
    assert designed.returncode == 0, designed.stderr
    assert json.loads(designed.stdout)[0]["max_deviation_percent"] < 10
    rest = running.run(*replay, "--until", UNTIL, seconds=1800)
    assert rest.returncode == 0, rest.stderr
    yield running
    running.stop()


def test_every_order_is_in_clickhouse_to_the_cent(system: System, truth: dict[str, list[Decimal]]) -> None:
    count, total, stores = system.query("SELECT count(), sum(amount), uniqExact(account_id) FROM orders")[0]
    assert count == sum(map(len, truth.values()))
    assert total == sum(map(sum, truth.values()))
    assert stores == len(truth)
    if WHOLE:
        assert (count, stores, total) == (300_669, 1_912, Decimal("1682201026.25"))


def test_every_account_has_its_own_count_and_sum(system: System, truth: dict[str, list[Decimal]]) -> None:
    rows = system.query("SELECT account_id, count(), sum(amount) FROM orders GROUP BY account_id")
    assert {account: (count, total) for account, count, total in rows} == {
        store: (len(amounts), sum(amounts)) for store, amounts in truth.items()
    }


def test_every_store_that_orders_has_a_potential_each_week(system: System) -> None:
    """A store that ordered within the last year is active; its weeks run without a hole from its first order on."""
    missing = system.query(
        """
        WITH (SELECT max(week) FROM potentials) AS newest
        SELECT o.account_id, o.first_week, p.weeks FROM
            (SELECT account_id, toMonday(min(toDate(occurred_at))) AS first_week, max(toDate(occurred_at)) AS last_day
             FROM orders GROUP BY account_id) AS o
        LEFT JOIN (SELECT account_id, count() AS weeks, min(week) AS first FROM (SELECT * FROM potentials FINAL) GROUP BY account_id) AS p
            ON o.account_id = p.account_id
        WHERE o.last_day > subtractDays(newest, 357) AND o.first_week <= newest
          AND p.weeks < least(dateDiff('week', o.first_week, newest) + 1, 52)
        """
    )
    assert missing == []
    assert system.query("SELECT countIf(potential_eur < 0 OR low_eur > high_eur) FROM potentials")[0][0] == 0


def test_a_suggestion_came_and_its_plan_was_verified(system: System) -> None:
    """A region publishes a plan only when `verify` finds nothing in it, and counts those it refutes; the rows must add up."""
    assert metric(find(system.directory).worker_metrics, "terradrift_answers_total", outcome="solves_refuted") in (
        None,
        0,
    )
    suggestions = system.query(
        "SELECT suggestion_id, worth_eur, gap_share, objective_before_eur, objective_after_eur, length(moves) "
        "FROM suggestions_now"
    )
    assert suggestions
    for _, worth, gap, before, after, moves in suggestions:
        assert worth == pytest.approx(before - after, abs=0.02)
        assert moves > 0
        assert gap >= 0
    wrong = system.query(
        "SELECT count() FROM suggestion_moves WHERE from_rep = to_rep OR abs(worth_eur - travel_eur - change_eur - balance_eur - overtime_eur - contiguity_eur) > 0.02"
    )
    assert wrong[0][0] == 0


def test_nothing_was_refused_and_nobody_is_behind(system: System) -> None:
    status = system.status()
    assert status["healthy"], status["problems"]
    assert status["lag"] == 0
    assert status["counts"]["dead_letters"] == 0


def test_a_second_replay_adds_no_row(system: System, data_dir: Path) -> None:
    before = system.status()["counts"]
    again = system.run("replay", str(data_dir / "iowa"), "--mapping", MAPPING, "--wait", "--until", UNTIL, seconds=1800)
    assert again.returncode == 0, again.stderr
    assert system.status()["counts"] == before
    assert system.query("SELECT count() FROM orders")[0][0] == before["orders"]


def test_the_designed_territories_were_in_force(system: System) -> None:
    client = system.client()
    accounts = placed_accounts(client)
    client.close()
    assert len(accounts) > 1_000
    newest = system.query("SELECT max(week) FROM potentials")[0][0]
    assert newest >= datetime(2013, 12, 1, tzinfo=UTC).date() + timedelta(days=0)
    reps = system.query("SELECT uniqExact(rep_id) FROM potentials_now WHERE rep_id != ''")[0][0]
    assert reps == 24


def test_an_accepted_suggestion_becomes_assignments_and_the_outbox_of_the_crm(system: System) -> None:
    """The last test of this file: it changes the territories."""
    waiting = system.query("SELECT suggestion_id, region_id FROM suggestions_now WHERE status = 'proposed'")
    assert len(waiting) == 1, "one suggestion waits: nobody has decided on the newest"
    suggestion_id, region_id = waiting[0]
    moves = set(
        system.query(f"SELECT account_id, to_rep FROM suggestion_moves WHERE suggestion_id = '{suggestion_id}'")
    )
    decision = Decision(
        event_id="accept-1", occurred_at=datetime.now(UTC), decision_id="accept-1", region_id=region_id, kind="accept",
        suggestion_id=suggestion_id, decided_by="manager", reason="fair",
    )  # fmt: skip
    kafka = find(system.directory).kafka
    publish(Feed(events=[record_of(DECISIONS, decision)]), kafka, closing_tick=False)
    wait_until_done(kafka, deadline=60)
    decided = system.query(f"SELECT status, decided_by FROM suggestions_now WHERE suggestion_id = '{suggestion_id}'")
    assert decided == [("approved", "manager")]
    assert set(system.query("SELECT account_id, to_rep FROM assignment_changes FINAL")) == moves
    assert set(system.query("SELECT account_id, rep_id FROM assignments WHERE source = 'decision'")) == moves
    assert system.query("SELECT count() FROM dead_letters")[0][0] == 0
