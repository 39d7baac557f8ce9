"""What somebody asks for, as filters that live in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

STATES: Final = ("pending", "firing", "recovering", "resolved", "normal")
OPEN: Final = ("pending", "firing", "recovering")
SEVERITIES: Final = ("critical", "warning", "info")
CAUSES: Final = ("demand_shift", "capacity_change", "execution_gap", "data_fault", "model_drift")
SUBJECTS: Final = ("decision", "change", "letter")
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2298, 12, 31)
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


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which acts: every condition that is given must hold; `since` and `until` are days (UTC), both inside."""

    subject: str = ""
    who: str = ""
    region: str = ""
    account: str = ""
    since: date | None = None
    until: date | None = None
    limit: int = 200

    def values(self) -> dict[str, Any]:
        """The parameters of the query."""
        end = LAST_DAY if self.until is None else min(self.until, LAST_DAY)
        return {
            "subject": self.subject, "who": self.who, "region": self.region, "account": self.account,
            "since": f"{max(self.since or FIRST_DAY, FIRST_DAY)} 00:00:00", "until": f"{end + timedelta(days=1)} 00:00:00",
            "limit": self.limit,
        }  # fmt: skip
