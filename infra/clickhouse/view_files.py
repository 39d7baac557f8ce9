"""The SQL files of views: a header of `-- key: text` lines, then one SELECT.

A KPI's file carries its whole entry of the dictionary (name, question, formula, grain, subject, owner, caveats); a base
view's only `about`. `-- column x: text` documents a column; the columns every KPI shares are documented here once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
KPI_KEYS: Final = ("name", "question", "formula", "grain", "subject", "owner", "caveats")
SUBJECTS: Final[Mapping[str, str]] = {
    "conduct": "what reps did and sold; rows of a region or territory as `published_scopes` allows",
    "accounts": "the accounts and who has them",
    "territories": "plan and capacity of the territories",
    "advice": "forecasts, alerts and suggestions, and what became of them",
    "company": "the company as a whole",
}
"""What a KPI speaks of, as its header declares. Rows of conduct are hidden where too few reps stand behind them."""
EVERY_SECONDS: Final = 60
"""Pause between the end of one making of snapshots and the next: at ten million orders making all takes seconds (benchmarks/RESULTS.md)."""
PACES: Final[Mapping[str, int]] = {"every minute": EVERY_SECONDS, "every 10 minutes": 600, "every hour": 3600}
"""Words of a `made` header -> seconds between two makings. What speaks of today is made every minute; what speaks of
past days, or is dear and moves slowly, need not be."""
AFTER_KPIS: Final = "90"
SHARED_COLUMNS: Final[Mapping[str, str]] = {
    "window_days": "Length of the window in days, (as_of - window_days, as_of]",
    "grain": "What the row is about: company, region or territory; never add up rows of different grains",
    "region_id": "The region; empty for the company",
    "rep_id": "The rep of the territory; empty for the company and a region",
    "account_id": "The account",
    "segment": "Segment A, B or C",
    "as_of": "Event time the row speaks of: where the data has come to, not the clock on the wall",
    "numerator": "Numerator of value; add these up, never the ratios",
    "denominator": "Denominator of value; add these up, never the ratios",
    "value": "numerator / denominator; null when there is nothing to divide by",
}
_HEADER_LINE = re.compile(r"^-- (?P<key>[a-z]+)(?: (?P<column>\w+))?: (?P<text>.*)$")
_WORD = re.compile(r"\w+")
_CONTINUED = re.compile(r"^--   +(?P<text>\S.*)$")


class ViewFileError(Exception):
    """A view's file does not have the shape described above: a defect of the repository."""


@dataclass(frozen=True, slots=True)
class ViewFile:
    """One view: its name in ClickHouse, the header's entries, the documented columns and the SELECT."""

    name: str
    header: Mapping[str, str]
    columns: Mapping[str, str]
    select: str

    @property
    def is_made(self) -> bool:
        """Whether its rows are made anew from time to time (`-- made:`, one of PACES), because the question is too dear to be asked by many."""
        return "made" in self.header

    @property
    def live_name(self) -> str:
        """The view that holds the formula."""
        return f"{self.name}_live" if self.is_made else self.name

    def create_statement(self) -> str:
        """The formula as a view. Views have the rights of who made them: what a user may see is granted view by view."""
        return f"CREATE OR REPLACE VIEW {self.live_name} SQL SECURITY DEFINER AS\n{self.select}\nCOMMENT {_quoted(self.about)}"

    @property
    def about(self) -> str:
        return self.header.get("question") or self.header["about"]

    def made_statements(self) -> tuple[str, str, str]:
        """For a view whose rows are made: the table that is made anew, its pace, and the view by the KPI's own name that reads it."""
        made = f"{self.name}_made"
        pace = f"REFRESH AFTER {PACES[self.header['made']]} SECOND"
        return (
            f"CREATE MATERIALIZED VIEW IF NOT EXISTS {made} {pace} ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM {self.live_name} COMMENT 'Rows of {self.name}'",  # noqa: S608 - our own names
            f"ALTER TABLE {made} MODIFY {pace}",  # where an earlier version made it at another pace
            f"CREATE OR REPLACE VIEW {self.name} SQL SECURITY DEFINER AS SELECT * FROM {made} COMMENT {_quoted(self.about)}",  # noqa: S608 - our own names
        )

    def comment_statement(self, existing: Iterable[str], inherited: Mapping[str, str]) -> str:
        """ALTER that documents the columns: by this file, else as `inherited` from a table, else as shared; "" for none."""
        known = {**SHARED_COLUMNS, **{column: text for column, text in inherited.items() if text}, **self.columns}
        parts = [f"COMMENT COLUMN {column} {_quoted(known[column])}" for column in existing if column in known]
        return f"ALTER TABLE {self.name} {', '.join(parts)}" if parts else ""


def all_views() -> list[ViewFile]:
    """Every view in the order in which they can be created."""
    views = [(path.name >= AFTER_KPIS, view) for path, view in _numbered()]
    return [*(view for late, view in views if not late), *kpis(), *(view for late, view in views if late)]


def base_views() -> list[ViewFile]:
    """The views KPIs are made of, or that are made of KPIs (from AFTER_KPIS on); the number in the file's name gives the order."""
    return [view for _, view in _numbered()]


def _numbered() -> list[tuple[Path, ViewFile]]:
    files = sorted((HERE / "views").glob("*.sql"))
    return [(path, read(path.stem.split("_", maxsplit=1)[1], path, ("about",))) for path in files]


def kpis() -> list[ViewFile]:
    """The KPIs by name; those that read other KPIs come last."""
    found = [read(f"kpi_{path.stem}", path, KPI_KEYS) for path in sorted((HERE / "kpis").glob("*.sql"))]
    names = {view.name for view in found}
    return sorted(found, key=lambda view: (bool(names & set(_WORD.findall(view.select))), view.name))


def read(name: str, path: Path, required: Iterable[str]) -> ViewFile:
    """Parse one file. Raises ViewFileError naming the file and what is missing."""
    header: dict[str, str] = {}
    columns: dict[str, str] = {}
    last: tuple[dict[str, str], str] | None = None
    lines = path.read_text(encoding="utf-8").splitlines()
    body_from = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    for line in lines[:body_from]:
        if continued := _CONTINUED.match(line):
            if last is None:
                raise ViewFileError(f"{path.name}: {line!r} continues nothing")
            last[0][last[1]] += " " + continued["text"].strip()
        elif entry := _HEADER_LINE.match(line):
            last = (columns, entry["column"]) if entry["key"] == "column" else (header, entry["key"])
            last[0][last[1]] = entry["text"].strip()
        else:
            raise ViewFileError(f"{path.name}: {line!r} is not '-- key: text'")
    if missing := [key for key in required if not header.get(key)]:
        raise ViewFileError(f"{path.name}: the header lacks {', '.join(missing)}")
    if "subject" in header and header["subject"] not in SUBJECTS:
        raise ViewFileError(f"{path.name}: {header['subject']!r} is no subject ({', '.join(SUBJECTS)})")
    return ViewFile(name, header, columns, "\n".join(lines[body_from:]).strip())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
