"""Rare events: a fact once, and the log of every region they concern."""

from __future__ import annotations

import json

import pytest

from schemas.events import Event, Opportunity
from schemas.ids import region_partition
from schemas.region_log import Decided, MarketEventSet, RepSet
from schemas.settings import Company, Settings
from schemas.topics import (
    DECISIONS,
    EVERY_REGION,
    FACTS,
    MARKET_EVENTS,
    OPPORTUNITIES,
    REGION_EVENTS,
    REPS,
    SURVEYS,
    TARGETS,
    Topic,
)
from streams.handlers.intake import IntakeStage
from tests.support.bench import Bench
from tests.support.events import a_decision, a_market_event, a_rep, a_survey, a_target, at

A_DEAL = Opportunity(event_id="d1", occurred_at=at("2026-03-02"), opportunity_id="d1", account_id="a1", stage="open")
EACH = [
    (REPS, a_rep(), "reps"),
    (MARKET_EVENTS, a_market_event(), "market_events"),
    (OPPORTUNITIES, A_DEAL, "opportunities"),
    (TARGETS, a_target(), "targets"),
    (SURVEYS, a_survey(), "surveys"),
    (DECISIONS, a_decision("accept", "s1"), "decisions"),
]


@pytest.fixture
def bench() -> Bench:
    return Bench(IntakeStage(Settings(company=Company(base_region="home")), "log"))


@pytest.mark.parametrize(("topic", "event", "table"), EACH)
def test_a_repeated_event_is_one_fact_and_one_message(bench: Bench, topic: Topic, event: Event, table: str) -> None:
    first = bench.feed(topic, event)
    second = bench.feed(topic, event)
    assert len(bench.facts(table)) == 1
    assert first.emits
    assert second.emits == []
    assert (bench.count("messages"), bench.count("facts"), bench.count("duplicates")) == (2, 1, 1)


@pytest.mark.parametrize(("topic", "event", "table"), EACH)
def test_after_a_crash_the_same_is_said_again(bench: Bench, topic: Topic, event: Event, table: str) -> None:
    first = bench.feed(topic, event)
    bench.crash()
    assert bench.again(topic).emits == first.emits


@pytest.mark.parametrize(("topic", "event", "table"), EACH)
def test_a_restored_event_is_told_and_makes_no_fact(bench: Bench, topic: Topic, event: Event, table: str) -> None:
    bench.feed(topic, event, restored=True)
    assert bench.facts(table) == []
    told = {"reps": 4, "market_events": 4, "opportunities": 4, "targets": 0, "surveys": 0, "decisions": 1}
    assert len(bench.emits) == told[table]


@pytest.mark.parametrize(("topic", "event", "table"), EACH)
def test_the_same_id_with_other_content_is_buried(bench: Bench, topic: Topic, event: Event, table: str) -> None:
    said = json.loads(event.model_dump_json())
    other = json.dumps(said | {"reason": "x"} if topic is DECISIONS else said | {"occurred_at": "2026-03-03T00:00:00Z"})
    bench.feed(topic, event, other.encode())
    assert [(letter["reason"], letter["offset"]) for letter in bench.letters()] == [("duplicate_id", 1)]
    assert len(bench.facts(table)) == 1


def test_a_rep_is_told_to_every_partition_without_the_name(bench: Bench) -> None:
    bench.feed(REPS, a_rep(name="Ada", region_id="west"))
    told = [emit for emit in bench.emits if emit.topic == REGION_EVENTS.name]
    assert [(emit.partition, emit.key) for emit in told] == [(p, EVERY_REGION) for p in range(REGION_EVENTS.partitions)]
    assert not any(b"Ada" in emit.value for emit in told)
    assert [(row["kind"], row["id"], row["name"]) for row in bench.facts("names")] == [("rep", "r1", "Ada")]
    assert [rep.region_id for rep in bench.told(RepSet)] == ["west"]


