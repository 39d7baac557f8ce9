"""Which fields of a record may say who somebody is. The proof of an erasure and the table of the documentation derive from it.

A field is judged by its name, whatever record it stands in. Every field of text stands in one of the sets below: a test
walks all topics, so that a new one is judged before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_args

import msgspec
from pydantic import BaseModel

from schemas.region_log import AccountSet, RegionMessage
from schemas.topics import ACTIVITY_STATE, REGION_EVENTS, REGION_STATE, Topic

IDENTIFYING: Final = frozenset({
    "name", "lat", "lon", "postal_code", "city", "family_id", "home_lat", "home_lon", "absent_from", "absent_to",
    "chain", "payload_base64", "detail",
})  # fmt: skip
"""What the erasure of an account or rep takes away. `chain`: hashes of those words of a name that may recur."""
FREE_TEXT: Final = frozenset({
    "note", "reason", "decision_reason", "outcome", "source", "evidence", "decided_by", "challenged_by", "assignee",
    "manager_id", "why", "relaxation",
})  # fmt: skip
"""What people write, or what quotes it. It should hold ids; a name in it is found by the proof and not taken out."""
PLAIN: Final = frozenset({
    "account_id", "accounts", "alert_id", "alert_ids", "alternative", "binding", "cause", "change_id",
    "config_version", "currency", "dead_letter_id", "decision_id", "dedup_key", "event_id", "failure", "field",
    "from_rep", "group_id", "id", "key", "kind", "log_id", "market_event_id", "model_version", "moves",
    "opportunity_id", "order_id", "products_seen", "region_id", "related_market_events", "rep_id", "request_id", "rule", "scope_id",
    "segment", "skills", "solver_status", "stopped_by", "suggestion_id", "survey_id", "title", "to_rep", "topic", "verdict",
    "visit_id", "words",
})  # fmt: skip
"""Ids and codes, and sentences of ours made of them (`title`, `words`)."""

_IN_STATE: Final[dict[str, Any]] = {
    REGION_EVENTS.name: RegionMessage,
    ACTIVITY_STATE.name: AccountSet,
    REGION_STATE.name: RegionMessage,
}
"""What the topics without a declared payload carry, or remember of. The memory of the intake stage holds ids and digests."""


def personal_fields(topic: Topic) -> tuple[str, ...]:
    """The fields of the topic's records that may say who somebody is, sorted; none: only ids, codes and figures."""
    return tuple(sorted({name for name, _ in fields_of(topic)} & (IDENTIFYING | FREE_TEXT)))


def fields_of(topic: Topic) -> Iterator[tuple[str, Any]]:
    """(name, type) of every field of every record of the topic, nested ones too; a row of `names` is the name of somebody."""
    roots: list[Any] = [*([topic.payload] if topic.payload else []), *topic.tables.values()]
    waiting = [*roots, *get_args(_IN_STATE.get(topic.name)), _IN_STATE.get(topic.name)]
    seen: set[Any] = set()
    while waiting:
        kind = waiting.pop()
        if kind in seen:
            continue
        seen.add(kind)
        for name, annotation in _own_fields(kind):
            yield name, annotation
            waiting += _parts(annotation)


def _own_fields(kind: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from ((name, field.annotation) for name, field in kind.model_fields.items())
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from ((field.name, field.type) for field in msgspec.structs.fields(kind))


def _parts(annotation: Any) -> list[Any]:
    """A type and everything it is made of."""
    return [annotation, *(part for inner in get_args(annotation) for part in _parts(inner))]
