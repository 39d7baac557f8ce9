"""orders.csv as a history of days: who ordered for how much, how often, and under which known effects."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from infra.importers.lines import Lines, Row
from infra.importers.mapping import FileMapping
from infra.importers.values import Moments
from models.history import Floats
from models.signals import Scope
from schemas.errors import RefusedError, SettingsError
from streams.cli.backtest.known_effects import MOST_EFFECTS, UNWARNED_DAYS, effect_codes
from streams.handlers.region.places import zone_at

_TERRITORY = ("territory_id", "territory", "rep_id")
_MUST = ("account_id", "occurred_at", "amount")
_WANTED = (*_MUST, "status", "currency")
_EFFECT_OF = {"placed": (1.0, 1), "returned": (-1.0, 0), "cancelled": (0.0, 0)}  # on a day's EUR and orders


@dataclass(frozen=True, slots=True)
class History:
    """Sorted by day. `scope_of` has an entry for each kind of scope that the files speak of."""

    account_ids: list[str]
    day: NDArray[np.int64]  # ordinals
    account: NDArray[np.intp]
    eur: Floats  # returns taken off
    count: Floats  # orders; none on a day that only returns have touched
    effect: NDArray[np.intp]  # 0 none
    effects: int  # numbers that `effect` may take, whether it does or not: what is to come changes no model
    scope_of: Mapping[Scope, list[str]]
    refused: int

    @property
    def days(self) -> int:
        return int(self.day[-1] - self.day[0]) + 1

    @property
    def account_weeks(self) -> int:
        """From each account's first day to the end of the history."""
        first = np.full(len(self.account_ids), int(self.day[-1]))
        np.minimum.at(first, self.account, self.day)
        return int(((self.day[-1] - first) // 7 + 1).sum())


def read_history(
    orders: Path, mapping: FileMapping, zone: str | None, effect_columns: tuple[str, ...],
    accounts: Path | None, accounts_mapping: FileMapping, until: int | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> History:  # fmt: skip
    """Orders of one account and day are added up, as the stream does: a return takes back on its own day, a cancelled order
    is nothing, a negative one that is no return is refused. Combinations of effects are learnt up to `until` (ordinal), or
    from days of which nothing is said. `tell` hears how many lines have been read. Raises SettingsError naming the file and
    what is missing, or currencies that are mixed."""
    moments = Moments(mapping.timezone or zone, mapping.date_format)
    days: dict[str, int] = {}
    sums: dict[tuple[int, int], float] = {}
    counts: dict[tuple[int, int], int] = {}
    effects: dict[tuple[int, int], tuple[str, ...]] = {}
    rows: dict[str, int] = {}
    currencies: set[str] = set()
    refused = 0
    cells = _cells(orders, mapping, (*_WANTED, *effect_columns))
    for line, (account_id, when, amount, status, currency, effect) in enumerate(cells, 1):
        if line % 10_000 == 0:
            tell(line)
        try:
            day = days.get(when)
            if day is None:
                day = days[when] = moments(when).date().toordinal()
            number = float(amount.replace(",", ".") if mapping.decimal == "," else amount)
            eur, placed = _effect_of(number, _status(status, mapping))
        except (RefusedError, ValueError):
            refused += 1
            continue
        key = (day, rows.setdefault(account_id, len(rows)))
        sums[key] = sums.get(key, 0.0) + eur
        counts[key] = counts.get(key, 0) + placed
        currencies.add(currency)
        if effect:
            effects.setdefault(key, effect)
    if not sums:
        raise SettingsError(f"{orders}: no order could be read ({refused} lines refused)")
    _check_currencies(orders, mapping, currencies)
    keys = sorted(sums)
    found = np.array(keys, np.int64)
    last_learnt = until if until is not None else keys[0][0] + UNWARNED_DAYS - 1
    learnt = int(np.searchsorted(found[:, 0], last_learnt, side="right"))
    codes = effect_codes([effects.get(key, ()) for key in keys], learnt)
    scopes = _scopes(accounts, accounts_mapping, rows) if accounts else {}
    return History(
        list(rows), found[:, 0], found[:, 1].astype(np.intp), np.array([sums[key] for key in keys]),
        np.array([counts[key] for key in keys], np.float64), codes,
        MOST_EFFECTS if effect_columns else 1, scopes, refused,
    )  # fmt: skip


def _cells(
    path: Path, mapping: FileMapping, wanted: tuple[str, ...]
) -> Iterator[tuple[str, str, str, str, str, tuple[str, ...]]]:
    must = tuple(field for field in wanted if field not in ("status", "currency"))
    for account_id, when, amount, status, currency, *effects in _table(path, mapping, wanted, must):
        yield account_id, when, amount, status, currency, tuple(effects)


def _check_currencies(orders: Path, mapping: FileMapping, words: set[str]) -> None:
    """As the importer reads them: a constant goes before what the lines say."""
    translated = mapping.values.get("currency", {})
    found = sorted({translated.get(word, word) for word in words} - {""})
    if len(found) > 1 and "currency" not in mapping.constants:
        raise SettingsError(f"{orders}: amounts in several currencies: {', '.join(found)}")


def _status(word: str, mapping: FileMapping) -> str:
    """As the importer reads it: the company's words translated, a constant where the file says nothing."""
    told = mapping.values.get("status", {}).get(word, word)
    return told or mapping.constants.get("status", "placed")


def _effect_of(amount: float, status: str) -> tuple[float, int]:
    """What an order does to its day: EUR and orders. Raises ValueError for one the stream would refuse."""
    if status not in _EFFECT_OF or not isfinite(amount) or (amount < 0 and status != "returned"):
        raise ValueError(f"amount {amount} of an order that is {status!r}")
    sign, placed = _EFFECT_OF[status]
    return sign * (abs(amount) if status == "returned" else amount), placed


def _table(
    path: Path, mapping: FileMapping, wanted: tuple[str, ...], must: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """The wanted fields of every whole line, "" where a field is not there. Raises SettingsError for one that must be."""
    source_of = {field: source for source, field in mapping.columns.items()}
    with _opened(path) as stream:
        lines = iter(Lines(stream, mapping.encoding, mapping.separator))
        header = next(lines, None)
        if not isinstance(header, Row):
            raise SettingsError(f"{path}: no header can be read")
        names = {name.strip(): at for at, name in enumerate(header.cells)}
        places = [names.get(source_of.get(field, field), names.get(field, -1)) for field in wanted]
        missing = [field for field, at in zip(wanted, places, strict=True) if at < 0 and field in must]
        if missing:
            raise SettingsError(f"{path}: no column {', '.join(missing)}; there are: {', '.join(names)}")
        skips = [(names[skip.column], set(skip.values)) for skip in mapping.skip if skip.column in names]
        for line in lines:
            if isinstance(line, Row) and len(line.cells) == len(header.cells):
                if any(line.cells[at] in values for at, values in skips):
                    continue
                yield tuple(line.cells[at].strip() if at >= 0 else "" for at in places)


def _opened(path: Path) -> IO[bytes]:
    try:
        return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


def _scopes(path: Path, mapping: FileMapping, rows: Mapping[str, int]) -> dict[Scope, list[str]]:
    wanted = ("account_id", *_TERRITORY, "segment", "lat", "lon", "postal_code")
    territory, segment, zone = ([""] * len(rows) for _ in range(3))
    for account_id, *cells in _table(path, mapping, wanted, ("account_id",)):
        if (row := rows.get(account_id)) is not None:
            territory[row] = next((name for name in cells[:3] if name), "")
            segment[row], zone[row] = cells[3], _zone(*cells[4:])
    named: dict[Scope, list[str]] = {"territory": territory, "segment": segment, "zone": zone}
    return {kind: names for kind, names in named.items() if any(names)}


def _zone(lat: str, lon: str, postal_code: str) -> str:
    try:
        return zone_at(float(lat), float(lon), postal_code)
    except ValueError:
        return zone_at(None, None, postal_code)


def days_of(history: History) -> Iterator[tuple[date, slice]]:
    """Every day of the history, days without orders too, and where its orders lie."""
    first, last = int(history.day[0]), int(history.day[-1])
    edges = np.searchsorted(history.day, np.arange(first, last + 2))
    for number, day in enumerate(range(first, last + 1)):
        yield date.fromordinal(day), slice(int(edges[number]), int(edges[number + 1]))
