"""The stages together on a small company: events in; facts, potentials, alerts and suggestions out."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from infra.feeds.record import Feed, FeedRecord
from infra.simulator.company import Company, build
from infra.simulator.size import DemoSize
from schemas.settings import Change, Settings
from schemas.topics import ALERTS, FACTS, MODEL_QUALITY, POTENTIALS, SUGGESTIONS, TOPICS, Topic
from streams.ports import Record
from tests.support.pipeline import Pipeline, publish_all, send_all
from tests.support.shuffling import disturbed

SIZE = DemoSize(accounts=60, reps_per_region=3, history_weeks=16, live_weeks=24, opportunities=5)
SETTINGS = Settings(change=Change(warm_up_weeks=12))
OUTPUTS = [topic for topic in TOPICS if topic.direction == "out"]
CHUNK = 400


@pytest.fixture(scope="module")
def company() -> Company:
    return build(SIZE)


@pytest.fixture(scope="module")
def events(company: Company) -> list[FeedRecord]:
    return list(company.feed().events)


@pytest.fixture(scope="module")
def straight(company: Company, events: list[FeedRecord]) -> Pipeline:
    return played(company, events)


def played(company: Company, events: list[FeedRecord], restart: tuple[str, ...] = ()) -> Pipeline:
    """The company's life in chunks; the stages named are restarted from their stores between any two."""
    pipeline = Pipeline(SETTINGS)
    send_all(pipeline, company.feed().roster)
    pipeline.run()
    for start in range(0, len(events), CHUNK):
        for name in restart:
            pipeline.restart(name)
        chunk = events[start : start + CHUNK]
        send_all(pipeline, chunk)
        pipeline.run()
        pipeline.tick(chunk[-1].at)
        pipeline.run()
    return pipeline


def logs(pipeline: Pipeline) -> dict[tuple[str, int], list[Record]]:
    return {place: records for place, records in pipeline.log.items() if records}


def by_region(pipeline: Pipeline, topic: Topic) -> list[dict[str, Any]]:
    """Rows of a topic, each region's in the order of writing."""
    return sorted(pipeline.rows(topic), key=lambda row: str(row["region_id"]))


def test_every_order_is_a_fact_to_the_cent(straight: Pipeline, company: Company) -> None:
    rows = straight.rows(FACTS, "orders")
    assert len(rows) == len(company.orders.cents)
    assert sum(Decimal(str(row["amount"])) for row in rows) == Decimal(int(company.orders.cents.sum())) / 100


def test_nothing_is_refused_and_nothing_comes_twice(straight: Pipeline) -> None:
    assert {key: by for key, by in straight.counts.items() if key[0] in ("dead_letters", "duplicates")} == {}


def test_the_rep_who_left_and_the_account_that_closed_are_found(straight: Pipeline, company: Company) -> None:
    shocks = {shock.kind: shock for shock in company.planted()}
    found = {row["scope_id"] for row in straight.rows(ALERTS) if row["state"] == "firing"}
    assert shocks["rep_left"].rep_ids[0] in found
    assert shocks["account_closed"].account_ids[0] in found


def test_the_accounts_of_the_rep_who_left_are_offered_to_others(straight: Pipeline, company: Company) -> None:
    left = next(shock for shock in company.planted() if shock.kind == "rep_left")
    row = next(row for row in straight.rows(SUGGESTIONS) if row["cause"] == "rep_left")
    assert row["region_id"] == left.region_id
    assert {move["account_id"] for move in row["moves"] if not move["from_rep"]} <= set(left.account_ids)
    assert left.rep_ids[0] not in {move["to_rep"] for move in row["moves"]}


def test_every_closed_week_has_potentials_and_its_quality(straight: Pipeline) -> None:
    weeks = {row["week"] for row in straight.rows(POTENTIALS)}
    assert len(weeks) >= SIZE.weeks - 2
    assert {row["week"] for row in straight.rows(MODEL_QUALITY)} <= weeks


def test_the_same_feed_says_the_same_bytes(straight: Pipeline, company: Company, events: list[FeedRecord]) -> None:
    assert logs(played(company, events)) == logs(straight)


def test_the_order_in_which_a_days_events_come_changes_no_figure(company: Company) -> None:
    told = company.feed()
    anyhow = disturbed(company.feed().events, random.Random(2))
    straight, jumbled = Pipeline(SETTINGS), Pipeline(SETTINGS, turns=random.Random(1))
    publish_all(straight, told, window=400)
    publish_all(jumbled, Feed(told.roster, anyhow), window=150)
    assert straight.rows(SUGGESTIONS)
    for topic in (ALERTS, SUGGESTIONS, POTENTIALS, MODEL_QUALITY):
        assert by_region(straight, topic) == by_region(jumbled, topic), topic.name


def test_stages_that_are_restarted_again_and_again_say_the_same(
    straight: Pipeline, company: Company, events: list[FeedRecord]
) -> None:
    restarted = played(company, events, restart=("activity", "intake"))
    assert logs(restarted) == logs(straight)


def test_a_second_feed_of_the_same_events_changes_nothing(company: Company, events: list[FeedRecord]) -> None:
    pipeline = played(company, events[:1_000])
    before = {topic.name: pipeline.rows(topic) for topic in [*OUTPUTS, FACTS]}
    send_all(pipeline, company.feed().roster)
    send_all(pipeline, events[:1_000])
    pipeline.run()
    assert {topic.name: pipeline.rows(topic) for topic in [*OUTPUTS, FACTS]} == before
    assert sum(by for (name, _), by in pipeline.counts.items() if name == "duplicates") >= 1_000
