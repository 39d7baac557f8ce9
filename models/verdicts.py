"""What people found alerts to be, kept for the false-alarm budget of each kind of scope."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from schemas.alert_budget import REMEMBERED, budget_share


@dataclass(frozen=True, slots=True)
class Budget:
    """The share of the false-alarm budget of the settings that alerts of a kind may spend, and the marks that made it."""

    share: float = 1.0
    useful: int = 0
    false: int = 0
    expected: int = 0

    def facts(self) -> dict[str, float]:
        """For the evidence of an alert; nothing where nobody has marked any."""
        marks = {"marked_useful": self.useful, "marked_false": self.false, "marked_expected": self.expected}
        return {} if self == Budget() else {"budget_share": round(self.share, 3), **marks}


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

    def budget(self, kind: str) -> Budget:
        """For alerts of this kind, as `schemas.alert_budget` says."""
        verdicts = [verdict for one, verdict in self.known.values() if one == kind]
        marks = Counter(verdicts)
        return Budget(budget_share(verdicts), marks["useful"], marks["false"], marks["expected"])
