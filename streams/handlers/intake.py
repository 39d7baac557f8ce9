"""The intake stage: rare events of natural keys are checked and put into the logs of the regions they concern, if any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from schemas.errors import RefusedError
from schemas.events import Decision, Event, MarketEvent, Opportunity, Rep, Survey, Target, Tick
from schemas.ids import region_partition
from schemas.region_log import DayClosed, DealSet, Decided, RegionMessage, encode
from schemas.settings import Settings
from schemas.topics import (
    DECISIONS,
    EVERY_REGION,
    INTAKE_MARKS_AS,
    INTAKE_STATE,
    MARKET_EVENTS,
    OPPORTUNITIES,
    REGION_EVENTS,
    REPS,
    SURVEYS,
    TARGETS,
    TICK_KEY,
)
from streams.handlers.activity.clock import closed_by
from streams.handlers.activity.memory import Memory
from streams.handlers.activity.sightings import Sighting
from streams.handlers.announcing import market_event_message, rep_message
from streams.handlers.dead_letters import bury
from streams.handlers.facts import fact, nameless_fact
from streams.handlers.parsing import parse
from streams.ports import Emit, Output, Record, Store


class Intake:
    """Keeps the ids it has seen, so that a repeated event writes no second fact."""

    def __init__(self, store: Store, settings: Settings, log_id: str) -> None:
        self._memory = Memory(store)
        self._settings = settings
        self._log_id = log_id
        self._output = Output()
        self._apply: Mapping[str, Callable[[Record], list[Emit]]] = {
            REPS.name: self._on_rep,
            MARKET_EVENTS.name: self._on_market_event,
            OPPORTUNITIES.name: self._on_opportunity,
            TARGETS.name: partial(self._on_fact_alone, Target, "targets"),
            SURVEYS.name: partial(self._on_fact_alone, Survey, "surveys"),
            DECISIONS.name: self._on_decision,
        }

    def start_offset(self, topic: str, committed: int) -> int | None:  # noqa: ARG002 - the contract names it
        return None

    def known_until(self, topic: str) -> int | None:  # noqa: ARG002 - the contract names it
        return None

    def handle(self, records: Sequence[Record]) -> Output:
        output = self._output = Output()
        for record in records:
            output.count("messages", record.topic)
            try:
                output.emits.extend(self._apply[record.topic](record))
            except RefusedError as refused:
                output.emits.append(bury(record, refused, self._log_id))
                output.count("dead_letters", f"{record.topic}|{refused.reason}")
        output.state = self._memory.take_changes()
        return output

    def _is_repetition(self, record: Record, event: Event) -> bool:
        """Whether another record brought this event before. Raises RefusedError when it said something else."""
        content = event.model_dump_json(exclude={"event_id", "occurred_at", "schema_version"})
        sighting = self._memory.see(record.topic, event, content, record.offset)
        if sighting is Sighting.CONFLICT:
            raise RefusedError("duplicate_id", f"{event.event_id!r} was seen before with other content", "event_id")
        if sighting is Sighting.DUPLICATE:
            self._output.count("duplicates", record.topic)
        return sighting is Sighting.DUPLICATE

    def _on_rep(self, record: Record) -> list[Emit]:
        rep = parse(Rep, record, self._settings)
        if self._is_repetition(record, rep):
            return []
        message = rep_message(rep, self._settings.company.base_region)
        return [*self._facts(record, *nameless_fact("reps", rep, record, self._log_id)), *to_every_region(message)]

    def _on_market_event(self, record: Record) -> list[Emit]:
        event = parse(MarketEvent, record, self._settings)
        if self._is_repetition(record, event):
            return []
        message = market_event_message(event)
        return [*self._facts(record, fact("market_events", event, record, self._log_id)), *to_every_region(message)]

    def _on_opportunity(self, record: Record) -> list[Emit]:
        if record.key == TICK_KEY:
            return self._on_tick(parse(Tick, record, self._settings))
        opportunity = parse(Opportunity, record, self._settings)
        if self._is_repetition(record, opportunity):
            return []
        message = DealSet(
            account_id=opportunity.account_id,
            opportunity_id=opportunity.opportunity_id,
            is_open=opportunity.stage == "open",
            occurred_at=opportunity.occurred_at,
            event_id=opportunity.event_id,
        )
        told = to_every_region(message)
        return [*self._facts(record, fact("opportunities", opportunity, record, self._log_id)), *told]

    def _on_tick(self, tick: Tick) -> list[Emit]:
        """Deals of the days that a tick leaves behind have been told; no region closes a day before."""
        self._output.count("ticks", OPPORTUNITIES.name)
        at_ms = int(tick.occurred_at.timestamp() * 1000)
        day = closed_by(at_ms, int(self._settings.calendar.lateness_hours * 3_600_000))
        return to_every_region(DayClosed(partition=INTAKE_MARKS_AS, day=day))

    def _on_fact_alone(self, shape: type[Event], table: str, record: Record) -> list[Emit]:
        """A fact and no more: no region reacts to what its reps are expected to sell, or to how content anybody is."""
        event = parse(shape, record, self._settings)
        if self._is_repetition(record, event):
            return []
        return self._facts(record, fact(table, event, record, self._log_id))

    def _on_decision(self, record: Record) -> list[Emit]:
        decision = parse(Decision, record, self._settings)
        if self._is_repetition(record, decision):
            return []
        message = Decided(
            decision_id=decision.decision_id,
            region_id=decision.region_id,
            kind=decision.kind,
            occurred_at=decision.occurred_at,
            suggestion_id=decision.suggestion_id,
            account_id=decision.account_id,
            moves=tuple((move.account_id, move.rep_id) for move in decision.moves),
            reason=decision.reason,
            decided_by=decision.decided_by,
            effective_from=decision.effective_from,
            until=decision.until,
            alert_id=decision.alert_id,
            verdict=decision.verdict,
        )
        partition = region_partition(decision.region_id, REGION_EVENTS.partitions)
        emit = Emit(REGION_EVENTS.name, partition, decision.region_id.encode(), encode(message))
        return [*self._facts(record, fact("decisions", decision, record, self._log_id)), emit]

    def _facts(self, record: Record, *facts: Emit) -> list[Emit]:
        if record.restored:
            return []
        for emit in facts:
            self._output.count("facts", emit.table)
        return list(facts)


def to_every_region(message: RegionMessage) -> list[Emit]:
    """The same message for every partition of the region log."""
    value = encode(message)
    return [Emit(REGION_EVENTS.name, p, EVERY_REGION, value) for p in range(REGION_EVENTS.partitions)]


class IntakeStage:
    """All partitions of the intake stage."""

    name = "intake"
    topics = (REPS.name, MARKET_EVENTS.name, OPPORTUNITIES.name, TARGETS.name, SURVEYS.name, DECISIONS.name)
    state_topic = INTAKE_STATE.name
    state_first = True

    def __init__(self, settings: Settings, log_id: str) -> None:
        self._settings = settings
        self._log_id = log_id

    def open(self, partition: int, store: Store, /) -> Intake:  # noqa: ARG002 - the contract names it
        return Intake(store, self._settings, self._log_id)
