"""What a what-if question or an acceptance is refused with, and what a move's next best rep would have cost: sentences that travel as those of verdicts do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "refused.change": "change {number:d} ({kind}): {refusal}",
    "refused.region": "region {region}: {refusal}",
    "refused.unknown_region": "nothing is known of a region {region!r}; known are: {known}",
    "refused.only_rep": "{rep} is the only rep: nobody is left to serve the accounts",
    "refused.known_rep": "there is a rep {rep} already; give the new one another rep_id",
    "refused.no_such_rep": "no rep {wanted!r} here; there are {count:d}: {known} ...",
    "refused.no_such_account": "no account {wanted!r} here; there are {count:d}: {known} ...",
    "refused.no_geography": "the places of this instance are not latitude and longitude",
    "refused.no_geography_to_shift": "the places of this instance are not latitude and longitude; name account_ids",
    "refused.half_a_place": "a place needs lat, lon and radius_km, all three",
    "refused.nobody_near": "no account lies within {km} km of {place}",
    "refused.nothing_changes": "nothing would change: {accounts} belong to {rep} already",
    "refused.may_not_move": "may not move: {held_ones}",
    "refused.not_for": "not for {rep}, who is absent or lacks a skill: {askers}",
    "refused.parted_family": "would part from their family, name them too: {kin}",
    "refused.price_below": "weights.{price}: Input should be greater than or equal to {least}",
    "refused.price_above": "weights.{price}: Input should be less than or equal to {most}",
    "refused.not_servable": "no rep and no eligible rep: {accounts}",
    "refused.no_accounts": "no accounts",
    "refused.no_reps": "no live reps",
    "refused.too_many_pairs": "rules.barriers keep more than {pairs_allowed:,d} pairs of accounts apart ({counts}): name smaller areas along the line",
    "refused.no_cell": "rules.barriers: {cell} is no cell of H3",
}  # fmt: skip
ACCEPTANCES: Final[Mapping[str, str]] = {
    "accept.stale": "no listed move can be made any more: {held_ones}",
    "accept.left_out": "{count:d} of {asked:d} moves left out: {held_ones}",
    "accept.over_budget": "the moves bring {wanted_eur:,.0f} of potential to other reps, {left_eur:,.0f} of the change budget is left: choose fewer",
    "accept.over_rep_budget": "{wanted_eur:,.0f} of potential would come to or leave {rep}, {left_eur:,.0f} of the budget of this rep is left: choose fewer",
}  # fmt: skip
"""What an acceptance is told: why it is refused, or what was left out of it."""
ALTERNATIVES: Final[Mapping[str, str]] = {
    "next.dearer": "{rep} (dearer, {worse_eur:,.0f} worse)",
    "next.not_eligible": "{rep} (not eligible, {worse_eur:,.0f} worse)",
    "next.kept_away": "{rep} (kept away by {rule}, {worse_eur:,.0f} worse)",
}
ENTRIES: Final[Mapping[str, str]] = {
    "each.asker": "{account} (asks for {skills})",
    "each.kin": "{account} (with {rep})",
    "each.bare": "{bare_account}",
}
"""Entries of their lists."""
LISTS_OF_REFUSALS: Final[Mapping[str, tuple[str, ...]]] = {
    "held_ones": ("each.keeper",), "askers": ("each.asker", "each.bare"), "kin": ("each.kin",),
}  # fmt: skip
