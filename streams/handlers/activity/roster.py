"""Accounts and assignments as the messages a region's log carries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from models.analogy import type_words
from schemas.events import Account, Assignment
from schemas.ids import derived, short_hash
from schemas.region_log import AccountSet, AssignmentSet

TOKEN_BYTES = 4


def account_message(account: Account, partition: int, base_region: str) -> AccountSet:
    """The account as its region knows it: without its name, but with what its words tell of its type."""
    return AccountSet(
        region_id=account.region_id or base_region,
        account_id=account.account_id,
        event_id=account.event_id,
        source_partition=partition,
        occurred_at=account.occurred_at,
        kind=account.kind,
        segment=account.segment,
        status=account.status,
        lat=account.lat,
        lon=account.lon,
        postal_code=account.postal_code,
        city=account.city,
        chain=type_tokens(account.name),
        family_id=account.family_id,
        visit_minutes=account.visit_minutes,
        visits_per_year=account.visits_per_year,
        skills=account.skills,
    )


def type_tokens(name: str) -> str:
    """The words of a name that may recur, as hashes: accounts of one type have equal ones, and no name leaves its table."""
    return " ".join(short_hash(word.encode(), TOKEN_BYTES).hex() for word in type_words(name).split())


def account_left(region_id: str, now: AccountSet) -> AccountSet:
    """What the old region hears when an account moves to another."""
    changes: dict[str, Any] = {"region_id": region_id, "left": True}
    return msgspec.structs.replace(now, **changes)


def created_account(account_id: str, occurred_at: datetime, base_region: str) -> Account:
    """A customer nobody announced, first named by an event of that time; it has no place."""
    return Account(
        event_id=creation_id(account_id),
        occurred_at=occurred_at,
        account_id=account_id,
        region_id=base_region,
    )


def creation_id(account_id: str) -> str:
    """The id of the account's event when an order or visit was the first to name it."""
    return derived("account", account_id, "first seen")


def assignment_message(assignment: Assignment, region_id: str) -> AssignmentSet:
    return AssignmentSet(
        region_id=region_id,
        account_id=assignment.account_id,
        rep_id=assignment.rep_id,
        valid_from=assignment.valid_from,
        event_id=assignment.event_id,
        source=assignment.source,
    )
