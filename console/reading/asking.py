"""What somebody asks for, as filters that live in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

STATES: Final = ("pending", "firing", "recovering", "resolved", "normal")
OPEN: Final = ("pending", "firing", "recovering")
SEVERITIES: Final = ("critical", "warning", "info")
CAUSES: Final = ("demand_shift", "capacity_change", "execution_gap", "data_fault", "model_drift")
SCOPES: Final = ("account", "territory", "segment", "zone", "region")


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts: every condition that is given must hold. `state` "open" is what is not over, "" is all."""

    state: str = "open"
    severity: str = ""
    cause_class: str = ""
    scope: str = ""
    region: str = ""
    alert_id: str = ""
    limit: int = 200

    def values(self) -> dict[str, Any]:
        """The parameters of the query."""
        states = list(OPEN) if self.state == "open" else [self.state] if self.state else []
        return {
            "states": states, "severity": self.severity, "cause_class": self.cause_class, "scope": self.scope,
            "region": self.region, "alert_id": self.alert_id, "limit": self.limit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class LetterQuery:
    """Which dead letters. `state`: open (not sent again yet), replayed, or all. With `letter_id` the payload comes too."""

    topic: str = ""
    reason: str = ""
    state: str = "open"
    letter_id: str = ""
    limit: int = 200

    def values(self) -> dict[str, Any]:
        """The parameters of the query."""
        replayed = {"open": 0, "replayed": 1}.get(self.state, -1)
        return {
            "topic": self.topic, "reason": self.reason, "replayed": replayed, "letter_id": self.letter_id,
            "limit": self.limit,
        }  # fmt: skip
