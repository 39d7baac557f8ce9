"""What the marks of people make of a false-alarm budget, and what the mark of one alert does to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.reading.answers.alerts import AlertVerdict
from schemas.alert_budget import budget_share


@dataclass(frozen=True, slots=True)
class Feedback:
    """Shares of the budget of the settings without the mark of this alert and with it, and how many alerts of its kind
    were found to be what. `counts`: whether the region still remembers the alert."""

    before: float
    after: float
    useful: int
    false: int
    expected: int
    counts: bool


def feedback(alert_id: str, verdicts: Sequence[AlertVerdict]) -> Feedback:
    """`verdicts` of the alerts of its kind in its region, the oldest first. Where alerts of one day are marked useful and
    false, the region may have told them in another order; the alerts that follow say the share it spends."""
    said = [one.verdict for one in verdicts]
    return Feedback(
        before=budget_share(one.verdict for one in verdicts if one.alert_id != alert_id),
        after=budget_share(said),
        useful=said.count("useful"),
        false=said.count("false"),
        expected=said.count("expected"),
        counts=any(one.alert_id == alert_id for one in verdicts),
    )
