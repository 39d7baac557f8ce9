"""Builders of events with valid defaults: a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from schemas.events import (
    Account,
    Assignment,
    DecidedMove,
    Decision,
    MarketEvent,
    Order,
    Rep,
    Survey,
    Target,
    Tick,
    VisitReport,
)
from schemas.ids import derived


def at(text: str) -> datetime:
    """A time in UTC: "2026-03-02" or "2026-03-02T09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def an_order(event_id: str = "o1", amount: str = "100.00", when: str = "2026-03-02T09:30", **fields: Any) -> Order:
    values: dict[str, Any] = {"order_id": event_id, "account_id": "a1", "currency": "EUR"}
    return Order(event_id=event_id, occurred_at=at(when), amount=Decimal(amount), **(values | fields))


def a_visit(event_id: str = "v1", when: str = "2026-03-02T11:00", **fields: Any) -> VisitReport:
    values: dict[str, Any] = {"visit_id": event_id, "account_id": "a1", "rep_id": "r1", "duration_minutes": 45}
    return VisitReport(event_id=event_id, occurred_at=at(when), **(values | fields))


def an_account(account_id: str = "a1", when: str = "2026-01-01", **fields: Any) -> Account:
    values: dict[str, Any] = {"event_id": derived("account", account_id, when, sorted(fields.items()))}
    return Account(account_id=account_id, occurred_at=at(when), **(values | fields))


def a_rep(rep_id: str = "r1", when: str = "2026-01-01", **fields: Any) -> Rep:
    values: dict[str, Any] = {"event_id": derived("rep", rep_id, when, sorted(fields.items()))}
    return Rep(rep_id=rep_id, occurred_at=at(when), **(values | fields))


def an_assignment(account_id: str = "a1", rep_id: str | None = "r1", valid_from: str = "2026-01-01",
                  **fields: Any) -> Assignment:  # fmt: skip
    values: dict[str, Any] = {
        "event_id": derived("assignment", account_id, rep_id, valid_from),
        "occurred_at": at(valid_from),
    }
    day = date.fromisoformat(valid_from)
    return Assignment(account_id=account_id, rep_id=rep_id, valid_from=day, **(values | fields))


def a_market_event(market_event_id: str = "m1", when: str = "2026-03-02", **fields: Any) -> MarketEvent:
    values: dict[str, Any] = {"event_id": market_event_id, "kind": "competitor_opened"}
    return MarketEvent(market_event_id=market_event_id, occurred_at=at(when), **(values | fields))


def a_target(rep_id: str = "r1", month: str = "2026-03-01", when: str = "2026-01-01", **fields: Any) -> Target:
    values: dict[str, Any] = {"event_id": derived("target", rep_id, month, when), "revenue": Decimal("90000.00")}
    return Target(rep_id=rep_id, month=date.fromisoformat(month), occurred_at=at(when), **(values | fields))


def a_survey(survey_id: str = "s1", when: str = "2026-03-02", **fields: Any) -> Survey:
    values: dict[str, Any] = {"event_id": f"survey-{survey_id}", "account_id": "a1", "score": 9}
    return Survey(survey_id=survey_id, occurred_at=at(when), **(values | fields))


def a_decision(kind: str, suggestion_id: str = "", moves: dict[str, str] | None = None, **fields: Any) -> Decision:
    values: dict[str, Any] = {"region_id": "main", "occurred_at": at("2026-03-02"), "decided_by": "M1"}
    values |= {"event_id": derived("decision", kind, suggestion_id, sorted(fields.items()), moves)} | fields
    listed = tuple(DecidedMove(account_id=account, rep_id=rep) for account, rep in (moves or {}).items())
    return Decision(
        kind=kind, suggestion_id=suggestion_id, moves=listed, **({"decision_id": values["event_id"]} | values)
    )


def a_tick(when: str) -> Tick:
    return Tick(event_id=derived("tick", when), occurred_at=at(when))
