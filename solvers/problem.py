"""The question put to the solver: accounts, live reps, today's assignment, and what may change, as plain arrays."""

from __future__ import annotations

import io
import json
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.errors import TerradriftError
from schemas.settings import Change, Contiguity, Weights
from schemas.verdict_sentences import say
from solvers.magnitudes import absurd
from solvers.numbers import Numbers, too_strict
from solvers.verdict import Verdict, some

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ORPHAN = -1


class ProblemError(TerradriftError):
    """The problem makes no sense; `findings` lists every reason, each naming the accounts or reps it is about."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("; ".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One region to balance: n accounts, k live reps.

    An account may always stay with its current rep; `eligible` speaks of new pairs only. An orphan (current = -1) must
    get a rep whatever `movable` says, pays no change cost and does not count against `max_moves`.
    """

    account_ids: tuple[str, ...]
    rep_ids: tuple[str, ...]
    potential: Floats  # (n,) EUR a year
    hours: Floats  # (n,) hours a year
    visits: Floats  # (n,) visits a year
    distance_km: Floats  # (n, k) straight line from account to the rep's home, NaN where a place is unknown
    current: Ints  # (n,) index of the rep today, -1 for an orphan
    capacity: Floats  # (k,) hours a year; the fair share is proportional to it and to seniority
    movable: Bools  # (n,) False: pinned, cooling down, open deal ...
    held_because: tuple[str, ...]  # (n,) why it may not move, "" if it may
    eligible: Bools | None = None  # (n, k), None: everyone may serve everyone
    edges: Ints | None = None  # (m, 2) neighbouring accounts; what contiguity is judged on
    contiguity: Contiguity = "off"  # "preferred": each new piece has a price; "hard": no new piece
    more_pieces: int = 0  # that "hard" allows beyond today's, where no plan can do without
    apart: Ints | None = None  # (m, 2) accounts that may not come to share a territory: a barrier between them
    least_accounts: int = 0  # per rep; a rep with fewer today may not lose any
    most_accounts: int | None = None  # per rep; a rep with more today may not gain any
    max_moves: int | None = None
    seniority: Floats | None = None  # (k,) share of a full territory the rep is ready for: 0.5 is half; None: all alike
    family: Ints | None = None  # (n,) number of the family, -1 for none: who share a rep today share one tomorrow
    move_budget: float | None = None  # EUR of potential that may change rep; orphans do not count
    rep_move_budget: Floats | None = None  # (k,) EUR of potential that may come to or leave each rep
    detour_km: Floats | None = None  # (n, k) km per visit between the account and others of the rep, NaN where unknown
    weights: Weights = field(default_factory=Weights)
    min_move_worth: float = Change().min_move_worth  # EUR a year each move must earn, leave-one-out
    noticed: tuple[Verdict, ...] = ()  # what was found, or relaxed, when the problem was posed

    def __post_init__(self) -> None:
        for name, kind in _ARRAYS.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _as_array(value, kind, name))
        findings = _shape_findings(self) or _value_findings(self)
        if findings:
            raise ProblemError(findings)

    @property
    def accounts(self) -> int:
        return len(self.account_ids)

    @property
    def reps(self) -> int:
        return len(self.rep_ids)

    @property
    def orphan(self) -> Bools:
        """(n,) accounts nobody serves today."""
        return np.asarray(self.current == ORPHAN)

    @property
    def held(self) -> Bools:
        """(n,) accounts that must stay where they are."""
        return ~self.movable & ~self.orphan

    @property
    def readiness(self) -> Floats:
        """(k,) what the fair potential is proportional to: capacity, in hours a year, times seniority."""
        return self.capacity if self.seniority is None else np.asarray(self.capacity * self.seniority)

    def allowed(self) -> Bools:
        """(n, k) the pairs a plan may use."""
        allowed = np.ones((self.accounts, self.reps), bool) if self.eligible is None else self.eligible.copy()
        allowed[self.held] = False
        served = np.flatnonzero(~self.orphan)
        allowed[served, self.current[served]] = True
        return allowed

    def to_bytes(self) -> bytes:
        """The whole problem as an npz archive (no pickle), for a solve in another process."""
        arrays = {name: getattr(self, name) for name in _ARRAYS if getattr(self, name) is not None}
        words = {name: getattr(self, name) for name in _WORDS}
        words["weights"] = self.weights.model_dump(mode="json")
        words["noticed"] = [astuple(verdict) for verdict in self.noticed]
        buffer = io.BytesIO()
        np.savez(buffer, words=np.frombuffer(json.dumps(words).encode(), np.uint8), **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Problem:
        """The inverse of `to_bytes`. Raises ProblemError when the bytes are something else."""
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
                words: dict[str, Any] = json.loads(archive["words"].tobytes())
                arrays: dict[str, Any] = {name: archive[name] for name in _ARRAYS if name in archive.files}
        except (ValueError, KeyError, OSError, EOFError) as error:
            raise ProblemError([f"these bytes are no problem: {error}"]) from None
        words["weights"] = Weights.model_validate_json(json.dumps(words["weights"]))
        for name in ("account_ids", "rep_ids", "held_because"):
            words[name] = tuple(words[name])
        words["noticed"] = tuple(Verdict(*verdict) for verdict in words["noticed"])
        return cls(**words, **arrays)


_ARRAYS: dict[str, type] = {
    "potential": np.float64,
    "hours": np.float64,
    "visits": np.float64,
    "distance_km": np.float64,
    "current": np.int64,
    "capacity": np.float64,
    "seniority": np.float64,
    "movable": np.bool_,
    "eligible": np.bool_,
    "edges": np.int64,
    "apart": np.int64,
    "family": np.int64,
    "rep_move_budget": np.float64,
    "detour_km": np.float64,
}
_WORDS = (
    "account_ids",
    "rep_ids",
    "held_because",
    "contiguity",
    "more_pieces",
    "least_accounts",
    "most_accounts",
    "max_moves",
    "move_budget",
    "min_move_worth",
)


def reorder(problem: Problem, accounts: Ints, reps: Ints) -> Problem:
    """The same problem with its accounts and reps in another order (two permutations of indices)."""
    place = np.empty(problem.reps, np.int64)
    place[reps] = np.arange(problem.reps)
    seat = np.empty(problem.accounts, np.int64)
    seat[accounts] = np.arange(problem.accounts)
    current = problem.current[accounts]
    return replace(
        problem,
        account_ids=tuple(problem.account_ids[i] for i in accounts),
        rep_ids=tuple(problem.rep_ids[j] for j in reps),
        potential=problem.potential[accounts],
        hours=problem.hours[accounts],
        visits=problem.visits[accounts],
        distance_km=problem.distance_km[np.ix_(accounts, reps)],
        current=np.where(current == ORPHAN, ORPHAN, place[current]),
        capacity=problem.capacity[reps],
        seniority=None if problem.seniority is None else problem.seniority[reps],
        movable=problem.movable[accounts],
        held_because=tuple(problem.held_because[i] for i in accounts),
        eligible=None if problem.eligible is None else problem.eligible[np.ix_(accounts, reps)],
        edges=None if problem.edges is None else seat[problem.edges],
        apart=None if problem.apart is None else seat[problem.apart],
        family=None if problem.family is None else problem.family[accounts],
        rep_move_budget=None if problem.rep_move_budget is None else problem.rep_move_budget[reps],
        detour_km=None if problem.detour_km is None else problem.detour_km[np.ix_(accounts, reps)],
    )


def _as_array(value: Any, kind: type, name: str) -> NDArray[Any]:
    array: NDArray[Any]
    try:
        array = np.ascontiguousarray(value, dtype=kind)
    except (TypeError, ValueError) as error:
        raise ProblemError([f"{name}: {error}"]) from None
    if array is value:
        array = array.view()
    array.flags.writeable = False
    return array


def _shape_findings(p: Problem) -> list[str]:
    n, k = p.accounts, p.reps
    findings = [say(f"refused.no_{what}") for what, count in (("accounts", n), ("reps", k)) if count == 0]
    shapes: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("potential", "hours", "visits", "current", "movable"), (n,)),
        "distance_km": (n, k),
        "detour_km": (n, k),
        "capacity": (k,),
        "seniority": (k,),
        "eligible": (n, k),
        "family": (n,),
        "rep_move_budget": (k,),
    }
    for name, wanted in shapes.items():
        array = getattr(p, name)
        if array is not None and array.shape != wanted:
            findings.append(f"{name}: shape {array.shape}, expected {wanted}")
    for name in ("edges", "apart"):
        pairs = getattr(p, name)
        if pairs is not None and (pairs.ndim != 2 or pairs.shape[1] != 2):
            findings.append(f"{name}: shape {pairs.shape}, expected (m, 2)")
        elif pairs is not None and len(pairs) and not (pairs.min() >= 0 and pairs.max() < n):
            findings.append(f"{name}: an index is not among the {n} accounts")
    if len(p.held_because) != n:
        findings.append(f"held_because: {len(p.held_because)} reasons for {n} accounts")
    return findings


