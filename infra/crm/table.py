"""Changes of reps as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from infra.crm.webhook import FIELDS
from schemas.rows import AssignmentChangeRow


def as_csv(changes: Iterable[AssignmentChangeRow]) -> str:
    """A line of names, then one for each change."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(FIELDS)
    for change in changes:
        told = change.model_dump(mode="json")
        table.writerow([told[name] for name in FIELDS])
    return text.getvalue()
