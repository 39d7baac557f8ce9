"""The tables inside docs/operations.md, each between two marks; the rest of that page is written by hand."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from infra.metrics.catalogue import METRICS, Metric
from infra.settings import Addresses


def with_tables(page: str) -> str:
    """The page with fresh tables. Raises ValueError when a mark is missing."""
    for name, table in {"metrics": metrics_table(), "variables": variables_table()}.items():
        begin, end = f"<!-- {name}: made by python -m infra.reference -->\n", f"<!-- end of {name} -->"
        before, found_begin, rest = page.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found_begin and found_end):
            raise ValueError(f"the page must hold the lines {begin.strip()} and {end}")
        page = f"{before}{begin}{table}{end}{after}"
    return page


def metrics_table() -> str:
    """One line per metric."""
    return (
        "\n".join(["| metric | kind | labels | unit | meaning |", "|---|---|---|---|---|", *map(_metric, METRICS)])
        + "\n"
    )


def variables_table() -> str:
    """One line per environment variable."""
    lines = map(_variable, Addresses.model_fields.values())
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *lines]) + "\n"


def _metric(metric: Metric) -> str:
    kind = type(metric).__name__.lower()
    return f"| `{metric.name}` | {kind} | {', '.join(metric.labels)} | {metric.unit} | {metric.help} |"


def _variable(field: FieldInfo) -> str:
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    default = "must be set" if field.is_required() else f"`{value}`" if value not in (None, "") else ""
    return f"| `{field.alias}` | {default} | {field.description} |"