def _value_findings(p: Problem) -> list[str]:
    findings = _duplicates("account", p.account_ids) + _duplicates("rep", p.rep_ids)
    for name in ("potential", "hours", "visits"):
        values = getattr(p, name)
        findings += _about(f"{name} is negative or not a number", p.account_ids, ~(values >= 0) | np.isinf(values))
    findings += _about("capacity must be above 0 hours", p.rep_ids, ~(p.capacity > 0) | np.isinf(p.capacity))
    if p.seniority is not None:
        wrong = ~(p.seniority > 0) | np.isinf(p.seniority)
        findings += _about("seniority must be a number above 0", p.rep_ids, wrong)
    for what, km in (("distance", p.distance_km), ("detour", p.detour_km)):
        impossible = np.zeros((p.accounts, 0), np.bool_) if km is None else (km < 0) | np.isinf(km)
        findings += _about(f"a {what} is negative or infinite", p.account_ids, impossible.any(axis=1))
    lost = (p.current < ORPHAN) | (p.current >= p.reps)
    findings += _about("the current rep is not among the live reps", p.account_ids, lost)
    reasonless = np.array([not why for why in p.held_because])
    findings += _about("may not move, yet no reason is given", p.account_ids, p.held & reasonless)
    if p.eligible is not None:
        findings += _about("no rep and no eligible rep", p.account_ids, p.orphan & ~p.eligible.any(axis=1))
    if p.max_moves is not None and p.max_moves < 0:
        findings.append(f"max_moves is {p.max_moves}, must be 0 or more")
    if p.move_budget is not None and not p.move_budget >= 0:
        findings.append(f"move_budget is {p.move_budget}, must be 0 EUR or more")
    if p.rep_move_budget is not None:
        findings += _about("rep_move_budget is below 0 EUR or not a number", p.rep_ids, ~(p.rep_move_budget >= 0))
    if p.contiguity != "off" and p.edges is None:
        findings.append(f"contiguity is {p.contiguity}, yet there is no neighbour graph")
    numbers = Numbers(p.least_accounts, p.most_accounts)
    findings += [f"{verdict.rule}: {verdict}" for verdict in too_strict(numbers, p.accounts, p.reps)]
    if not 0 <= p.min_move_worth < np.inf:
        findings.append(f"min_move_worth is {p.min_move_worth}, must be 0 or more")
    return findings + absurd(p) + _weights_findings(p.weights)


def _weights_findings(w: Weights) -> list[str]:
    """The search and the bound need convex penalties: slopes may only rise."""
    findings = []
    if not w.balance_free <= w.balance_knees[0] <= w.balance_knees[1]:
        findings.append("weights: balance_free and balance_knees must not fall")
    if not w.balance_slopes[0] <= w.balance_slopes[1] <= w.balance_slopes[2]:
        findings.append("weights: balance_slopes must not fall")
    if not w.overtime <= w.overtime_hard:
        findings.append("weights: overtime_hard must not be below overtime")
    return findings


def _duplicates(what: str, ids: tuple[str, ...]) -> list[str]:
    if len(set(ids)) == len(ids):
        return []
    seen: set[str] = set()
    twice = sorted({i for i in ids if i in seen or seen.add(i)})  # type: ignore[func-returns-value]
    return [f"{what} named twice: {some(twice)}"]


def _about(verdict: str, ids: tuple[str, ...], wrong: Bools | np.bool_) -> list[str]:
    return [f"{verdict}: {some([ids[i] for i in np.flatnonzero(wrong)])}"] if wrong.any() else []
