"""What people find alerts to be, and what that makes of the false-alarm budget of their kind of scope, in one region."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

FALSE_STEP: Final = 0.8
USEFUL_STEP: Final = 1.25
LEAST_SHARE: Final = 0.25
REMEMBERED: Final = 500
"""Alerts of a region whose verdicts count, the newest."""


def budget_share(verdicts: Iterable[str]) -> float:
    """Of the budget of the settings, LEAST_SHARE to 1. The verdicts of the alerts of one kind, the oldest alert first.

    Each false alarm takes a fifth off, each useful one gives a quarter back, up to the budget of the settings. What people
    expected was right to be said once and moves nothing.
    """
    share = 1.0
    for verdict in verdicts:
        if verdict in ("false", "useful"):
            step = FALSE_STEP if verdict == "false" else USEFUL_STEP
            share = min(max(share * step, LEAST_SHARE), 1.0)
    return share
