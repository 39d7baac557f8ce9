"""Why a scope deviates, what its detector found, and what is noted of an event: sentences that travel as those of verdicts do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CAUSES: Final[Mapping[str, str]] = {
    "cause.nothing_known": "nothing else known explains it",
    "cause.feed_stopped": "no account of the region ordered: the feed has stopped or is late",
    "cause.orders_repeated": "nearly every account has {times:g} times its usual orders a day, each of the usual size: orders are sent more than once",
    "cause.orders_missing": "nearly every account has {times:g} times its usual orders a day, each of the usual size: orders are sent in part",
    "cause.other_unit": "nearly every order is {times:g} times its usual size, and there are as many as usual: another currency or unit",
    "cause.twice_or_unit": "nearly every order is {times:g} times its usual size: sent twice, or another currency or unit",
    "cause.part_or_unit": "nearly every order is {times:g} times its usual size: sent in part, or another currency or unit",
    "cause.missed_visits": "only {share:.0%} of the visits due were made before the change",
    "cause.market": "the market moved by {signed_share:+.0%} against a year ago",
    "cause.forecasts": "the region's forecasts have become clearly worse than over the year",
    "cause.event_because": "{event} on {day:%Y-%m-%d}: {event_note}",
    "cause.event": "{event} on {day:%Y-%m-%d}",
}
FINDINGS: Final[Mapping[str, str]] = {
    "found.above": "{share:.0%} above its own level with the market's moves removed, {spreads:.1f} spreads; {detector} {statistic:.1f} over {threshold:.1f}",
    "found.below": "{share:.0%} below its own level with the market's moves removed, {spreads:.1f} spreads; {detector} {statistic:.1f} over {threshold:.1f}",
    "found.burst": "{count:d} accounts within {days:d} days, the middle one by {signed_share:+.0%}: one cause for all, such as a season seen for the first time; single accounts are not named while it lasts",
    "found.silent": "no order for {days:d} days; usually one every {gap:.1f} days",
    "found.silent_together": "{count:d} accounts without an order since {day:%Y-%m-%d}: the feed has a gap, or they closed together",
}
EVENT_NOTES: Final[Mapping[str, str]] = {
    "note.rep_joined": "{rep} has joined",
    "note.rep_absent": "{rep} is absent to {day:%Y-%m-%d}, {n:d} accounts",
    "note.reach_because": "{event}: {note}, {n:d} accounts in reach",
    "note.reach": "{event}, {n:d} accounts in reach",
    "note.accounts": "{n:d} accounts",
}
ALERTS: Final[Mapping[str, str]] = {**FINDINGS, **CAUSES, **EVENT_NOTES}
"""In the order in which a text is compared with them: an event may be followed by any note."""
