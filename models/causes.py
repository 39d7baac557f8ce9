"""Why a scope deviates: ranked candidates with their evidence. Only a change of state can be a cause."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from models.signals import Signal
from schemas.verdict_sentences import say

CauseClass = Literal["data_fault", "execution_gap", "demand_shift", "capacity_change", "model_drift"]
EventKind = Literal["market_event", "account_closed", "rep_left", "rep_absent", "rep_joined"]

_NEAR = timedelta(weeks=8)
_CAPACITY: frozenset[EventKind] = frozenset({"rep_left", "rep_absent", "rep_joined"})
_VISITS_HELD = 0.7  # of the target; below, the frequency was not kept
_MARKET_MOVED = 0.05
_CLOSE = 0.25  # log points


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """Something that happened and was told to us. Scope pairs are (kind, id), ("region", "") for all of it."""

    event_id: str
    kind: EventKind
    day: date
    scopes: tuple[tuple[str, str], ...]
    structural: bool = False  # needs no statistics: the alert opens at once
    eur_at_risk: float = 0.0  # a year
    note: str = ""


@dataclass(frozen=True, slots=True)
class CauseContext:
    """What the handler knows beside the signals."""

    region_potential_eur: float
    visits_held: Mapping[tuple[str, str], float] = field(default_factory=dict)  # scope -> done/target before the drop
    market_change_share: float = 0.0  # the market against a year ago
    feed_silent: bool = False
    model_drifting: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """One candidate; scores order candidates and are no probabilities."""

    cause: CauseClass
    score: float
    evidence: str
    event_ids: tuple[str, ...] = ()


def causes_of(signal: Signal, events: Iterable[KnownEvent], context: CauseContext) -> tuple[Cause, ...]:
    """Candidates, best first; never empty: what nothing else explains is a shift of demand."""
    around = {(signal.kind, signal.scope_id), *signal.inside}
    near = [e for e in events if signal.started - _NEAR <= e.day and around & set(e.scopes)]
    found = [
        *_data_fault(signal, context),
        *_events(near),
        *_execution(signal, context),
        *_market(signal, context),
        *_model(context),
    ]
    found.append(Cause("demand_shift", 0.2, say("cause.nothing_known")))
    return tuple(sorted(found, key=lambda cause: (-cause.score, cause.cause, cause.evidence)))


def _data_fault(signal: Signal, context: CauseContext) -> Iterable[Cause]:
    if context.feed_silent or signal.evidence.get("feed_silent") is True:
        yield Cause("data_fault", 1.0, say("cause.feed_stopped"))
    if "silent_together" in signal.evidence:
        yield Cause("data_fault", 0.95, str(signal.evidence["silent_together"]))
    times = signal.evidence.get("every_order_times")
    if times is not None:
        often = signal.evidence.get("orders_times")
        yield Cause("data_fault", 0.95, fault_of_orders(float(times), None if often is None else float(often)))


def fault_of_orders(times: float, often: float | None) -> str:
    """Which fault multiplies what nearly every account buys in a day: more orders, or larger ones."""
    if often is not None and abs(math.log(times / often)) < _CLOSE:
        return say("cause.orders_repeated" if times > 1 else "cause.orders_missing", times=often)
    if often is not None and abs(math.log(often)) < _CLOSE:
        return say("cause.other_unit", times=times)
    return say("cause.twice_or_unit" if times > 1 else "cause.part_or_unit", times=times)


def _events(near: Sequence[KnownEvent]) -> Iterable[Cause]:
    for event in near:
        text = told_event(event.kind, event.day, event.note)
        if event.kind in _CAPACITY:
            yield Cause("capacity_change", 0.9, text, (event.event_id,))
        else:
            yield Cause("demand_shift", 0.8, text, (event.event_id,))


def told_event(kind: str, day: date, note: str) -> str:
    """What happened, and when."""
    event = kind.replace("_", " ")
    return (
        say("cause.event_because", event=event, day=day, event_note=note)
        if note
        else say("cause.event", event=event, day=day)
    )


def _execution(signal: Signal, context: CauseContext) -> Iterable[Cause]:
    """Of this scope or the nearest around it whose visits are known; only a drop can come from missed visits."""
    if signal.direction == "rise":
        return
    for scope in ((signal.kind, signal.scope_id), *signal.inside):
        held = context.visits_held.get(scope)
        if held is not None:
            if held < _VISITS_HELD:
                score = 0.4 + 0.45 * (1 - held / _VISITS_HELD)
                yield Cause("execution_gap", score, say("cause.missed_visits", share=held))
            return


def _market(signal: Signal, context: CauseContext) -> Iterable[Cause]:
    change = context.market_change_share
    same_way = change < 0 if signal.direction == "drop" else change > 0
    if signal.kind == "region" and same_way and abs(change) >= _MARKET_MOVED:
        yield Cause("demand_shift", 0.5, say("cause.market", signed_share=change))


def _model(context: CauseContext) -> Iterable[Cause]:
    if context.model_drifting:
        yield Cause("model_drift", 0.45, say("cause.forecasts"))
