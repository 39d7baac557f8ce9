"""A small region by hand: accounts along a road between two reps, orders every week, solves answered at once or when told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from schemas.ids import derived, region_partition
from schemas.region_log import (
    AccountDays,
    AccountSet,
    AssignmentSet,
    DayClosed,
    DayTotals,
    Decided,
    RegionMessage,
    RepSet,
    SolveFinished,
    encode,
)
from schemas.settings import Change, Settings
from schemas.topics import ASSIGNMENT_CHANGES, DAY_MARKERS, REGION_EVENTS, SUGGESTIONS, Topic
from streams.handlers.region.solving import solve
from streams.handlers.region.stage import Pace, RegionPartition, RegionStage
from streams.ports import Emit, Output, SolveRequest
from tests.support.bench import Bench

REGION = next(name for name in map(str, range(100)) if region_partition(name, REGION_EVENTS.partitions) == 0)
MONDAY = date(2026, 1, 5)
QUICK = Settings(change=Change(warm_up_weeks=2, budget_share_90_days=0.5))
SOURCE_PARTITION = 5


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def sunday(week: int) -> date:
    """The last day of a week, counted from 0."""
    return MONDAY + timedelta(days=7 * week + 6)


class RegionBench(Bench):
    """A region's log. Speaks for the activity and intake stages; takes assignments back as they would."""

    handler: RegionPartition

    def __init__(self, settings: Settings = QUICK, solves_at_once: bool = True, snapshot_records: int = 10_000) -> None:
        super().__init__(RegionStage(settings, "log", Pace(records=snapshot_records)))
        self.solves_at_once = solves_at_once
        self.open_solves: list[SolveRequest] = []
        self.notes: list[str] = []
        self.written: list[Mapping[bytes, bytes | None]] = []

    def say(self, *messages: RegionMessage) -> None:
        """Append to the log and handle it, with everything that comes back from it."""
        self.take(self.feed(REGION_EVENTS, *(encode(message) for message in messages)))

    def take(self, output: Output) -> None:
        """What the edges would do with an output."""
        self.open_solves += output.solves
        self.notes += output.notes
        back: list[RegionMessage] = []
        for emit in output.emits:
            if emit.topic == "assignments":
                event = json.loads(emit.value)
                back.append(AssignmentSet(REGION, event["account_id"], event["rep_id"],
                            date.fromisoformat(event["valid_from"]), event["event_id"], event["source"]))  # fmt: skip
        if back:
            self.say(*back)
        while self.solves_at_once and self.open_solves:
            self.answer()

    def answer(self) -> None:
        """Solve the oldest question and write the answer into the log."""
        request = self.open_solves.pop(0)
        self.say(SolveFinished(REGION, request.request_id, solve(request.problem)))

    def again(self, topic: Topic, first: int = 0) -> Output:
        """As the edge would, keep the state that is written."""
        output = super().again(topic, first)
        self.keep(output.state)
        return output

    def keep(self, state: Mapping[bytes, bytes | None]) -> None:
        """State records, one after the other."""
        if state:
            self.written.append(state)
        for key, value in state.items():
            if value is None:
                self.store.pop(key, None)
            else:
                self.store[key] = value

    def replay(self) -> list[Emit]:
        """A new process reads on from where its snapshot stands; what it says of the log so far."""
        self.crash()
        first = self.handler.start_offset(REGION_EVENTS.name) or 0
        self.open_solves.clear()
        output = self.again(REGION_EVENTS, first)
        self.open_solves += output.solves
        return output.emits

    def close(self, day: date, partitions: Sequence[int] = range(DAY_MARKERS)) -> None:
        self.say(*(DayClosed(partition, day) for partition in partitions))

    def weeks(self, first: int, count: int, eur: float = 500.0, visits: int = 1) -> None:
        """Every account orders, and is visited, every Wednesday; each week closes."""
        for week in range(first, first + count):
            day = MONDAY + timedelta(days=7 * week + 2)
            accounts = list(self.handler._regions[REGION].state.accounts)
            self.say(
                *(a_day(REGION, a, day, round(eur * 100), 1, visits, 30.0 * visits, 20.0 * visits) for a in accounts)
            )
            self.close(sunday(week))

    def rows(self, topic: Topic) -> list[dict[str, Any]]:
        return [json.loads(emit.value) for emit in self.emits if emit.topic == topic.name]

    def suggestion(self) -> dict[str, Any]:
        """The newest word on the newest suggestion."""
        return self.rows(SUGGESTIONS)[-1]

    @property
    def suggestion_id(self) -> str:
        return str(self.suggestion()["suggestion_id"])

    def changes(self) -> list[tuple[str, str, str, str, str]]:
        """What the CRM hears: (account, from rep, to rep, valid from, kind), sorted."""
        fields = ("account_id", "from_rep", "to_rep", "valid_from", "kind")
        rows: list[Any] = [tuple(row[field] for field in fields) for row in self.rows(ASSIGNMENT_CHANGES)]
        return sorted(rows)

    def reasons(self) -> list[str]:
        """Of the dead letters."""
        return [letter["reason"] for letter in self.letters()]

    def decide(self, kind: str, suggestion_id: str = "", **fields: Any) -> None:
        values: dict[str, Any] = {
            "decision_id": derived(kind, suggestion_id, fields),
            "occurred_at": noon(MONDAY),
        } | fields
        self.say(Decided(region_id=REGION, kind=kind, suggestion_id=suggestion_id, **values))

    def owner_of(self, account_id: str) -> str | None:
        """The rep in force, as the region sees it."""
        return self.handler._regions[REGION].state.accounts[account_id].rep_id


def a_rep_set(rep_id: str, lon: float, **fields: Any) -> RepSet:
    values: dict[str, Any] = {"region_id": REGION, "occurred_at": noon(MONDAY), "event_id": derived(rep_id, fields)}
    return RepSet(rep_id=rep_id, home_lat=48.0, home_lon=lon, **(values | fields))


def an_account_set(account_id: str, lon: float | None, **fields: Any) -> AccountSet:
    values: dict[str, Any] = {
        "region_id": REGION, "occurred_at": noon(MONDAY - timedelta(days=30)), "event_id": derived(account_id, fields),
        "source_partition": SOURCE_PARTITION, "lat": 48.0,
    }  # fmt: skip
    return AccountSet(account_id=account_id, lon=lon, **(values | fields))


def an_assignment_set(account_id: str, rep_id: str | None, valid_from: date = MONDAY - timedelta(days=30),
                      source: str = "import") -> AssignmentSet:  # fmt: skip
    return AssignmentSet(REGION, account_id, rep_id, valid_from, derived(account_id, rep_id, valid_from), source)


def a_region(of_west: int = 15, of_east: int = 5, settings: Settings = QUICK, **bench_fields: Any) -> RegionBench:
    """Reps "east", "west" and accounts a00, a01, ... from west to east between them; the first `of_west` are west's."""
    bench = RegionBench(settings, **bench_fields)
    count = of_west + of_east
    names = [f"a{i:02d}" for i in range(count)]
    bench.say(a_rep_set("west", -3.0), a_rep_set("east", -2.0))
    bench.say(*(an_account_set(name, -3.0 + i / count) for i, name in enumerate(names)))
    bench.say(*(an_assignment_set(name, "west" if i < of_west else "east") for i, name in enumerate(names)))
    return bench


def a_day(region_id: str, account_id: str, day: date, *totals: Any) -> AccountDays:
    """One account day: revenue in cents, orders, visits, visit and travel minutes."""
    return AccountDays(region_id, (DayTotals(account_id, day.toordinal(), *totals),))
