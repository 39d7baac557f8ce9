"""The KPI dictionary, made of the headers of the SQL files: `python -m infra.clickhouse.dictionary` writes docs/kpis.md."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from infra.clickhouse.view_files import SHARED_COLUMNS, SUBJECTS, ViewFile, base_views, kpis

PAGE: Final = Path(__file__).parents[2] / "docs" / "kpis.md"
_INTRODUCTION: Final = """\
# KPI dictionary

<!-- Made by `python -m infra.clickhouse.dictionary` from infra/clickhouse/kpis/*.sql; change it there. -->

Every KPI is a view in ClickHouse. Its formula stands in one SQL file and nowhere else.

- **Now is where the data is.** Windows end at the newest event (`watermark`), not at the clock on the wall: a replayed history
  shows the figures of its own day. A window of W days is half-open, (t - W, t], and comes in 30, 90 and 365 days
  (`window_days`): filter on one of them.
- **Fresh to the minute.** KPIs of orders, visits and plans are read from snapshots that ClickHouse makes anew every minute, the outcome of
  moves every hour. What speaks of past days (months that have ended, customers who fell silent), and what is dear to reckon and moves slowly
  (deals, shelves), is made less often: its entry says so. `as_of` of each row says how far the data had come. Alerts, suggestions and dead
  letters are read as they are.
- **Never average ratios.** Numerator and denominator are columns; add those up. Rows of different `grain` (company, region,
  territory) hold the same facts and must not be added.
- **As-was and as-is.** As-was joins on the owner of the account at the time of the event, as-is on the present owner.
- **Conduct is private.** Figures about visits, travel, time, deals and sales (subject: conduct) appear for a single rep only with
  `privacy.individual_kpis`, for the company and a region only with at least `privacy.k_anonymity` reps, all or those counted in
  the figure (views `published_scopes`, `told_scopes`). Where the regions hidden have fewer
  together, the smallest region that could be shown is hidden with them, or the company less the regions shown would tell of those
  few. Plan figures (potential, load) are shown for every territory.
- **Symbols.** i account, r rep, s territory, k segment; P potential, cap field hours, f visits a year, n planned and v made visits,
  c unit costs of the settings.
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [_INTRODUCTION, *(_kpi(view) for view in sorted(kpis(), key=lambda view: view.header["name"])), _base()]
    return "\n".join(parts)


def _kpi(view: ViewFile) -> str:
    header = view.header
    lines = [
        f"## {header['name']}", "", f"`{view.name}`: {header['question']}", "",
        f"- Formula: {header['formula']}", f"- Grain: {header['grain']}",
        f"- Subject: {header['subject']}: {SUBJECTS[header['subject']]}", f"- Owner: {header['owner']}",
        f"- Caveats: {header['caveats']}",
    ]  # fmt: skip
    if view.is_made:
        lines.append(f"- Made anew: {header['made']}")
    if view.columns:
        lines += ["- Columns:", *(f"  - `{column}`: {text}" for column, text in view.columns.items())]
    return "\n".join([*lines, ""])


def _base() -> str:
    shared = [f"- `{column}`: {text}" for column, text in SHARED_COLUMNS.items()]
    views = [f"- `{view.name}`: {view.header['about']}" for view in base_views()]
    return "\n".join(
        ["## Columns that mean the same everywhere", "", *shared, "", "## Views the KPIs are made of", "", *views, ""]
    )


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
