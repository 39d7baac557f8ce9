"""What people found alerts to be, kept for the false-alarm budget of each kind of scope."""

from __future__ import annotations

from schemas.alert_budget import REMEMBERED, budget_share


class Verdicts:
    """The latest verdict on each alert: "useful", "false" or "expected"; "" while nobody said."""

    def __init__(self, known: dict[str, tuple[str, str]] | None = None) -> None:
        """`known`: alert id -> (kind of scope, verdict), the oldest first."""
        self.known = known or {}

    def remember(self, alert_id: str, kind: str) -> None:
        """An alert that was told; the oldest is forgotten, and its verdict with it."""
        self.known.setdefault(alert_id, (kind, ""))
        if len(self.known) > REMEMBERED:
            del self.known[next(iter(self.known))]

    def mark(self, alert_id: str, verdict: str) -> bool:
        """False when no such alert is known. A second verdict takes the place of the first."""
        if alert_id not in self.known:
            return False
        self.known[alert_id] = self.known[alert_id][0], verdict
        return True

    def share(self, kind: str) -> float:
        """Of the budget of the settings, for alerts of this kind, as `schemas.alert_budget` says."""
        return budget_share(verdict for one, verdict in self.known.values() if one == kind)
