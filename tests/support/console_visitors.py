"""A console over invented answers, and somebody who walks through it without a network."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI

from console.access.entry import new_session
from console.access.passwords import hashed
from console.access.rights import Person, Sight
from console.access.seals import Seal
from console.access.users import Users
from console.app import create_app
from console.drawing.tiles import TileServer
from console.reading.answers.accounts import AccountFacts
from console.reading.answers.alerts import Alert, AlertChange, AlertVerdict, MarketNews, ScopeWeek
from console.reading.answers.crm import CrmChange, CrmPushing
from console.reading.answers.decisions import DecisionState, PastDecision
from console.reading.answers.letters import SeenLetter
from console.reading.answers.quality import Placeless, RefusedGroup, Twins
from console.reading.answers.suggestions import Challenge, Change, MoveOutcome, ProposedMove, Suggestion
from console.reading.answers.territories import PinnedAccount, Place, Region, RepFacts, Territory
from console.reading.answers.today import FeedState, Figure, Published, Standing, TrendsMade
from console.reading.answers.trail import TrailEntry
from console.reading.asking import AlertFilter, LetterQuery, TrailQuery
from infra.crm.reconcile import Difference, differences
from schemas.errors import UnavailableError
from schemas.events import Decision
from schemas.mending import Fate, Mend
from schemas.rows import DeadLetterReplayRow, TerritoryEffect
from schemas.what_if import AccountsMove, RepLeaves, WhatIfAnswer, WhatIfRefusedError, WhatIfRequest

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
KEY = b"k" * 32
PASSWORD = "a long enough password"
HASH = hashed(PASSWORD)
_TOKENS: dict[str, str] = {}
PEOPLE = {
    "mia": Person("mia", ("manager",), ("west",)),
    "omar": Person("omar", ("operator",), ("west",)),
    "rosa": Person("rosa", ("rep",), (), "R07"),
    "ruth": Person("ruth", ("rep", "manager"), ("west",), "R09"),  # whose region has moves, none of them her own
    "ann": Person("ann", ("analyst",), ("*",)),
    "adam": Person("adam", ("admin",)),
    "eve": Person("eve", ("manager",), ("east",)),
}
REFUSED = "stale_decision: the suggestion is approved, not <proposed>"
USERS = Users(PEOPLE, dict.fromkeys(PEOPLE, HASH))
MOVE = {
    "account_id": "A1042", "from_rep": "R03", "to_rep": "R07", "worth_eur": 9885, "travel_eur": 255, "change_eur": -2070,
    "balance_eur": 11700, "overtime_eur": 0, "travel_km": 250, "deviation_points": 14.2, "hours": 32, "potential_eur": 96000,
    "reason": "R07 lives nearer <b>and</b> is below the fair share", "binding": "", "alternative": "R05 (dearer, 1,234 worse)",
}  # fmt: skip
SUGGESTION: dict[str, Any] = {
    "region_id": "west", "as_of": NOW, "model_version": "1", "config_version": "3f9a", "suggestion_id": "s1",
    "revision": 1, "status": "proposed", "cause": "corridor", "alert_ids": ["a1"], "reason": "two moves",
    "created_on": "2026-03-16", "expires_on": "2026-04-27", "effective_from": None, "objective_before_eur": 90324,
    "objective_after_eur": 65316, "worth_eur": 25008, "bound_eur": 64900, "gap_share": 0.0064, "spread_before": 0.18,
    "spread_after": 0.0133, "max_deviation_before": 0.18, "max_deviation_after": 0.0133, "travel_km_before": 61200,
    "travel_km_after": 60800, "potential_moved_eur": 150000, "probability_positive": 0.97, "solver_status": "feasible",
    "stopped_by": "work limit", "random_state": 7, "decided_by": "", "decision_id": "", "decision_reason": "",
    "moves": [MOVE, {**MOVE, "account_id": "A1077", "worth_eur": 2823, "alternative": "stay with R03"}], "effects": [],
    "frontier": [
        {"move_limit": 1, "objective_eur": 77100, "bound_eur": 76400, "balance_eur": 12400, "max_deviation": 0.0917},
        {"move_limit": 2, "objective_eur": 65316, "bound_eur": 64900, "balance_eur": 600, "max_deviation": 0.0133},
    ],
    "frontier_moves": [
        {"move_limit": 1, "account_id": "A1042", "to_rep": "R07"}, {"move_limit": 2, "account_id": "A1042", "to_rep": "R07"},
        {"move_limit": 2, "account_id": "A1077", "to_rep": "R07"},
    ],
}  # fmt: skip
PLACELESS = {
    "rule": "no place",
    "why": "without a place, so travel says nothing about them: A9",
    "relaxation": "give them latitude and longitude",
}
EFFECT = TerritoryEffect(
    rep_id="R03", potential_before_eur=1_200_000, potential_after_eur=1_008_000, hours_before=900, hours_after=836,
    accounts_before=90, accounts_after=88, deviation_before=0.2, deviation_after=0.008,
)  # fmt: skip
CHALLENGE = {
    "account_id": "A1042", "reason": "deal_running: signs <i>in May</i>", "challenged_by": "rosa", "challenged_at": NOW,
    "decision_id": "d7",
}  # fmt: skip
SUGGESTION |= {
    "challenges": [CHALLENGE],
    "turning_points": [{"account_id": "A1042", "pays_from_eur": 61000, "pays_to_eur": None}],
    "blocked": [
        {"account_id": "A1077", "to_rep": "R09", "worth_eur": 4100, "why": "held: pinned until 2026-12-31: key account"}
    ],
    "verdicts": [
        {
            "rule": "most_accounts",
            "why": "5 reps with 90 each hold fewer than <460> accounts",
            "relaxation": "relaxed from 90 to 92",
        },
        PLACELESS,
    ],
    "intervals": [
        {"figure": figure, "rep_id": rep_id, "low": low, "high": high}
        for figure, rep_id, low, high in (
            ("worth_eur", "", 16_400, 33_900),
            ("max_deviation_before", "", 0.152, 0.211),
            ("max_deviation_after", "", 0.014, 0.055),
            ("potential_before_eur", "R03", 1_121_000, 1_284_000),
            ("potential_after_eur", "R03", 941_000, 1_079_000),
        )
    ],
}
ALERT: dict[str, Any] = {
    "region_id": "west", "as_of": NOW, "model_version": "1", "config_version": "3f9a", "alert_id": "a1", "revision": 2,
    "dedup_key": "west/territory/R07/drop", "group_id": "g1", "state": "firing", "severity": "warning",
    "cause_class": "demand_shift", "scope": "territory", "scope_id": "R07", "direction": "drop",
    "title": "Territory R07 sells 22 % less", "started_on": "2026-02-16", "detected_on": "2026-03-02",
    "resolved_on": None, "observed_eur": 44226, "expected_eur": 56700, "deviation_share": -0.22, "eur_at_risk": 162162,
    "statistic": 9.4, "threshold": 6.8, "sample_size": 4, "evidence": '{"market_factor": 0.99}',
    "related_market_events": ["m1"], "accounts": ["A1042"], "suggestion_id": "s1", "today": "2026-03-20",
    "acknowledged_by": "", "acknowledged_at": None, "assignee": "", "silenced_until": None, "verdict": "",
}  # fmt: skip
ACCOUNT: dict[str, Any] = {
    "account_id": "A1042", "name": "Café <Nord>", "region_id": "west", "rep_id": "R03", "city": "Brest", "segment": "A",
    "potential_eur": 96000, "lat": 48.4, "lon": -4.5, "active": True, "owned_since": "2024-01-01",
    "last_order": "2026-03-10", "last_visit": None, "year_eur": 90000, "visits_90_days": 2, "visits_per_year": 12,
    "open_deals": 1, "moves_12_months": 0, "base_eur": 90_000, "base_by_analogy": False,
    "reasons": [
        {"code": "own_orders", "eur": 8_000, "change": 0.09, "since": "2025-11-03", "waited_weeks": 0, "usual_gap_weeks": 1,
         "words": "orders rose 9 % against its peers since <November> 2025"},
        {"code": "market", "eur": -2_000, "change": -0.02, "since": None, "waited_weeks": 0, "usual_gap_weeks": 1,
         "words": "the market around it shrinks, 2 %"},
    ],
}  # fmt: skip


MESSAGE = b'{"event_id":"e1","amount":"much","note":"<b>","rep_id":null,"account_id":"A1042"}'
LETTER: dict[str, Any] = {
    "dead_letter_id": "l1", "log_id": "log", "topic": "orders", "partition": 3, "offset": 17, "received_at": NOW,
    "reason": "invalid_value", "field": "amount", "detail": "amount: 'much' is <no> number", "key": "A1042",
    "payload_base64": b64encode(MESSAGE).decode(), "payload_bytes": len(MESSAGE), "replays": 0, "replay_outcome": "",
    "replay_detail": "", "replayed_at": None, "region_id": "west",
}  # fmt: skip


class InventedReader:
    """Answers from constants, as far as the sight reaches; `sights` remembers who asked what."""

    def __init__(self) -> None:
        self.sights: list[tuple[str, Sight]] = []
        self.asked: list[AlertFilter] = []
        self.outcome = DecisionState(heard=True, applied=True)
        self.suggestion = Suggestion.model_validate(SUGGESTION)
        self.news = [MarketNews(market_event_id="m1", kind="competitor_opened", day=date(2026, 2, 10), account_id="",
                                region_id="west", lat=48.0, lon=-4.0, radius_km=30, note="")]  # fmt: skip
        self.verdicts = [AlertVerdict(alert_id="a0", verdict="false"), AlertVerdict(alert_id="a1", verdict="")]
        self.alert = Alert.model_validate(ALERT)
        self.letter = SeenLetter.model_validate(LETTER)
        self.made = TrendsMade(as_of=NOW, made_at=NOW - timedelta(minutes=4))
        self.told = Published(conduct=True, fewest=3)
        self.pushing = CrmPushing(runs=True, looked_at=NOW, next_look_at=NOW + timedelta(seconds=15), account_id="A1042",
                                  state="failed", detail="503 <busy>", not_taken_at=NOW)  # fmt: skip
        self.empty = False
        self.gone: tuple[str, ...] = ()

    def _seen(self, method: str, sight: Sight, region: str = "west") -> bool:
        self.sights.append((method, sight))
        return sight.sees_region(region) and not self.empty

    def _moves(self, method: str, sight: Sight) -> bool:
        return self._seen(method, sight) and sight.rep_id in ("", MOVE["from_rep"], MOVE["to_rep"])

    def standing(self) -> Standing:
        return Standing(as_of=NOW, closed_week=date(2026, 3, 9), alert_changes=1, suggestion_changes=1,
                                decisions=0, waiting=1, currency="EUR", tolerance=0.15)  # fmt: skip

    def flash(self) -> list[Figure]:
        if self.empty:
            return []
        return [Figure(position=1, name="Weighted coverage", value=0.83, unit="share", target=0.9, numerator=83,
                               denominator=100, as_of=NOW)]  # fmt: skip

    def trends(self) -> dict[str, list[tuple[date, float]]]:
        return {"Weighted coverage": [(date(2026, n, 1), 0.8 + n / 100) for n in (1, 2, 3)]}

    def trends_made(self) -> TrendsMade:
        return self.made

    def feeds(self) -> list[FeedState]:
        return [FeedState(topic="orders", accepted=5, newest=NOW, hours_behind=100, refused=2)]

    def published(self) -> Published:
        return self.told

    def waiting(self, sight: Sight) -> int:
        return 1 if self._seen("waiting", sight) else 0

    def regions(self, sight: Sight) -> list[Region]:
        return [Region(region_id=r, reps=4) for r in ("east", "west") if self._seen("regions", sight, r)]

    def alerts(self, sight: Sight, wanted: AlertFilter) -> list[Alert]:
        self.asked.append(wanted)
        if not self._seen("alerts", sight) or wanted.alert_id not in ("", "a1"):
            return []
        return [self.alert]

    def alert_changes(self, sight: Sight, alert_id: str) -> list[AlertChange]:
        self._seen("alert_changes", sight)
        return [AlertChange.model_validate(ALERT, from_attributes=False)]

    def alert_verdicts(self, sight: Sight, alert: Alert) -> list[AlertVerdict]:
        self._seen("alert_verdicts", sight)
        return self.verdicts

    def scope_weeks(self, sight: Sight, alert: Alert, first: date, last: date) -> list[ScopeWeek]:
        self._seen("scope_weeks", sight)
        return [ScopeWeek(week=date(2025, 12, 1) + timedelta(weeks=n), observed_eur=900 + 10 * n, expected_eur=1000)
                for n in range(14)]  # fmt: skip

    def market_events(self, sight: Sight, region_id: str, first: date, last: date) -> list[MarketNews]:
        self._seen("market_events", sight)
        return self.news

    def accounts(self, sight: Sight, ids: Sequence[str] = (), rep_id: str = "", limit: int = 200) -> list[AccountFacts]:
        if not self._seen("accounts", sight) or sight.rep_id not in ("", ACCOUNT["rep_id"]):
            return []
        return [AccountFacts.model_validate(ACCOUNT)] if not ids or "A1042" in ids else []

    def suggestions(
        self, sight: Sight, statuses: Sequence[str] = (), region_id: str = "", suggestion_id: str = "", alert_id: str = "",
        limit: int = 100,
    ) -> list[Suggestion]:  # fmt: skip
        named = alert_id in ("", *self.suggestion.alert_ids)
        return [self.suggestion] if self._seen("suggestions", sight) and suggestion_id in ("", "s1") and named else []

    def places(self, sight: Sight, region_id: str, day: date) -> list[Place]:
        seen = self._seen("places", sight, region_id)
        return [Place(account_id=a, lat=48 + n / 10, lon=-4 - n / 10, rep_id=r, segment="A", potential_eur=9e4)
                for n, (a, r) in enumerate([("A1042", "R03"), ("A1077", "R03"), ("A2", "R07")]) if seen]  # fmt: skip

    def reps(self, sight: Sight, region_id: str = "") -> list[RepFacts]:
        seen = self._seen("reps", sight)
        return [RepFacts(rep_id=r, name=f"Name of {r}", region_id="west", active=r not in self.gone, lat=48.1, lon=-4.1, weekly_hours=35)
                for r in ("R03", "R07") if seen]  # fmt: skip

    def territories(self, sight: Sight, region_id: str = "", day: date | None = None) -> list[Territory]:
        seen = self._seen("territories", sight)
        if day is not None:
            return [Territory(region_id="west", rep_id="R03", name="", accounts=77, potential_eur=8e5, capacity_hours=1540,
                              work_hours=None, load_ratio=None, deviation=0.1, in_corridor=True, drift=None)] * seen  # fmt: skip
        return [Territory(region_id="west", rep_id="R03", name="", accounts=96, potential_eur=1e6, capacity_hours=1540,
                                  work_hours=700, load_ratio=0.45, deviation=0.18, in_corridor=False, drift=0.02)] * seen  # fmt: skip

    def placeless(self, sight: Sight) -> list[Placeless]:
        self._seen("placeless", sight)
        return [Placeless(region_id="west", without_place=1, accounts=9, examples=["A9"])]

    def twins(self, sight: Sight) -> list[Twins]:
        self._seen("twins", sight)
        return [Twins(name="Café", city="Brest", region_id="west", accounts=["A1", "A2"])]

    def refused(self, sight: Sight) -> list[RefusedGroup]:
        self._seen("refused", sight)
        return [RefusedGroup(topic="orders", reason="no_time_zone", field="occurred_at", letters=2, still_open=1,
                                     latest=NOW, example="<script>")]  # fmt: skip

    def letters(self, sight: Sight, wanted: LetterQuery) -> list[SeenLetter]:
        seen = self._seen("letters", sight) and wanted.letter_id in ("", "l1")
        return [self.letter.model_copy(update={} if wanted.letter_id else {"payload_base64": ""})] * seen

    def trail(self, sight: Sight, wanted: TrailQuery) -> list[TrailEntry]:
        seen = self._seen("trail", sight)
        told = [
            ("decision", "accept", "", "", "deal_running: signs <i>"),
            ("decision", "undo", "", "", ""),
            ("change", "move", "R03", "R07", "season"),
            ("letter", "sent", "", "", ""),
        ]
        return [TrailEntry(subject=subject, entry_id=subject, occurred_at=NOW, kind=kind, who="mia", refused=REFUSED if kind == "undo" else "", region_id="west", suggestion_id="s1",  # type: ignore[arg-type]
                           alert_id="", account_id="A1042", letter_id="l1" if subject == "letter" else "", moves=1, from_rep=before, to_rep=after,
                           reason=why, valid_from=date(2026, 4, 1), model_version="1", config_version="3f9a")
                for subject, kind, before, after, why in told if seen and wanted.subject in ("", subject)]  # fmt: skip

    def crm_changes(self, sight: Sight, pending: bool = False, limit: int = 200) -> list[CrmChange]:
        told = [("c2", "failed", 5, "503 <busy>"), ("c1", "delivered", 1, "200")][: 1 if pending else 2]
        return [CrmChange(region_id="west", as_of=NOW, model_version="1", config_version="3f9a", change_id=change_id, account_id="A1042",
                          from_rep="R03", to_rep="R07", valid_from=date(2026, 4, 1), suggestion_id="s1", decision_id="d1", kind="move",
                          state=state, attempts=attempts, detail=detail, changed_at=NOW)  # type: ignore[arg-type]
                for change_id, state, attempts, detail in told if self._seen("crm_changes", sight)]  # fmt: skip

    def crm_pushing(self, sight: Sight) -> CrmPushing:
        nothing = {"account_id": "", "state": "", "detail": "", "not_taken_at": None}
        return self.pushing.model_copy(update={} if self._seen("crm_pushing", sight) else nothing)

    def crm_differences(self, sight: Sight, crm: Mapping[str, str]) -> list[Difference]:
        return differences([("A1042", "R03", True)] if self._seen("crm_differences", sight) else [], crm)

    def changes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[Change]:
        seen = self._moves("changes", sight)
        return [Change(change_id="c1", account_id="A1042", name="Café", region_id="west", from_rep="R03", to_rep="R07",
                               valid_from=date(2026, 4, 1), kind="move", suggestion_id="s1", decision_id="d1", reason="nearer",
                               potential_eur=1, hours=1, travel_km=1, worth_eur=1, decided_by="mia", decided_at=NOW,
                               decision_reason="season", model_version="1", config_version="3f9a", coming=True)] * seen  # fmt: skip

    def outcomes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[MoveOutcome]:
        seen = self._seen("outcomes", sight)
        told = [(30, 100.0, 80.0, 12), (90, 300.0, None, 0)]
        return [MoveOutcome(change_id="c1", suggestion_id=suggestion_id or "s1", account_id="A1042", name="Café", region_id="west",
                                    from_rep="R03", to_rep="R07", valid_from=date(2026, 1, 5), horizon_days=days, predicted_eur=promised,
                                    realised_eur=became, revenue_before=1000, revenue_after=1200, controls=controls)
                for days, promised, became, controls in told] * seen  # fmt: skip

    def pins(self, sight: Sight, region_id: str = "", limit: int = 200) -> list[PinnedAccount]:
        seen = self._seen("pins", sight)
        return [PinnedAccount(account_id="A1042", name="Café <Nord>", region_id="west", rep_id="R03", pinned_by="mia",
                                      pinned_at=NOW, reason="season", until=date(2026, 9, 1))] * seen  # fmt: skip

    def proposed_moves(self, sight: Sight, limit: int = 200) -> list[ProposedMove]:
        seen = self._moves("proposed_moves", sight)
        told = {"suggestion_id": "s1", "name": "Café <Nord>", "region_id": "west"}
        return [ProposedMove.model_validate({**MOVE, **told}) for _ in range(1) if seen]

    def challenges(self, sight: Sight, limit: int = 200) -> list[Challenge]:
        if not self._moves("challenges", sight):
            return []
        told = {"suggestion_id": "s1", "name": "Café <Nord>", "region_id": "west", "status": "proposed"}
        return [Challenge.model_validate({**MOVE, **told, **CHALLENGE})]

    def decision(self, sight: Sight, decision_id: str) -> DecisionState:
        self._seen("decision", sight)
        return self.outcome

    def past_decisions(
        self, sight: Sight, suggestion_id: str = "", alert_id: str = "", limit: int = 100
    ) -> list[PastDecision]:
        self._seen("past_decisions", sight)
        return [PastDecision(decision_id="d1", occurred_at=NOW, region_id="west", kind="accept", suggestion_id="s1", alert_id="",
                                     account_id="", moves=1, reason="", decided_by="mia", effective_from=None, until=None,
                                     assignee="", verdict="", refused=refused)
                for refused in ("", REFUSED)]  # fmt: skip


FIGURES = {
    "total_eur": 90324, "travel_eur": 60000, "change_eur": 0, "balance_eur": 30000, "overtime_eur": 324, "contiguity_eur": 0,
    "travel_km": 61200, "travel_hours_per_client": 2.4, "spread": 0.18, "max_deviation": 0.18, "overtime_hours": 12, "move_count": 0,
    "potential_moved_eur": 0,
}  # fmt: skip


class InventedSolver:
    """Answers every question about the west with the same plan; `asked` remembers them."""

    def __init__(self) -> None:
        self.asked: list[WhatIfRequest] = []

    def ask(self, request: WhatIfRequest) -> WhatIfAnswer:
        self.asked.append(request)
        nothing: dict[str, float] = {**FIGURES, "total_eur": 120_000}
        for change in request.changes:
            if isinstance(change, RepLeaves | AccountsMove) and change.rep_id == "R99":
                raise WhatIfRefusedError(("no rep 'R99' <here>",))
            if isinstance(change, RepLeaves) and change.rep_id == "R97":
                raise WhatIfRefusedError(
                    ("change 1 (rep_leaves): R97 is the only rep: nobody is left to serve the accounts",)
                )
            if isinstance(change, AccountsMove) and change.rep_id == "R98":
                raise UnavailableError("busy")
            if isinstance(change, AccountsMove) and change.rep_id == "R09":
                nothing |= {"total_eur": 120_700, "travel_km": 61_255, "max_deviation": 0.21}
        return WhatIfAnswer.model_validate({
            "region_id": request.region_id, "as_of": NOW.date(), "config_version": "3f9a", "told": ["R03 leaves"], "today": FIGURES,
            "nothing": nothing, "plan": {**FIGURES, "total_eur": 70_000, "move_count": 1},
            "cost_eur": 29_676, "worth_eur": 50_000, "bound_eur": 69_000, "gap_share": 0.0145, "moves": [MOVE], "effects": [], "within_corridor": True,
            "stopped_by": "converged", "verdicts": [PLACELESS],
        })  # fmt: skip


class KeptDecisions:
    """A publisher that keeps what it was given."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def publish(self, decision: Decision) -> None:
        self.decisions.append(decision)


