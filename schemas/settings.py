"""Settings of the business: the content of `terradrift.toml`. Addresses and secrets live in the environment, not here.

Every value has a unit in its name or its description. Money is in the company's currency; the text says EUR for short.
"""

from __future__ import annotations

import re
import tomllib
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.errors import SettingsError

Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0)]
Contiguity = Literal["off", "preferred", "hard"]
AreaKind = Literal["postal", "city", "cell", "account"]


def _area(text: str) -> str:
    kind, _, name = text.partition(" ")
    if kind not in get_args(AreaKind) or not name.strip():
        raise ValueError(
            f'{text!r} names no area: write "postal 35" (all codes that begin so), "city Rennes", "cell 841864dffffffff" (H3) or "account A1042"'
        )
    if kind == "cell" and not re.fullmatch(r"8[0-9a-f]{14}", name):
        raise ValueError(f"{name!r} is no cell of H3: fifteen hexadecimal digits, the first an 8")
    return text


Area = Annotated[str, AfterValidator(_area)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(Section):
    currency: str = Field(
        "auto", description='ISO code, or "auto": the currency of the first order, fixed from then on'
    )
    base_region: str = Field("main", min_length=1, description="region of accounts and reps that name none")
    unknown_accounts: Literal["refuse", "create"] = Field(
        "refuse", description="what to do with an order or visit of an account that no accounts event has named"
    )


class Calendar(Section):
    lateness_hours: float = Field(
        24, ge=0, le=24 * 60, description="how long a day waits for late events before it closes"
    )
    max_future_hours: float = Field(
        48, ge=0, description="events further ahead of the newest plausible time are refused"
    )
    earliest_year: int = Field(1990, ge=1900, le=2100, description="events before this year are refused")
    latest_year: int = Field(2100, ge=1900, le=2200, description="events after this year are refused")
    field_weeks_per_year: float = Field(44, gt=0, le=53, description="weeks of field work a rep has in a year")


class Corridor(Section):
    tolerance: Share = Field(0.15, description="tolerated deviation of a territory from its fair share")
    persistence_weeks: int = Field(3, ge=1, description="weeks the corridor must stay broken before a solve")


class Weights(Section):
    """Prices of the objective, EUR a year (see the solver's notes for the shape of each term)."""

    travel_per_km: Money = Field(1.02, description="EUR per km driven")
    road_factor: float = Field(1.3, ge=1, description="road km per straight-line km")
    visits_per_tour: float = Field(4, ge=1, description="visits sharing one way out and home")
    handover: Money = Field(150, description="EUR for one account that changes its rep")
    churn_share: Share = Field(0.02, description="share of the potential at risk when the rep changes")
    balance_free: Share = Field(0.03, description="deviation from the fair share that costs nothing")
    balance_knees: tuple[Share, Share] = Field((0.10, 0.20), description="deviations at which the slope rises")
    balance_slopes: tuple[Money, Money, Money] = Field((0.05, 0.15, 0.40), description="EUR per EUR of deviation")
    hours_slack: float = Field(1.12, ge=1, description="free hours, as a multiple of the fair share of hours")
    overtime: Money = Field(45, description="EUR per hour above the free hours")
    overtime_hard: Money = Field(400, description="EUR per hour above 1.15 times the free hours")
    territory_piece: Money = Field(
        2000, description="EUR per piece a territory falls into beyond the first, where contiguity is preferred"
    )


class Travel(Section):
    """What a plan reckons, and where distances on the road come from when it is checked; without a source, straight lines."""

    local: bool = Field(
        True,
        description="a plan reckons the way from account to account, by how densely a rep's accounts lie around each; else the way home alone",
    )
    matrix: str = Field(
        "",
        description="file of road distances: CSV with from_id, to_id, km and, if you like, minutes; ids of accounts and reps",
    )
    osrm_url: str = Field(
        "",
        pattern=r"^$|^https?://\S+[^/\s]$",
        description="table service of a routing server (OSRM), such as http://127.0.0.1:5000/table/v1/driving; it is told places, no names",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.matrix and self.osrm_url:
            raise ValueError("matrix and osrm_url exclude each other")
        return self


class Change(Section):
    warm_up_weeks: int = Field(26, ge=1, description="weeks of history before accounts are moved on their potentials")
    max_moves: int = Field(25, ge=1, description="moves in one suggestion")
    budget_share_90_days: Share = Field(0.10, description="share of a region's potential that may move in 90 days")
    rep_budget_share_90_days: float = Field(
        1.0,
        ge=0,
        le=10,
        description="potential that may come to or leave one rep in 90 days, as a share of the rep's fair share",
    )
    cover_lead_days: int = Field(
        14, ge=0, le=180, description="days before the absence of a rep on which it is proposed who stands in"
    )
    families_together: bool = Field(
        False, description="accounts of one family (family_id) that share a rep are only moved together"
    )
    cooldown_days: int = Field(180, ge=0, description="days an account rests after a move")
    suggestion_cooldown_days: int = Field(28, ge=0, description="days a region rests after a decision")
    suggestion_expires_days: int = Field(
        42, ge=1, description="days after which a suggestion without a decision lapses"
    )
    second_approval_moves: int = Field(
        0, ge=0, description="a change of more moves than this needs two persons' approval; 0: one is enough"
    )
    second_approval_eur: Money = Field(
        0,
        description="a change that moves more potential than this, EUR, needs two persons' approval; 0: one is enough",
    )
    refused_rest_days: int = Field(180, ge=0, description="days a move that a manager refused is not proposed again")
    refused_growth: float = Field(
        2.0, ge=1, description="a refused move comes back sooner once it is worth this multiple of what it was"
    )
    open_deal_days: int = Field(
        180, ge=0, description="days an account with an open deal stays with its rep; 0: never held"
    )
    min_probability: Share = Field(
        0.7,
        description="probability with which a suggestion must earn more than it costs, given the potentials' intervals",
    )
    market_swing: Share = Field(
        0.10,
        description="standard deviation of what a year does to all potentials of a region together, in the sampled futures; 0: accounts vary each for itself",
    )
    min_worth: Money = Field(500, description="EUR a year a suggestion must earn after its own cost")
    min_move_worth: Money = Field(50, description="EUR a year each single move must earn")


class Barrier(Section):
    """A line, such as a river, that no territory comes to cross: who lies on one side comes to share no rep with who lies on
    the other. An area is "postal 35", "city Rennes", "cell 841864dffffffff" or "account A1042"."""

    name: str = Field(min_length=1, max_length=64, description="how messages call it")
    one_side: tuple[Area, ...] = Field(
        (), description='areas on one side: "postal 35" (all codes that begin so), "city Rennes", "cell 841864dffffffff" (H3) or "account A1042"'
    )  # fmt: skip
    other_side: tuple[Area, ...] = Field((), description="areas on the other side")

    @model_validator(mode="after")
    def _has_two_sides(self) -> Self:
        if not (self.one_side and self.other_side):
            raise ValueError(f"barrier {self.name!r}: each side must name an area")
        if both := sorted(set(self.one_side) & set(self.other_side)):
            raise ValueError(f"barrier {self.name!r}: on both sides: {', '.join(both)}")
        return self


class Rules(Section):
    """What binds the accounts of a territory to each other, as far as it holds today; covers of absent reps are free of it."""

    contiguity: Contiguity = Field(
        "off",
        description="territories in one piece, by who is neighbour of whom on the map: no matter; preferred, each further piece at weights.territory_piece; or hard, no new piece",
    )
    least_accounts: int = Field(0, ge=0, description="accounts of a territory at least; one with fewer loses none")
    most_accounts: int | None = Field(
        None, ge=1, description="accounts of a territory at most; one with more gains none; unset: any number"
    )
    barriers: tuple[Barrier, ...] = Field(
        (), description="lines no territory comes to cross; each in a table [[rules.barriers]]"
    )

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.most_accounts is not None and self.least_accounts > self.most_accounts:
            raise ValueError(f"least_accounts {self.least_accounts} is above most_accounts {self.most_accounts}")
        names = [barrier.name for barrier in self.barriers]
        if len(set(names)) < len(names):
            raise ValueError("two barriers have the same name")
        return self


class Alerts(Section):
    per_territory_month: float = Field(0.1, gt=0, description="false-alarm budget: alarms per territory and month")
    per_account_year: float = Field(0.1, gt=0, description="false-alarm budget: alarms per account and year")
    confirm_weeks: int = Field(2, ge=1, description="weeks a pending alert must persist before it fires")
    confirm_days: int = Field(
        2,
        ge=1,
        description="the same of a territory, zone or segment that is watched by the day, in days on which it sells",
    )
    recover_weeks: int = Field(4, ge=1, description="quiet weeks after which a firing alert resolves")
    min_effect_share: Share = Field(0.05, description="smaller deviations are never an alert")
    silence_factor: float = Field(4, gt=1, description="an account is silent after this multiple of its own rhythm")


class Segments(Section):
    a_share: Share = Field(0.50, description="accounts that carry this share of potential are A")
    b_share: Share = Field(0.85, description="accounts up to this cumulated share are B, the rest C")
    visits_per_year: dict[Literal["A", "B", "C"], float] = Field(
        {"A": 12, "B": 6, "C": 3}, description="target visits a year, where the account names none"
    )
    visit_minutes: dict[Literal["A", "B", "C"], float] = Field(
        {"A": 60, "B": 45, "C": 30}, description="minutes of a visit, where the account names none"
    )
    effort_share: dict[Literal["A", "B", "C"], Share] = Field(
        {"A": 0.50, "B": 0.35, "C": 0.15}, description="share of visiting time each segment should get"
    )


class Potential(Section):
    horizon_weeks: int = Field(52, ge=4, le=104, description="what potential means: revenue of the next weeks")
    year: Literal["anticipated", "now"] = Field(
        "anticipated", description="the coming weeks as they are anticipated, or as many at the present level"
    )
    interval: Share = Field(0.80, description="nominal coverage of the published interval")
    min_weeks: int = Field(8, ge=1, description="weeks of own history before the own forecast replaces the analogy")


class Cost(Section):
    """Unit costs of the KPIs."""

    per_km: Money = Field(0.52, description="EUR per km driven")
    per_hour: Money = Field(45.0, description="EUR per hour of a rep")
    per_night: Money = Field(120.0, description="EUR per night a rep spends away, as visit reports tell them")
    margin_share: Share = Field(0.30, description="share of revenue that is margin")
    marketing_per_month: Money = Field(
        0, description="EUR a month spent on winning customers, beside the reps and the sources below"
    )
    marketing_by_source: dict[str, Money] = Field(
        {}, description="EUR a month spent on each source of deals, such as { fair = 300, web = 100 }"
    )
    co2_kg_per_km: Money = Field(0.2, description="kg of CO2 per km driven")
    travel_day_minutes: Money = Field(120, description="minutes of travel from which a day counts as a travel day")


class Targets(Section):
    """What the flash page compares its figures with; unset ones show no target."""

    potential_balance_percent: Money | None = Field(12, description="spread of potential between territories, std %")
    travel_per_client_hours: Money | None = Field(None, description="travel per client visited in 90 days, hours")
    weighted_coverage: Share | None = Field(0.9, description="share of potential visited in 90 days")
    frequency_adherence: Share | None = Field(0.85, description="share of planned visits made in 90 days")
    deals_won: Share | None = Field(None, description="deals won of those won or lost in 90 days")
    cost_per_visit: Money | None = Field(None, description="EUR a visit")


class Feed(Section):
    max_message_bytes: int = Field(1_000_000, ge=1_000, description="larger messages are refused")
    max_dead_letter_share: Share = Field(
        0.5, description="share of refused messages in a topic's window that stops the worker"
    )
    dead_letter_window: int = Field(1_000, ge=10, description="messages of a topic over which that share is taken")
    live_hours: float = Field(
        72, gt=0, description="wall-clock ticks are sent only while the newest event is this fresh"
    )
    stall_exit_seconds: float = Field(
        300,
        ge=0,
        description="a worker or sink without progress for so long, and without excuse, ends (never before 10 s); 0: never",
    )


class Recipient(Section):
    """Somebody, or a channel, who is told. Addresses of webhooks are secrets: here stands the environment variable that holds one."""

    name: str = Field(min_length=1, max_length=64, description="how it is named in logs and in escalate_to")
    email: str = Field("", pattern=r"^$|^[^\s@,;<>]+@[^\s@,;<>]+$", description="where e-mail goes")
    webhook_variable: str = Field(
        "", pattern=r"^$|^[A-Z][A-Z0-9_]*$", description="variable with a Slack or Teams address"
    )
    webhook_body: Literal["text", "card"] = Field(
        "text",
        description='"text" for Slack and its like; "card" for a workflow of Teams, which takes Adaptive Cards only',
    )
    regions: tuple[str, ...] = Field(("*",), description='regions told about; "*": all')
    about: tuple[Literal["alerts", "suggestions"], ...] = Field(("alerts", "suggestions"), description="what is told")
    severity: Literal["info", "warning", "critical"] = Field("warning", description="alerts from here on")
    digest: bool = Field(False, description="once a day all that is open, rather than each when it comes")


class Notify(Section):
    """Who is told of alerts and suggestions, and when. Quiet hours may pass midnight; equal ends mean none."""

    recipients: tuple[Recipient, ...] = Field((), description="who is told; each in a table [[notify.recipients]]")
    escalate_to: tuple[str, ...] = Field((), description="names of recipients told what nobody has acknowledged")
    escalate_after_hours: float = Field(24, gt=0, description="hours after the first telling")
    quiet_from: int = Field(20, ge=0, le=23, description="hour from which only critical alerts are sent")
    quiet_until: int = Field(7, ge=0, le=23, description="hour at which the rest is sent")
    digest_hour: int = Field(7, ge=0, le=23, description="hour from which the daily digest is sent")
    time_zone: str = Field("Europe/Paris", description="of these hours")
    console_url: str = Field("", pattern=r"^$|^https?://\S+$", description="address that links in messages begin with")

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [recipient.name for recipient in self.recipients]
        if len(set(names)) < len(names):
            raise ValueError("two recipients have the same name")
        if unknown := [name for name in self.escalate_to if name not in names]:
            raise ValueError(f"escalate_to names nobody in recipients: {', '.join(unknown)}")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"time_zone {self.time_zone!r} is not known") from None
        return self


class Privacy(Section):
    individual_kpis: bool = Field(False, description="publish KPIs per rep by name")
    k_anonymity: int = Field(3, ge=1, description="groups of fewer people are not shown")
    kept_years: int | None = Field(
        None, ge=2, le=100,
        description="orders, visits, opportunities, surveys and potentials older than so many years are deleted from ClickHouse; unset: kept",
    )  # fmt: skip


class Settings(Section):
    """The whole file. `version` identifies the values on every suggestion and alert."""

    company: Company = Company()
    calendar: Calendar = Calendar()
    corridor: Corridor = Corridor()
    weights: Weights = Weights()
    travel: Travel = Travel()
    change: Change = Change()
    rules: Rules = Rules()
    alerts: Alerts = Alerts()
    segments: Segments = Segments()
    potential: Potential = Potential()
    cost: Cost = Cost()
    targets: Targets = Targets()
    feed: Feed = Feed()
    privacy: Privacy = Privacy()
    notify: Notify = Notify()
    random_seed: int = Field(7, ge=0, description="seed of every search and simulation")

    @property
    def version(self) -> str:
        """Eight hex digits that change with any value."""
        return blake2b(self.model_dump_json().encode(), digest_size=4).hexdigest()


def load_settings(path: Path | None) -> Settings:
    """Read `terradrift.toml`; None gives the defaults.

    Raises SettingsError naming the file, the key and what is allowed.
    """
    if path is None:
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a TOML file: {error}") from None
    except ValidationError as error:
        places = "; ".join(f"[{'.'.join(map(str, e['loc']))}] {e['msg']}" for e in error.errors())
        raise SettingsError(f"{path}: {places}") from None
