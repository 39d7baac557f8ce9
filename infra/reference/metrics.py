"""The table of metrics inside docs/operations.md, between two marks; the rest of that page is written by hand."""

from __future__ import annotations

from infra.metrics.catalogue import METRICS, Metric

BEGIN = "<!-- metrics: made by python -m infra.reference -->"
END = "<!-- end of metrics -->"


def with_metrics(page: str) -> str:
    """The page with a fresh table. Raises ValueError when the marks are missing."""
    before, after = page.split(BEGIN)[0], page.split(END)[1] if END in page else None
    if BEGIN not in page or after is None:
        raise ValueError(f"the page must hold the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{metrics_table()}{END}{after}"


def metrics_table() -> str:
    """One line per metric."""
    lines = ["| metric | kind | labels | unit | meaning |", "|---|---|---|---|---|", *map(_line, METRICS)]
    return "\n".join(lines) + "\n"


def _line(metric: Metric) -> str:
    kind = type(metric).__name__.lower()
    return f"| `{metric.name}` | {kind} | {', '.join(metric.labels)} | {metric.unit} | {metric.help} |"
