"""The tables inside docs/operations.md, each between two marks; the rest of that page is written by hand."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from infra.metrics.catalogue import METRICS, Metric
from infra.privacy.topics import gone_by
from infra.settings import Addresses
from schemas.personal import FREE_TEXT, personal_fields
from schemas.topics import TOPICS, Topic


def with_tables(page: str) -> str:
    """The page with fresh tables. Raises ValueError when a mark is missing."""
    for name, table in {
        "personal": personal_table(),
        "metrics": metrics_table(),
        "variables": variables_table(),
    }.items():
        begin, end = f"<!-- {name}: made by python -m infra.reference -->\n", f"<!-- end of {name} -->"
        before, found_begin, rest = page.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found_begin and found_end):
            raise ValueError(f"the page must hold the lines {begin.strip()} and {end}")
        page = f"{before}{begin}{table}{end}{after}"
    return page


def personal_table() -> str:
    """One line per topic: what of it identifies, what people may have written there, and what takes it away."""
    lines = map(_personal, TOPICS)
    return "\n".join(["| topic | identifies | free text | gone |", "|---|---|---|---|", *lines]) + "\n"


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


def _personal(topic: Topic) -> str:
    fields = personal_fields(topic)
    identifying = ", ".join(f"`{field}`" for field in fields if field not in FREE_TEXT)
    written = ", ".join(f"`{field}`" for field in fields if field in FREE_TEXT)
    return f"| `{topic.name}` | {identifying or '-'} | {written or '-'} | {gone_by(topic) if fields else 'only ids, codes and figures'} |"


def _metric(metric: Metric) -> str:
    kind = type(metric).__name__.lower()
    return f"| `{metric.name}` | {kind} | {', '.join(metric.labels)} | {metric.unit} | {metric.help} |"


def _variable(field: FieldInfo) -> str:
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    default = "must be set" if field.is_required() else f"`{value}`" if value not in (None, "") else ""
    return f"| `{field.alias}` | {default} | {field.description} |"
