"""Accounts and assignments of one partition: remembered, and told to the regions they concern."""

from __future__ import annotations

from datetime import datetime

from schemas.errors import RefusedError
from schemas.events import Account, Assignment, Event
from schemas.region_log import AccountSet
from schemas.settings import Settings
from streams.handlers.activity.book import Book
from streams.handlers.activity.memory import Memory
from streams.handlers.activity.roster import (
    account_left,
    account_message,
    assignment_message,
    created_account,
    creation_id,
)
from streams.handlers.activity.sightings import Sighting
from streams.handlers.activity.voice import Voice
from streams.handlers.facts import fact, nameless_fact
from streams.handlers.parsing import parse
from streams.ports import Record


class Accounts:
    def __init__(
        self, partition: int, memory: Memory, book: Book, voice: Voice, settings: Settings, log_id: str
    ) -> None:
        self._partition = partition
        self._memory = memory
        self._book = book
        self._voice = voice
        self._settings = settings
        self._log_id = log_id

    def hear(self, record: Record) -> None:
        """An accounts event. Raises RefusedError."""
        account = parse(Account, record, self._settings)
        before = self._memory.account(account.account_id)
        # an event from before the field was known has the digest of then, so that it stays a repetition
        newer = set() if account.contact_updated_on else {"contact_updated_on"}
        content = account.model_dump_json(exclude={"event_id", "occurred_at", "schema_version", *newer})
        if self._sight(account.account_id, account, content, record) is Sighting.DUPLICATE:
            return
        self._voice.write(record, *nameless_fact("accounts", account, record, self._log_id))
        if before is not None and before.occurred_at > account.occurred_at:
            return  # history only: the present is newer
        self._keep(account_message(account, self._partition, self._settings.company.base_region), before)

    def assign(self, record: Record) -> None:
        """An assignments event. Raises RefusedError."""
        assignment = parse(Assignment, record, self._settings)
        account = self.known(assignment.account_id, assignment.occurred_at, record)
        content = f"{assignment.rep_id}|{assignment.valid_from}|{assignment.source}"
        if self._sight(account.account_id, assignment, content, record) is Sighting.DUPLICATE:
            return
        self._voice.write(record, fact("assignments", assignment, record, self._log_id, account.region_id))
        self._voice.tell(account.region_id, assignment_message(assignment, account.region_id))

    def takes(self, account_id: str) -> bool:
        """Whether an event may name this account: it is known, or would be made."""
        return self._settings.company.unknown_accounts != "refuse" or self._memory.knows(account_id)

    def known(self, account_id: str, occurred_at: datetime, record: Record) -> AccountSet:
        """The account an event names. A new one is made and told; told again when this record made it before a crash.

        Raises RefusedError for an unknown account where the settings want them refused.
        """
        account = self._memory.account(account_id)
        if account is None and self._settings.company.unknown_accounts == "refuse":
            raise RefusedError("unknown_account", f"no accounts event has named {account_id!r}", "account_id")
        if account is not None and (account.event_id, account.occurred_at) != (creation_id(account_id), occurred_at):
            return account
        created = created_account(account_id, occurred_at, self._settings.company.base_region)
        sighting = self._memory.see_of_account(account_id, created, "", record.offset)
        if account is not None and sighting is Sighting.DUPLICATE:
            return account
        self._voice.write(record, *nameless_fact("accounts", created, record, self._log_id))
        now = account_message(created, self._partition, self._settings.company.base_region)
        self._keep(now, account)
        return now

    def _keep(self, now: AccountSet, before: AccountSet | None) -> None:
        """Remember and tell. A repetition after a crash tells the region that was left once more."""
        if before is not None and before.region_id != now.region_id:
            self._memory.keep_left_region(now.account_id, before.region_id)
        self._memory.keep_account(now)
        moved = before is not None and (before.region_id != now.region_id or before.event_id == now.event_id)
        left = self._memory.left_region(now.account_id) if moved else ""
        if left:
            self._voice.tell(left, account_left(left, now))
        self._voice.tell(now.region_id, now)
        if left:
            self._book.move(now.account_id, now.region_id)

    def _sight(self, account_id: str, event: Event, content: str, record: Record) -> Sighting:
        sighting = self._memory.see_of_account(account_id, event, content, record.offset)
        if sighting is Sighting.CONFLICT:
            raise RefusedError("duplicate_id", f"{event.event_id!r} was seen before with other content", "event_id")
        if sighting is Sighting.DUPLICATE:
            self._voice.output.count("duplicates", record.topic)
        return sighting
