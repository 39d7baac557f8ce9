"""Accounts: what a relation is made of, and why a potential is what it is."""

from __future__ import annotations

from datetime import date

from console.reading.answers.answer import Answer


class PotentialReason(Answer):
    """One of the strongest reasons why a potential differs from its base; `words` is English."""

    code: str
    eur: float
    change: float
    since: date | None
    waited_weeks: int
    usual_gap_weeks: int
    words: str


class AccountFacts(Answer):
    """An account with what a relation is made of."""

    account_id: str
    name: str
    region_id: str
    rep_id: str
    substitute: str = ""  # who stands in for an absent rep
    city: str
    segment: str
    potential_eur: float
    lat: float | None
    lon: float | None
    active: bool
    owned_since: date | None
    last_order: date | None
    last_visit: date | None
    year_eur: float
    visits_90_days: int
    visits_per_year: float | None
    open_deals: int
    moves_12_months: int
    base_eur: float
    base_by_analogy: bool
    reasons: list[PotentialReason]
