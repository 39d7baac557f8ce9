"""Everything the console can ask. `Reader` is the port; `ClickHouseReader` keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from clickhouse_connect.driver.client import Client

from console.access.rights import Sight
from console.reading.answers.accounts import AccountFacts
from console.reading.answers.alerts import Alert, AlertChange, AlertVerdict, MarketNews, ScopeWeek
from console.reading.answers.crm import CrmChange, CrmPushing
from console.reading.answers.decisions import DecisionState, PastDecision
from console.reading.answers.letters import SeenLetter
from console.reading.answers.quality import Placeless, RefusedGroup, Twins
from console.reading.answers.suggestions import Challenge, Change, MoveOutcome, ProposedMove, Suggestion
from console.reading.answers.territories import PinnedAccount, Place, Region, RepFacts, Territory
from console.reading.answers.today import FeedState, Figure, Published, Standing, TrendPoint, TrendsMade, Waiting
from console.reading.answers.trail import TrailEntry
from console.reading.asking import AlertFilter, LetterQuery, TrailQuery
from console.reading.source import Source
from infra.crm.reconcile import Difference, differences, owners_here
from schemas.alert_budget import REMEMBERED

MOST_ROWS = 500


class Reader(Protocol):
    """Each method takes the sight of whoever asks, and answers nothing outside it; the first six are figures of the whole
    company. Raises UnavailableError."""

    def standing(self) -> Standing: ...
    def flash(self) -> list[Figure]: ...
    def trends(self) -> dict[str, list[tuple[date, float]]]: ...
    def trends_made(self) -> TrendsMade: ...
    def feeds(self) -> list[FeedState]: ...
    def published(self) -> Published: ...
    def regions(self, sight: Sight) -> list[Region]: ...
    def alerts(self, sight: Sight, wanted: AlertFilter) -> list[Alert]: ...
    def alert_changes(self, sight: Sight, alert_id: str) -> list[AlertChange]: ...
    def alert_verdicts(self, sight: Sight, alert: Alert) -> list[AlertVerdict]: ...
    def scope_weeks(self, sight: Sight, alert: Alert, first: date, last: date) -> list[ScopeWeek]: ...
    def market_events(self, sight: Sight, region_id: str, first: date, last: date) -> list[MarketNews]: ...
    def accounts(
        self, sight: Sight, ids: Sequence[str] = (), rep_id: str = "", limit: int = 200
    ) -> list[AccountFacts]: ...
    def suggestions(
        self, sight: Sight, statuses: Sequence[str] = (), region_id: str = "", suggestion_id: str = "", alert_id: str = "",
        limit: int = 100,
    ) -> list[Suggestion]: ...  # fmt: skip
    def waiting(self, sight: Sight) -> int: ...
    def places(self, sight: Sight, region_id: str, day: date) -> list[Place]: ...
    def reps(self, sight: Sight, region_id: str = "") -> list[RepFacts]: ...
    def territories(self, sight: Sight, region_id: str = "", day: date | None = None) -> list[Territory]: ...
    def placeless(self, sight: Sight) -> list[Placeless]: ...
    def twins(self, sight: Sight) -> list[Twins]: ...
    def refused(self, sight: Sight) -> list[RefusedGroup]: ...
    def letters(self, sight: Sight, wanted: LetterQuery) -> list[SeenLetter]: ...
    def trail(self, sight: Sight, wanted: TrailQuery) -> list[TrailEntry]: ...
    def crm_changes(self, sight: Sight, pending: bool = False, limit: int = 200) -> list[CrmChange]: ...
    def crm_pushing(self, sight: Sight) -> CrmPushing: ...
    def crm_differences(self, sight: Sight, crm: Mapping[str, str]) -> list[Difference]: ...
    def changes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[Change]: ...
    def outcomes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[MoveOutcome]: ...
    def pins(self, sight: Sight, region_id: str = "", limit: int = 200) -> list[PinnedAccount]: ...
    def proposed_moves(self, sight: Sight, limit: int = 200) -> list[ProposedMove]: ...
    def challenges(self, sight: Sight, limit: int = 200) -> list[Challenge]: ...
    def decision(self, sight: Sight, decision_id: str) -> DecisionState: ...
    def past_decisions(
        self, sight: Sight, suggestion_id: str = "", alert_id: str = "", limit: int = 100
    ) -> list[PastDecision]: ...


class ClickHouseReader:
    """The reader of a running system. Several threads may share it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._source = Source(client)

    def standing(self) -> Standing:
        return self._source.rows(Standing, "standing", Sight())[0]

    def flash(self) -> list[Figure]:
        return self._source.rows(Figure, "flash", Sight())

    def trends(self) -> dict[str, list[tuple[date, float]]]:
        """Name of a figure -> its past, oldest first; figures whose past cannot be told are absent."""
        found: dict[str, list[tuple[date, float]]] = {}
        for point in self._source.rows(TrendPoint, "trends", Sight()):
            found.setdefault(point.name, []).append((point.ends_on, point.value))
        return found

    def trends_made(self) -> TrendsMade:
        return self._source.rows(TrendsMade, "trends_made", Sight())[0]

    def feeds(self) -> list[FeedState]:
        return self._source.rows(FeedState, "feeds", Sight())

    def published(self) -> Published:
        return self._source.rows(Published, "published", Sight())[0]

    def regions(self, sight: Sight) -> list[Region]:
        return self._source.rows(Region, "regions", sight)

    def alerts(self, sight: Sight, wanted: AlertFilter) -> list[Alert]:
        return self._source.rows(Alert, "alerts", sight, **wanted.values())

    def alert_changes(self, sight: Sight, alert_id: str) -> list[AlertChange]:
        return self._source.rows(AlertChange, "alert_changes", sight, alert_id=alert_id)

    def alert_verdicts(self, sight: Sight, alert: Alert) -> list[AlertVerdict]:
        """Those that make the false-alarm budget of the alert's kind, the oldest alert first."""
        return self._source.rows(
            AlertVerdict, "alert_verdicts", sight, region=alert.region_id, scope=alert.scope, remembered=REMEMBERED
        )

    def scope_weeks(self, sight: Sight, alert: Alert, first: date, last: date) -> list[ScopeWeek]:
        return self._source.rows(
            ScopeWeek, "scope_weeks", sight, region=alert.region_id, scope=alert.scope,
            scope_id=alert.scope_id, accounts=list(alert.accounts), first=first, last=last,
        )  # fmt: skip

    def market_events(self, sight: Sight, region_id: str, first: date, last: date) -> list[MarketNews]:
        return self._source.rows(MarketNews, "market_events", sight, region=region_id, first=first, last=last)

    def accounts(self, sight: Sight, ids: Sequence[str] = (), rep_id: str = "", limit: int = 200) -> list[AccountFacts]:
        return self._source.rows(
            AccountFacts, "accounts", sight, accounts=list(ids), rep=rep_id, limit=min(limit, 2_000)
        )

    def suggestions(
        self, sight: Sight, statuses: Sequence[str] = (), region_id: str = "", suggestion_id: str = "", alert_id: str = "",
        limit: int = 100,
    ) -> list[Suggestion]:  # fmt: skip
        return self._source.rows(
            Suggestion, "suggestions", sight, statuses=list(statuses), region=region_id,
            suggestion_id=suggestion_id, alert_id=alert_id, limit=min(limit, MOST_ROWS),
        )  # fmt: skip

    def waiting(self, sight: Sight) -> int:
        return self._source.rows(Waiting, "waiting", sight)[0].waiting

    def places(self, sight: Sight, region_id: str, day: date) -> list[Place]:
        return self._source.rows(Place, "places", sight, region=region_id, day=day)

    def reps(self, sight: Sight, region_id: str = "") -> list[RepFacts]:
        return self._source.rows(RepFacts, "reps", sight, region=region_id)

    def territories(self, sight: Sight, region_id: str = "", day: date | None = None) -> list[Territory]:
        """Of today, or as they were on another day."""
        if day is not None:
            return self._source.rows(Territory, "territories_on", sight, region=region_id, day=day)
        return self._source.rows(Territory, "territories", sight, region=region_id)

    def placeless(self, sight: Sight) -> list[Placeless]:
        return self._source.rows(Placeless, "without_place", sight)

    def twins(self, sight: Sight) -> list[Twins]:
        return self._source.rows(Twins, "duplicates", sight)

    def refused(self, sight: Sight) -> list[RefusedGroup]:
        return self._source.rows(RefusedGroup, "refused", sight)

    def letters(self, sight: Sight, wanted: LetterQuery) -> list[SeenLetter]:
        return self._source.rows(SeenLetter, "letters", sight, **wanted.values())

    def trail(self, sight: Sight, wanted: TrailQuery) -> list[TrailEntry]:
        return self._source.rows(TrailEntry, "trail", sight, **wanted.values())

    def crm_changes(self, sight: Sight, pending: bool = False, limit: int = 200) -> list[CrmChange]:
        """The newest first."""
        return self._source.rows(CrmChange, "crm_changes", sight, pending=int(pending), limit=limit)

    def crm_pushing(self, sight: Sight) -> CrmPushing:
        return self._source.rows(CrmPushing, "crm_pushing", sight)[0]

    def crm_differences(self, sight: Sight, crm: Mapping[str, str]) -> list[Difference]:
        """Accounts of other regions are left out, whatever the CRM says of them."""
        if sight.rep_id:
            return []
        everybody = owners_here(self._client)
        seen = everybody if sight.every_region else owners_here(self._client, sight.regions)
        foreign = {account for account, _, _ in everybody} - {account for account, _, _ in seen}
        return differences(seen, {account: rep for account, rep in crm.items() if account not in foreign})

    def changes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[Change]:
        return self._source.rows(Change, "changes", sight, suggestion_id=suggestion_id, limit=min(limit, MOST_ROWS))

    def outcomes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[MoveOutcome]:
        return self._source.rows(
            MoveOutcome, "outcomes", sight, suggestion_id=suggestion_id, limit=min(limit, MOST_ROWS)
        )

    def pins(self, sight: Sight, region_id: str = "", limit: int = 200) -> list[PinnedAccount]:
        return self._source.rows(PinnedAccount, "pins", sight, region=region_id, limit=min(limit, MOST_ROWS))

    def proposed_moves(self, sight: Sight, limit: int = 200) -> list[ProposedMove]:
        return self._source.rows(ProposedMove, "proposed_moves", sight, limit=min(limit, MOST_ROWS))

    def challenges(self, sight: Sight, limit: int = 200) -> list[Challenge]:
        return self._source.rows(Challenge, "challenges", sight, limit=min(limit, MOST_ROWS))

    def decision(self, sight: Sight, decision_id: str) -> DecisionState:
        return self._source.rows(DecisionState, "decision", sight, decision_id=decision_id)[0]

    def past_decisions(
        self, sight: Sight, suggestion_id: str = "", alert_id: str = "", limit: int = 100
    ) -> list[PastDecision]:
        return self._source.rows(
            PastDecision,
            "past_decisions",
            sight,
            suggestion_id=suggestion_id,
            alert_id=alert_id,
            limit=min(limit, MOST_ROWS),
        )