class InventedDesk:
    """Passes what has an amount in figures; `sent` keeps what went out, each letter once."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mend, str]] = []

    def message(self, dead_letter_id: str, mend: Mend, /) -> bytes:
        fields = {**json.loads(MESSAGE), **dict(mend.values)}
        return mend.content or json.dumps({k: v for k, v in fields.items() if k not in mend.dropped}).encode()

    def check(self, dead_letter_id: str, mend: Mend, /) -> Fate:
        passes = b"much" not in self.message(dead_letter_id, mend)
        return Fate(dead_letter_id, "orders", "would pass" if passes else "not sent", "" if passes else "<no> number")

    def send(self, dead_letter_id: str, mend: Mend, by: str, /) -> Fate:
        if self.sent or self.check(dead_letter_id, mend).outcome != "would pass":
            return Fate(dead_letter_id, "orders", "not sent", "sent before, or no number")
        self.sent.append((dead_letter_id, mend, by))
        return Fate(dead_letter_id, "orders", "accepted")

    def attempts(self, dead_letter_id: str, /) -> list[DeadLetterReplayRow]:
        return [
            DeadLetterReplayRow(
                replay_id="p1", dead_letter_id=each, started_at=NOW, changed_at=NOW, outcome="accepted", detail="",
                mended=mend.changes(), event_id="e1", log_id="log", topic="orders", partition=0, offset=1, replayed_by=by,
            )
            for each, mend, by in self.sent
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass(slots=True)
class Visitor:
    """Somebody with a session, if `name` is given: by cookie as a browser, or by bearer token as a program."""

    app: FastAPI
    name: str = ""
    bearer: bool = False
    language: str = "en"
    more: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, form: Sequence[tuple[str, str]] = (), csrf: bool = True) -> Answer:
        """Send a form, with the token of the session unless told otherwise."""
        fields = [*form, *([("csrf", self.csrf())] if csrf and self.name else [])]
        return self.call("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def csrf(self) -> str:
        seal = Seal(KEY)
        session = seal.opened("session", self._token(), NOW)
        return seal.mark("csrf", session["id"]) if session else ""

    def call(self, method: str, target: str, body: bytes = b"", content_type: str = "") -> Answer:
        path, _, query = target.partition("?")
        headers = {"host": "console", "accept-language": self.language, "content-length": str(len(body)), **self.more}
        if content_type:
            headers["content-type"] = content_type
        if self.name:
            headers |= (
                {"authorization": f"Bearer {self._token()}"}
                if self.bearer
                else {"cookie": f"terradrift_session={self._token()}"}
            )
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            "scheme": "http", "server": ("console", 80), "client": ("192.0.2.1", 5), "root_path": "",
        }  # fmt: skip
        return asyncio.run(_called(self.app, scope, body))

    def _token(self) -> str:
        return _TOKENS.setdefault(self.name, new_session(Seal(KEY), PEOPLE[self.name], NOW))


async def _called(app: FastAPI, scope: dict[str, Any], body: bytes) -> Answer:
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)
    start = sent[0]
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(m.get("body", b"") for m in sent[1:]).decode())


def a_console(tiles: TileServer | None = None) -> tuple[FastAPI, InventedReader, KeptDecisions]:
    """A console, what it reads from, and where its decisions go."""
    reader, decisions = InventedReader(), KeptDecisions()
    return (
        create_app(
            reader, decisions, lambda: USERS, lambda: NOW, KEY, InventedSolver(), desk=InventedDesk(), tiles=tiles
        ),
        reader,
        decisions,
    )
