"""What a company's files tell beside its orders, read by the importer: same mapping, same refusals as `replay`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from infra.feeds.record import FeedRecord
from infra.importers.ledger import Ledger, Span
from infra.importers.mapping import Mapping
from infra.importers.outcome import Outcome, Refused
from infra.importers.reading import FileReader
from infra.importers.targets import ACCOUNTS, ASSIGNMENTS, MARKET_EVENTS, REPS, VISITS, Target
from schemas.errors import SettingsError
from schemas.events import Account, Assignment, Event, MarketEvent, Rep, VisitReport
from schemas.region_log import AssignmentSet, MarketEventSet, RepSet
from schemas.settings import Calendar
from streams.handlers.activity.roster import assignment_message
from streams.handlers.announcing import market_event_message, rep_message
from streams.handlers.region.roster import day_of

TARGETS: Dictionary[str, Target] = {
    "accounts": ACCOUNTS, "market_events": MARKET_EVENTS, "visits": VISITS, "reps": REPS, "assignments": ASSIGNMENTS,
}  # fmt: skip
COMPANY = "company"
"""The region of a backtest: it watches all of them together."""
Message = RepSet | AssignmentSet | MarketEventSet


@dataclass(slots=True)
class Told(Ledger):
    """`messages` by the day (ordinal) on which they take effect, `visits` by day and account, made in person."""

    accounts: dict[str, Account] = field(default_factory=dict)
    messages: dict[int, list[Message]] = field(default_factory=dict)
    visits: dict[int, Counter[str]] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    notices: tuple[str, ...] = ()

    def add(self, target: Target, event: Event, record: FeedRecord) -> None:  # noqa: ARG002  as the ledger has it
        match event:
            case Account():
                self.accounts[event.account_id] = event
            case Rep():
                rep = msgspec.structs.replace(rep_message(event, COMPANY), region_id=COMPANY)
                self._from(event.occurred_at.date().toordinal(), rep)
            case Assignment():
                self._from(event.valid_from.toordinal(), assignment_message(event, COMPANY))
            case MarketEvent():
                self._from(day_of(event.occurred_at).toordinal(), market_event_message(event))
            case VisitReport(channel="visit", status="done"):
                day = day_of(event.occurred_at).toordinal()
                self.visits.setdefault(day, Counter())[event.account_id] += 1

    def _from(self, day: int, message: Message) -> None:
        self.messages.setdefault(day, []).append(message)


def read_told(files: Dictionary[str, Path | None], mapping: Mapping, calendar: Calendar) -> Told:
    """`files` by the names of `TARGETS`. Raises SettingsError for a file of which not one line can be used."""
    told = Told(Span(), mapping.accounts.constants)
    for name, path in files.items():
        if path is None:
            continue
        target = TARGETS[name]
        outcome = Outcome()
        FileReader(target, mapping.of(target), mapping.timezone, calendar, told, outcome).read(path)
        if not outcome.tally(path.name).accepted:
            reasons = "".join(f"\n  {one}" for one in outcome.refused)
            raise SettingsError(f"{path}: not one line could be used{reasons[:500]}")
        told.refused += tuple(outcome.refused)
        told.notices += tuple(f"{path}: {one}" for one in outcome.notices)
    return told
