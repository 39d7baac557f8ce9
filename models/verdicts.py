"""What people found alerts to be, and what that makes of the false-alarm budget of each kind of scope."""

from __future__ import annotations

FALSE_STEP, USEFUL_STEP = 0.8, 1.25
LEAST_SHARE = 0.25
REMEMBERED = 500
"""Alerts whose kind is kept to be marked, the newest."""


class Verdicts:
    """The latest verdict on each alert: "useful", "false" or "expected"; "" while nobody said.

    Each false alarm takes a fifth off the budget of its kind, each useful one gives a quarter back, up to the budget of
    the settings. What people expected was right to be said once and moves nothing.
    """

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
        """Of the budget of the settings, for alerts of this kind: LEAST_SHARE to 1."""
        share = 1.0
        for one, verdict in self.known.values():
            if one == kind and verdict in ("false", "useful"):
                step = FALSE_STEP if verdict == "false" else USEFUL_STEP
                share = min(max(share * step, LEAST_SHARE), 1.0)
        return share
