"""Everything the console can ask. `Reader` is the port; `ClickHouseReader` keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from clickhouse_connect.driver.client import Client

from console.access.rights import Sight
from console.reading import answers
from console.reading.asking import AlertFilter
from console.reading.source import Source
from infra.clickhouse.letters import LetterFilter, reason_groups

MOST_ROWS = 500


class Reader(Protocol):
    """Each method takes the sight of whoever asks, and answers nothing outside it. Raises UnavailableError."""

    def standing(self) -> answers.Standing: ...
    def flash(self) -> list[answers.Figure]: ...
    def trends(self) -> dict[str, list[tuple[date, float]]]: ...
    def feeds(self) -> list[answers.FeedState]: ...
    def regions(self, sight: Sight) -> list[answers.Region]: ...
    def alerts(self, sight: Sight, wanted: AlertFilter) -> list[answers.Alert]: ...
    def alert_changes(self, sight: Sight, alert_id: str) -> list[answers.AlertChange]: ...
    def scope_weeks(self, sight: Sight, alert: answers.Alert, first: date, last: date) -> list[answers.ScopeWeek]: ...
    def market_events(self, sight: Sight, region_id: str, first: date, last: date) -> list[answers.MarketNews]: ...
    def accounts(
        self, sight: Sight, ids: Sequence[str] = (), rep_id: str = "", limit: int = 200
    ) -> list[answers.AccountFacts]: ...
    def suggestions(
        self, sight: Sight, statuses: Sequence[str] = (), region_id: str = "", suggestion_id: str = "", limit: int = 100
    ) -> list[answers.Suggestion]: ...
    def places(self, sight: Sight, region_id: str, day: date) -> list[answers.Place]: ...
    def reps(self, sight: Sight, region_id: str = "") -> list[answers.RepFacts]: ...
    def territories(self, sight: Sight, region_id: str = "") -> list[answers.Territory]: ...
    def placeless(self, sight: Sight) -> list[answers.Placeless]: ...
    def twins(self, sight: Sight) -> list[answers.Twins]: ...
    def refused(self) -> list[answers.RefusedGroup]: ...
    def changes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[answers.Change]: ...
    def outcomes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[answers.MoveOutcome]: ...
    def pins(self, sight: Sight, region_id: str = "", limit: int = 200) -> list[answers.PinnedAccount]: ...
    def proposed_moves(self, sight: Sight, limit: int = 200) -> list[answers.ProposedMove]: ...
    def challenges(self, sight: Sight, limit: int = 200) -> list[answers.Challenge]: ...
    def decision(self, sight: Sight, decision_id: str) -> answers.DecisionState: ...
    def past_decisions(
        self, sight: Sight, suggestion_id: str = "", alert_id: str = "", limit: int = 100
    ) -> list[answers.PastDecision]: ...


class ClickHouseReader:
    """The reader of a running system. Several threads may share it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._source = Source(client)

    def standing(self) -> answers.Standing:
        return self._source.rows(answers.Standing, "standing", Sight())[0]

    def flash(self) -> list[answers.Figure]:
        return self._source.rows(answers.Figure, "flash", Sight())

    def trends(self) -> dict[str, list[tuple[date, float]]]:
        """Name of a figure -> its past, oldest first; figures whose past cannot be told are absent."""
        balance = self._source.rows(answers.TrendPoint, "trend_balance", Sight())
        points = [
            *self._source.rows(answers.TrendPoint, "trend_visits", Sight()),
            *self._source.rows(answers.TrendPoint, "trend_plan", Sight()),
        ]
        found = {"Potential balance": [(p.ends_on, p.value) for p in balance]}
        for name, column in (
            ("Travel per client", "travel_per_client"), ("Weighted coverage", "weighted_coverage"),
            ("Frequency adherence", "frequency_adherence"), ("Cost per visit", "cost_per_visit"),
        ):  # fmt: skip
            found[name] = [(p.ends_on, getattr(p, column)) for p in points]
        return {name: [(day, value) for day, value in line if value is not None] for name, line in found.items()}

    def feeds(self) -> list[answers.FeedState]:
        return self._source.rows(answers.FeedState, "feeds", Sight())

    def regions(self, sight: Sight) -> list[answers.Region]:
        return self._source.rows(answers.Region, "regions", sight)

    def alerts(self, sight: Sight, wanted: AlertFilter) -> list[answers.Alert]:
        return self._source.rows(answers.Alert, "alerts", sight, **wanted.values())

    def alert_changes(self, sight: Sight, alert_id: str) -> list[answers.AlertChange]:
        return self._source.rows(answers.AlertChange, "alert_changes", sight, alert_id=alert_id)

    def scope_weeks(self, sight: Sight, alert: answers.Alert, first: date, last: date) -> list[answers.ScopeWeek]:
        return self._source.rows(
            answers.ScopeWeek, "scope_weeks", sight, region=alert.region_id, scope=alert.scope,
            scope_id=alert.scope_id, accounts=list(alert.accounts), first=first, last=last,
        )  # fmt: skip

    def market_events(self, sight: Sight, region_id: str, first: date, last: date) -> list[answers.MarketNews]:
        return self._source.rows(answers.MarketNews, "market_events", sight, region=region_id, first=first, last=last)

    def accounts(
        self, sight: Sight, ids: Sequence[str] = (), rep_id: str = "", limit: int = 200
    ) -> list[answers.AccountFacts]:
        return self._source.rows(
            answers.AccountFacts, "accounts", sight, accounts=list(ids), rep=rep_id, limit=min(limit, 2_000)
        )

    def suggestions(
        self, sight: Sight, statuses: Sequence[str] = (), region_id: str = "", suggestion_id: str = "", limit: int = 100
    ) -> list[answers.Suggestion]:
        return self._source.rows(
            answers.Suggestion, "suggestions", sight, statuses=list(statuses), region=region_id,
            suggestion_id=suggestion_id, limit=min(limit, MOST_ROWS),
        )  # fmt: skip

    def places(self, sight: Sight, region_id: str, day: date) -> list[answers.Place]:
        return self._source.rows(answers.Place, "places", sight, region=region_id, day=day)

    def reps(self, sight: Sight, region_id: str = "") -> list[answers.RepFacts]:
        return self._source.rows(answers.RepFacts, "reps", sight, region=region_id)

    def territories(self, sight: Sight, region_id: str = "") -> list[answers.Territory]:
        return self._source.rows(answers.Territory, "territories", sight, region=region_id)

    def placeless(self, sight: Sight) -> list[answers.Placeless]:
        return self._source.rows(answers.Placeless, "without_place", sight)

    def twins(self, sight: Sight) -> list[answers.Twins]:
        return self._source.rows(answers.Twins, "duplicates", sight)

    def refused(self) -> list[answers.RefusedGroup]:
        groups = reason_groups(self._client, LetterFilter())
        return [answers.RefusedGroup.model_validate(group, from_attributes=True) for group in groups]

    def changes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[answers.Change]:
        return self._source.rows(
            answers.Change, "changes", sight, suggestion_id=suggestion_id, limit=min(limit, MOST_ROWS)
        )

    def outcomes(self, sight: Sight, suggestion_id: str = "", limit: int = 200) -> list[answers.MoveOutcome]:
        return self._source.rows(
            answers.MoveOutcome, "outcomes", sight, suggestion_id=suggestion_id, limit=min(limit, MOST_ROWS)
        )

    def pins(self, sight: Sight, region_id: str = "", limit: int = 200) -> list[answers.PinnedAccount]:
        return self._source.rows(answers.PinnedAccount, "pins", sight, region=region_id, limit=min(limit, MOST_ROWS))

    def proposed_moves(self, sight: Sight, limit: int = 200) -> list[answers.ProposedMove]:
        return self._source.rows(answers.ProposedMove, "proposed_moves", sight, limit=min(limit, MOST_ROWS))

    def challenges(self, sight: Sight, limit: int = 200) -> list[answers.Challenge]:
        return self._source.rows(answers.Challenge, "challenges", sight, limit=min(limit, MOST_ROWS))

    def decision(self, sight: Sight, decision_id: str) -> answers.DecisionState:
        return self._source.rows(answers.DecisionState, "decision", sight, decision_id=decision_id)[0]

    def past_decisions(
        self, sight: Sight, suggestion_id: str = "", alert_id: str = "", limit: int = 100
    ) -> list[answers.PastDecision]:
        return self._source.rows(
            answers.PastDecision,
            "past_decisions",
            sight,
            suggestion_id=suggestion_id,
            alert_id=alert_id,
            limit=min(limit, MOST_ROWS),
        )
