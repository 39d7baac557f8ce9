"""What was planted in the demo company against what Terradrift found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from infra.simulator.shocks import Shock
from schemas.rows import AlertRow

WITHIN = timedelta(weeks=30)
OVERLAP = 0.25
DIRECTION = {"boom": "rise"}
WIDEST_FIRST = ("region", "segment", "zone", "territory", "account")


@dataclass(frozen=True, slots=True)
class Finding:
    """A shock and the alert that found it first; None where nothing did."""

    shock: Shock
    alert: AlertRow | None

    @property
    def days(self) -> int | None:
        """From the start of the shock to the day the alert fired."""
        return None if self.alert is None else (self.alert.as_of.date() - self.shock.starts_on).days - 1


def match(shocks: Sequence[Shock], alerts: Sequence[AlertRow]) -> list[Finding]:
    """Each shock with the earliest firing alert that points at it. `alerts` are all revisions, in any order."""
    firing = sorted((a for a in alerts if a.state == "firing"), key=lambda a: (a.as_of, WIDEST_FIRST.index(a.scope)))
    return [Finding(shock, next((a for a in firing if _points_at(a, shock)), None)) for shock in shocks]


def _points_at(alert: AlertRow, shock: Shock) -> bool:
    """Same region, direction and time, and speaking of enough of the same accounts or the very rep."""
    if alert.region_id != shock.region_id or alert.direction != DIRECTION.get(shock.kind, "drop"):
        return False
    if not shock.starts_on <= alert.detected_on <= shock.complete_on + WITHIN:
        return False
    if shock.kind == "rep_left":
        return alert.scope == "territory" and alert.scope_id in shock.rep_ids
    if shock.kind == "account_closed":
        return alert.scope == "account" and alert.scope_id in shock.account_ids
    named = set(alert.accounts)
    return alert.scope != "account" and bool(named) and len(named & set(shock.account_ids)) >= OVERLAP * len(named)
