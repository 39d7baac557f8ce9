"""The answer: a plan, its moves with their reasons, and what is proved about it. Plain values, equal when equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, TypeAdapter

from solvers.budget import StoppedBy
from solvers.objective import Terms

Status = Literal["optimal", "feasible"]
_KEPT_AWAY_BY = "kept away by "


def _as_now(told: Any) -> Any:
    """An alternative of before its reason was one word and the rule stood apart: logs of regions hold such answers."""
    why = told.get("why") if isinstance(told, dict) else None
    if why == "not eligible":
        return {**told, "why": "not_eligible"}
    if isinstance(why, str) and why.startswith(_KEPT_AWAY_BY):
        return {**told, "why": "kept_away", "rule": why.removeprefix(_KEPT_AWAY_BY)}
    return told


@dataclass(frozen=True, slots=True)
class Alternative:
    """The best other rep for a moved account, and why it was not taken."""

    rep_id: str
    worse_by_eur: float  # a year; below 0 it would be better, were it allowed
    why: Literal["dearer", "not_eligible", "kept_away"]
    rule: str = ""  # that keeps the account away, in the words of `solvers.verify`


@dataclass(frozen=True, slots=True)
class Move:
    """One account that changes hands. `from_rep` is "" for an orphan, which has to go somewhere.

    `worth` is leave-one-out: the objective with this account back where it was (an orphan: at its best other rep) and
    all else as planned, minus the plan's. Positive earns. Native units likewise: km, accounts, points, hours saved.
    """

    account_id: str
    from_rep: str
    to_rep: str
    potential_eur: float
    hours: float
    km_nearer: float | None  # straight line; None where a place is unknown
    worth_eur: float
    worth: Terms
    reason: str
    binding: str  # the rule that kept a better choice away, in the words of `solvers.verify`; "only rep"; "": none did
    rejected: Annotated[Alternative | None, BeforeValidator(_as_now)]
    pays_from_eur: float | None = None  # potential of the account below which it had better stay, all else as planned
    pays_to_eur: float | None = None  # and above; None: there is no such point


@dataclass(frozen=True, slots=True)
class Blocked:
    """A change that would have earned something and was not made."""

    account_id: str
    to_rep: str
    worth_eur: float  # a year, given all else as planned
    why: str


@dataclass(frozen=True, slots=True)
class Holding:
    accounts: int
    potential_eur: float
    hours: float
    deviation: float  # share above (+) or below (-) the fair potential


@dataclass(frozen=True, slots=True)
class RepBalance:
    rep_id: str
    fair_potential_eur: float
    free_hours: float  # hours a year without overtime
    before: Holding  # today, orphans belonging to nobody
    after: Holding


@dataclass(frozen=True, slots=True)
class Spread:
    """How uneven the potential per capacity is, in percent of the mean."""

    std_percent: float
    max_deviation_percent: float


@dataclass(frozen=True, slots=True)
class RepPrice:
    """What the bound pays: EUR a year one more EUR of potential, and one more hour, costs with this rep."""

    rep_id: str
    per_potential: float
    per_hour: float


@dataclass(frozen=True, slots=True)
class Solution:
    account_ids: tuple[str, ...]
    assignment: tuple[str, ...]  # rep id per account
    moves: tuple[Move, ...]  # most worth first
    blocked: tuple[Blocked, ...]  # most worth first, a few
    before: Terms  # doing nothing but giving each orphan to the cheapest rep
    after: Terms
    reps: tuple[RepBalance, ...]
    spread_before: Spread
    spread_after: Spread
    bound_eur: float  # no plan costs less
    gap: float  # share by which the plan is above the bound
    status: Status
    stopped_by: StoppedBy
    evaluations: int
    random_state: int
    prices: tuple[RepPrice, ...] = ()  # those of the bound; a later solve of a like problem starts from them
    move_price: float = 0.0  # EUR, what one more move would be worth where their number is limited

    @property
    def saving_eur(self) -> float:
        """What the plan earns a year against doing nothing, after the cost of change."""
        return self.before.total_eur - self.after.total_eur

    def to_bytes(self) -> bytes:
        """JSON."""
        return _codec().dump_json(self)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Solution:
        return _codec().validate_json(raw)


@cache
def _codec() -> TypeAdapter[Solution]:
    return TypeAdapter(Solution)
