"""The embedded broker forgets when it ends; ClickHouse does not. At the next start history is told again from its facts.

Events come back with their own ids in order of event time, marked as restored: state is learnt anew, no fact is written
twice. The same fold over the same events gives the same potentials, alerts, suggestions and ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from infra.clickhouse.decided import decided_at
from infra.clickhouse.read import facts, history
from infra.feeds.record import Feed, FeedRecord, merge, restored
from schemas.topics import ACCOUNTS, ASSIGNMENTS, BY_NAME, DECISIONS, REPS, TARGETS

ROSTER = ((REPS, "reps"), (ACCOUNTS, "accounts"), (ASSIGNMENTS, "assignments"), (TARGETS, "targets"))
DATED = ("market_events", "decisions", "orders", "visits", "opportunities", "surveys")


def history_feed(client: Client) -> Feed:
    """Everything accepted so far. Accounts and reps as first known, planned assignments and targets form the roster."""
    roster: list[FeedRecord] = []
    later: list[FeedRecord] = []
    known: set[tuple[str, bytes]] = set()
    for topic, table in ROSTER:
        for raw in facts(client, table):
            fields = json.loads(raw)
            record = _record(topic.name, raw, fields, _moment(fields))
            decided = fields.get("source") in ("decision", "crm")
            changed = topic in (REPS, ACCOUNTS) and (topic.name, record.key) in known
            known.add((topic.name, record.key))
            (later if decided or changed else roster).append(record)
    later.sort(key=lambda record: record.at)
    return Feed(roster=roster, events=merge(later, _dated(client)))


def _dated(client: Client) -> Iterator[FeedRecord]:
    """Events of their day; a decision stands where the calendar stood when it was applied."""
    times = decided_at(client)
    decisions: list[FeedRecord] = []
    for raw in facts(client, "decisions"):
        fields = json.loads(raw)
        at = times.get(fields["decision_id"], _moment(fields))
        decisions.append(_record(DECISIONS.name, raw, fields, at.astimezone(UTC)))
    decisions.sort(key=lambda record: record.at)
    others = (
        _record(topic, raw, fields := json.loads(raw), _moment(fields))
        for topic, raw in history(client, tuple(table for table in DATED if table != "decisions"))
    )
    return merge(decisions, others)


def _record(topic: str, raw: bytes, fields: dict[str, Any], at: datetime) -> FeedRecord:
    return restored(FeedRecord(topic, str(fields[BY_NAME[topic].key]).encode(), raw, at))


def _moment(fields: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(fields["occurred_at"])