@pytest.mark.parametrize(
    ("absence", "why"),
    [
        ({"absent_from": "2026-03-02"}, "absent_from and absent_to come together or not at all"),
        ({"absent_from": "2026-03-02", "absent_to": "2026-03-01"}, "absent_to is before absent_from"),
    ],
)
def test_half_an_absence_or_one_that_ends_before_it_begins_is_refused(
    bench: Bench, absence: dict[str, str], why: str
) -> None:
    whole = json.loads(a_rep().model_dump_json(exclude_none=True))
    bench.feed(REPS, json.dumps(whole | absence).encode())
    (letter,) = bench.letters()
    assert why in letter["detail"]
    assert bench.told(RepSet) == []


def test_a_rep_without_a_region_belongs_to_the_base_region(bench: Bench) -> None:
    bench.feed(REPS, a_rep())
    assert [rep.region_id for rep in bench.told(RepSet)] == ["home"]


def test_a_market_event_is_told_to_every_partition(bench: Bench) -> None:
    bench.feed(MARKET_EVENTS, a_market_event(lat=48.0, lon=-3.0, radius_km=20))
    told = [emit for emit in bench.emits if emit.topic == REGION_EVENTS.name]
    assert [emit.partition for emit in told] == list(range(REGION_EVENTS.partitions))
    assert [event.radius_km for event in bench.told(MarketEventSet)] == [20]


def test_a_decision_is_told_to_its_region_only(bench: Bench) -> None:
    for region in ("north", "south", "east", "west"):
        bench.feed(DECISIONS, a_decision("modify", "s1", {"a1": "r2"}, region_id=region))
    told = [emit for emit in bench.emits if emit.topic == REGION_EVENTS.name]
    places = [(emit.key.decode(), emit.partition) for emit in told]
    assert places == [(r, region_partition(r, REGION_EVENTS.partitions)) for r in ("north", "south", "east", "west")]
    assert {decided.moves for decided in bench.told(Decided)} <= {(("a1", "r2"),)}


def test_a_target_is_a_fact_that_no_region_is_told_of(bench: Bench) -> None:
    bench.feed(TARGETS, a_target(revenue=None, visits=80))
    (row,) = bench.facts("targets")
    assert (row["rep_id"], row["month"], row["revenue"], row["visits"]) == ("r1", "2026-03-01", None, 80)
    assert [emit.topic for emit in bench.emits] == [FACTS.name]


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"month": "2026-03-02"}, "month", "2026-03-02 is not the first day of a month"),
        ({"revenue": None}, "", "a target needs revenue, visits or both"),
        ({"revenue": "-1"}, "revenue", "greater than or equal to 0"),
        ({"visits": -1}, "visits", "greater than or equal to 0"),
        ({"visits": "NaN"}, "visits", "finite number"),
    ],
)
def test_a_target_that_says_nothing_of_a_month_is_refused(
    bench: Bench, said: dict[str, object], field: str, why: str
) -> None:
    bench.feed(TARGETS, json.dumps(json.loads(a_target().model_dump_json(exclude_none=True)) | said).encode())
    (letter,) = bench.letters()
    assert letter["field"] == field
    assert why in letter["detail"]
    assert bench.facts("targets") == []


def test_an_answer_is_a_fact_that_no_region_is_told_of(bench: Bench) -> None:
    bench.feed(SURVEYS, a_survey("s1"))
    bench.feed(SURVEYS, a_survey("s2", account_id=None, rep_id="r1", score=1))
    told = [(row["account_id"], row["rep_id"], row["score"]) for row in bench.facts("surveys")]
    assert told == [("a1", None, 9), (None, "r1", 1)]
    assert {emit.topic for emit in bench.emits} == {FACTS.name}


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"rep_id": "r1"}, "", "an answer is either of an account or of a rep"),
        ({"account_id": None}, "", "an answer is either of an account or of a rep"),
        ({"account_id": None, "rep_id": "r1", "score": 0}, "", "the score of a rep is 1 to 10"),
        ({"score": 11}, "score", "less than or equal to 10"),
        ({"score": 8.5}, "score", "valid integer"),
    ],
)
def test_an_answer_that_cannot_be_counted_is_refused(
    bench: Bench, said: dict[str, object], field: str, why: str
) -> None:
    bench.feed(SURVEYS, json.dumps(json.loads(a_survey().model_dump_json(exclude_none=True)) | said).encode())
    (letter,) = bench.letters()
    assert letter["field"] == field
    assert why in letter["detail"]
    assert bench.facts("surveys") == []
