"""Why a move: one sentence in plain words, numbers with units."""

from __future__ import annotations

from dataclasses import dataclass

from solvers.objective import Terms

LEVEL = 0.005  # deviations below half a percent read as fair
WORTHLESS = 0.5  # EUR; less reads as nothing


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """What the sentence is made of. Deviations are today's, as shares of the fair potential."""

    from_rep: str
    to_rep: str
    potential_eur: float
    hours: float
    from_deviation: float
    to_deviation: float
    km_nearer: float | None
    km_closer: float | None  # less way a visit between the account and others of its rep
    worth: Terms


def reason(facts: MoveFacts, currency: str = "EUR") -> str:
    """The sentence a manager reads: what moves, from where to where, what it brings and costs."""
    load = f"{money(facts.potential_eur, currency)} of potential and {facts.hours:.0f} hours"
    to = f"{facts.to_rep}, {standing(facts.to_deviation)}"
    if facts.from_rep:
        head = f"moves {load} from {facts.from_rep}, {standing(facts.from_deviation)}, to {to}"
    else:
        head = f"gives {load} that nobody serves to {to}"
    parts = [head, *_distance(facts, currency), *_overtime(facts.worth.overtime_hours)]
    if facts.worth.change_eur < 0:
        parts.append(f"costs {money(-facts.worth.change_eur, currency)} of relation risk")
    return "; ".join([*parts, _verdict(facts, currency)])


def _verdict(facts: MoveFacts, currency: str) -> str:
    """What it earns. A loss is in the plan only because a rule would be broken without it."""
    worth = facts.worth.total_eur
    if worth > -WORTHLESS:
        yardstick = "a year in all" if facts.from_rep else "a year against the next best rep"
        return f"earns {money(max(worth, 0.0), currency)} {yardstick}"
    if facts.from_rep:
        return f"costs {money(-worth, currency)} a year by itself, and other moves rest on it"
    return f"costs {money(-worth, currency)} a year more than the next best rep, whom a rule keeps away"


def money(amount: float, currency: str = "EUR") -> str:
    """`42 kEUR` from ten thousand on, else `990 EUR`."""
    if abs(amount) >= 999_500:
        return f"{amount / 1e6:.1f} M{currency}"
    return f"{amount / 1000:.0f} k{currency}" if abs(amount) >= 10_000 else f"{amount:,.0f} {currency}"


def standing(deviation: float) -> str:
    """Where a rep stands: `18 % above its fair share`."""
    if abs(deviation) < LEVEL:
        return "at its fair share"
    return f"{abs(deviation):.0%} ".replace("%", " %") + ("above" if deviation > 0 else "below") + " its fair share"


def _distance(facts: MoveFacts, currency: str) -> list[str]:
    told = []
    if facts.km_nearer is not None and abs(facts.km_nearer) >= 0.5:
        told.append(f"{abs(facts.km_nearer):.0f} km {'nearer' if facts.km_nearer > 0 else 'farther'}")
    if facts.km_closer is not None and abs(facts.km_closer) >= 0.5:
        way = "shorter" if facts.km_closer > 0 else "longer"
        told.append(f"the way to the next account {abs(facts.km_closer):.0f} km {way}")
    travel = facts.worth.travel_eur
    if told and abs(travel) >= 0.5:
        told.append(f"{'saves' if travel > 0 else 'adds'} {money(abs(travel), currency)} of travel")
    return [", ".join(told)] if told else []


def _overtime(hours: float) -> list[str]:
    if abs(hours) < 0.5:
        return []
    return [f"{'saves' if hours > 0 else 'adds'} {abs(hours):.0f} hours of overtime a year"]
