"""What the files said, on its way to a feed: the roster apart, the events by time, unknown accounts created."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from infra.feeds.record import Feed, FeedRecord, merge, record_of
from infra.importers.assemble import FIRST_KNOWN
from infra.importers.outcome import Outcome
from infra.importers.sorting import TimeSorter
from infra.importers.targets import ACCOUNTS, Target
from schemas.events import Account, Assignment, Event, Rep
from schemas.events import Target as MonthTarget


@dataclass(frozen=True, slots=True)
class Span:
    """Days to bring in: from `since` up to, not including, `until` (UTC)."""

    since: date | None = None
    until: date | None = None

    def holds(self, at: datetime) -> bool:
        day = at.astimezone(UTC).date()
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


class Merged:
    """Two time-ordered sequences as one that can be walked repeatedly."""

    def __init__(self, *parts: Iterable[FeedRecord]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[FeedRecord]:
        return merge(*self._parts)


@dataclass(slots=True)
class Ledger:
    """Collects accepted records. `constants` are the accounts mapping's, given to created accounts too."""

    span: Span
    constants: Mapping[str, str]
    events: TimeSorter = field(default_factory=TimeSorter)
    created: int = 0
    _accounts: list[FeedRecord] = field(default_factory=list)
    _reps: list[FeedRecord] = field(default_factory=list)
    _assignments: list[tuple[Assignment, FeedRecord]] = field(default_factory=list)
    _targets: list[FeedRecord] = field(default_factory=list)
    _known_accounts: set[str] = field(default_factory=set)
    _known_reps: set[str] = field(default_factory=set)
    _named_accounts: set[str] = field(default_factory=set)
    _named_reps: set[str] = field(default_factory=set)

    def wants(self, target: Target, event: Event) -> bool:
        """Whether the event lies in the span; the roster always does."""
        return target.is_roster or self.span.holds(event.occurred_at)

    def add(self, target: Target, event: Event, record: FeedRecord) -> None:
        if not target.is_roster:
            self.events.add(record)
        elif isinstance(event, Account):
            self._known_accounts.add(event.account_id)
            self._accounts.append(record)
        elif isinstance(event, Rep):
            self._known_reps.add(event.rep_id)
            self._reps.append(record)
        elif isinstance(event, Assignment):
            self._assignments.append((event, record))
        elif isinstance(event, MonthTarget):
            self._targets.append(record)
        self._note_names(target, event)

    def _note_names(self, target: Target, event: Event) -> None:
        if target.names_account and (account_id := getattr(event, "account_id", None)):
            self._named_accounts.add(account_id)
        if target.names_rep and (rep_id := getattr(event, "rep_id", None)):
            self._named_reps.add(rep_id)

    def feed(self, outcome: Outcome) -> Feed:
        """The feed of all that was added; states what had to be assumed."""
        created = self._create_accounts(outcome)
        strangers = sorted(self._named_reps - self._known_reps)
        if strangers:
            outcome.notice(f"{len(strangers)} reps are named but not in the reps file: {_some(strangers)}")
        first, later = self._split_assignments()
        return Feed([*self._accounts, *created, *self._reps, *first, *self._targets], Merged(later, self.events))

    def _create_accounts(self, outcome: Outcome) -> list[FeedRecord]:
        missing = sorted(self._named_accounts - self._known_accounts)
        self.created = len(missing)
        if missing:
            outcome.notice(
                f"{len(missing)} accounts without a register line are created without a place: {_some(missing)}"
            )
        return [self._created(account_id) for account_id in missing]

    def _created(self, account_id: str) -> FeedRecord:
        values = {**self.constants, "account_id": account_id}
        event = Account.model_validate({
            **values, "event_id": ACCOUNTS.event_id({**values}), "occurred_at": FIRST_KNOWN,
        })  # fmt: skip
        return record_of(ACCOUNTS.topic, event, source="created")

    def _split_assignments(self) -> tuple[list[FeedRecord], list[FeedRecord]]:
        """An account's first rep belongs to the roster, and so does all that held before the first event.

        Later changes take their place in time, ahead of that day's events, but never after the last event: what is
        planned for next month is known today.
        """
        ordered = sorted(self._assignments, key=lambda pair: (pair[0].valid_from, pair[0].account_id))
        if self.events.first is None or self.events.last is None:
            return [record for _, record in ordered], []
        roster, later, has_rep = [], [], set()
        for assignment, record in ordered:
            if assignment.account_id not in has_rep or record.at <= self.events.first:
                has_rep.add(assignment.account_id)
                roster.append(record)
            else:
                later.append(replace(record, at=min(record.at, self.events.last)))
        return roster, later


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
