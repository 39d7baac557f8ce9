"""What a person may ask without touching anything, and the answer: the words of `terradrift what-if` and of the console."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from schemas.errors import TerradriftError
from schemas.events import Key, Latitude, Longitude, Skills
from schemas.rows import MoveRow, PlanFigures, TerritoryEffect, VerdictRow

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
MOST_CHANGES = 20


class WhatIfValue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RepLeaves(WhatIfValue):
    """The accounts of this rep need another one."""

    kind: Literal["rep_leaves"] = "rep_leaves"
    rep_id: Key


class RepJoins(WhatIfValue):
    """One rep more, with an empty territory. `rep_id` must be new."""

    kind: Literal["rep_joins"] = "rep_joins"
    rep_id: Key = "new"
    home_lat: Latitude
    home_lon: Longitude
    weekly_hours: float = Field(35.0, gt=0, le=80)
    seniority: float = Field(1.0, ge=0.05, le=3, allow_inf_nan=False)
    skills: Skills = ()


class AccountCloses(WhatIfValue):
    """The account is no longer there: neither its potential nor its work."""

    kind: Literal["account_closes"] = "account_closes"
    account_id: Key


class AccountsMove(WhatIfValue):
    """These accounts are this rep's, whatever else is planned. Handing them over is priced; they do not count against
    `max_moves`, and none of them may be held, asks for a skill the rep lacks, or parts from its family."""

    kind: Literal["accounts_move"] = "accounts_move"
    rep_id: Key
    account_ids: Annotated[tuple[Key, ...], Field(min_length=1, max_length=1_000)]


class MarketShift(WhatIfValue):
    """The potential of some accounts changes by a share: -0.3 takes 30 % away. Named accounts, else those within `radius_km`
    of a place, else the whole region."""

    kind: Literal["market_shift"] = "market_shift"
    effect: float = Field(ge=-1, le=10, allow_inf_nan=False)
    account_ids: Annotated[tuple[Key, ...], Field(max_length=1_000)] = ()
    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_km: Positive | None = None


class OtherWeights(WhatIfValue):
    """Other prices in the objective: names and values of [weights] in terradrift.toml; what is not named stays."""

    kind: Literal["weights"] = "weights"
    weights: dict[str, float | tuple[float, ...]] = Field(min_length=1, max_length=20)


class OtherCorridor(WhatIfValue):
    """Another tolerated deviation from the fair share (0.15 is 15 %): up to it unbalance costs nothing, beyond it as much as
    `weights.balance_slopes` say."""

    kind: Literal["corridor"] = "corridor"
    tolerance: float = Field(ge=0, le=1)


class OtherLimit(WhatIfValue):
    """Another number of accounts that may change their rep; null: as many as it takes."""

    kind: Literal["max_moves"] = "max_moves"
    max_moves: int | None = Field(None, ge=0, le=100_000)


Change = Annotated[
    RepLeaves | RepJoins | AccountCloses | AccountsMove | MarketShift | OtherWeights | OtherCorridor | OtherLimit,
    Field(discriminator="kind"),
]


class WhatIfRequest(WhatIfValue):
    """Changes are made in their order. Without any it is the question what the solver would propose today."""

    region_id: Key
    changes: Annotated[tuple[Change, ...], Field(max_length=MOST_CHANGES)] = ()


class WhatIfAnswer(WhatIfValue):
    """`today`: the region as it is, at today's prices. `nothing`: the changes have happened and nobody moves but the orphans,
    each to the cheapest rep. `plan`: the best plan found. `nothing` and `plan` have the same prices; those of `today` differ
    where the question changes the weights. `cost_eur` is what the changes cost a year if nobody answers them: `nothing` less
    today with its own orphans placed alike; null where their prices differ, or today they cannot be placed. Accounts that the question gives to a rep count as moved in `nothing` and `plan`;
    `moves` are those that the plan makes beside them. No plan of the changed region costs less than `bound_eur`. `verdicts` say
    what limits every plan, such as missing capacity, each with the nearest way out; `notes` the same in one line each."""

    region_id: str
    as_of: date | None
    config_version: str
    told: tuple[str, ...]
    today: PlanFigures
    nothing: PlanFigures
    plan: PlanFigures
    cost_eur: float | None = None
    worth_eur: float
    bound_eur: float
    gap_share: float
    moves: tuple[MoveRow, ...]
    effects: tuple[TerritoryEffect, ...]
    within_corridor: bool
    stopped_by: str
    notes: tuple[str, ...] = ()
    verdicts: tuple[VerdictRow, ...] = ()


class WhatIfRefusedError(TerradriftError):
    """The question makes no sense for this region; `findings` says why, naming accounts, reps or keys."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("; ".join(findings))
        self.findings = findings

    def __reduce__(self) -> tuple[type[WhatIfRefusedError], tuple[tuple[str, ...]]]:
        """Between processes: made again of its findings."""
        return WhatIfRefusedError, (self.findings,)


class WhatIf(Protocol):
    """Answers a question within seconds and changes nothing. May be called from several threads at once.

    Raises WhatIfRefusedError for a senseless question or an unknown region, UnavailableError when the state of the region
    cannot be read, the solvers are busy, or no answer came in time.
    """

    def ask(self, request: WhatIfRequest, /) -> WhatIfAnswer: ...
