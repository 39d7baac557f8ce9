"""A folder of CSV files becomes a feed: read, checked, given ids, put in order of time."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from infra.feeds.record import Feed
from infra.importers.ledger import Ledger, Span
from infra.importers.mapping import Mapping
from infra.importers.outcome import Outcome, Refused, Tally
from infra.importers.reading import FileReader
from infra.importers.targets import ACCOUNTS, ORDERS, TARGETS, Target
from schemas.errors import SettingsError
from schemas.settings import Calendar


@dataclass(frozen=True, slots=True)
class Import:
    """A folder, read. `tallies` by file name; `refused` holds the first 10,000 (the tallies count all)."""

    feed: Feed
    tallies: Dictionary[str, Tally]
    refused: tuple[Refused, ...]
    notices: tuple[str, ...]
    accounts_created: int


def read_folder(
    folder: Path,
    mapping: Mapping | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
    calendar: Calendar | None = None,
) -> Import:
    """Read all files of a folder (plain or .gz) into a feed.

    Bad lines are refused one by one and the rest goes on. `since` (included) and `until` (excluded) bound the events by
    UTC day; the roster is always whole. Accounts that only events name are created without a place. Raises
    SettingsError when the folder is not there, a file that the mapping names is missing, or there are neither accounts
    nor orders.
    """
    mapping = mapping or Mapping()
    files = _files(folder, mapping)
    outcome = Outcome()
    ledger = Ledger(Span(since, until), mapping.accounts.constants)
    for target, path in files:
        reader = FileReader(target, mapping.of(target), mapping.timezone, calendar or Calendar(), ledger, outcome)
        reader.read(path)
    feed = ledger.feed(outcome)
    return Import(feed, outcome.tallies, tuple(outcome.refused), tuple(outcome.notices), ledger.created)


def _files(folder: Path, mapping: Mapping) -> list[tuple[Target, Path]]:
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder")
    found = [(target, path) for target in TARGETS if (path := _file_of(folder, mapping, target)) is not None]
    if not any(target in (ACCOUNTS, ORDERS) for target, _ in found):
        there = ", ".join(sorted(path.name for path in folder.iterdir())[:20]) or "nothing"
        raise SettingsError(f"{folder}: neither accounts.csv nor orders.csv; there is {there}")
    return found


def _file_of(folder: Path, mapping: Mapping, target: Target) -> Path | None:
    named = mapping.of(target).file
    candidates = [named] if named else [f"{target.name}.csv", f"{target.name}.csv.gz"]
    for candidate in candidates:
        if (path := folder / candidate).is_file():
            return path
    if named:
        raise SettingsError(f"{folder}: the mapping names {named} for {target.name}, which is not there")
    return None
