"""A company small enough to reckon by hand: three reps, five accounts, four visits, six order events.

The watermark is the newest order, 2026-06-30 12:00. Potentials: a1 100, a2 50, a3 30, a4 20 thousand EUR; a5 is closed.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access, connect
from infra.clickhouse.sink import Sink
from infra.clickhouse.snapshots import refresh_snapshots
from schemas import rows
from schemas.row_ranges import RowBlock, RowRange
from schemas.settings import Settings
from schemas.topics import SINK_TOPICS

REGION = "north"
_offsets = count()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fact(topic: str, event: str, when: str, **fields: Any) -> dict[str, Any]:
    return {
        "log_id": "log1", "topic": topic, "partition": 0, "offset": next(_offsets),
        "event_id": event, "occurred_at": at(when), **fields,
    }  # fmt: skip


def an_order(event: str, when: str, account: str, amount: str, **fields: Any) -> rows.OrderRow:
    known = {"order_id": event, "account_id": account, "amount": amount, "currency": "EUR", "region_id": REGION}
    return rows.OrderRow(**fact("orders", event, when, **(known | fields)))


def a_visit(
    event: str, when: str, account: str, rep: str, onsite: float, travel: float, km: float, **fields: Any
) -> rows.VisitRow:
    known = {
        "visit_id": event, "account_id": account, "rep_id": rep, "duration_minutes": onsite, "travel_minutes": travel,
        "travel_km": km, "region_id": REGION,
    }  # fmt: skip
    return rows.VisitRow(**fact("visit-reports", event, when, **(known | fields)))


def an_account(account: str, segment: str, status: str = "active", when: str = "2025-01-01") -> rows.AccountRow:
    return rows.AccountRow(
        **fact(
            "accounts",
            f"account-{account}-{when}",
            when,
            account_id=account,
            segment=segment,
            status=status,
            region_id=REGION,
        )
    )


def a_rep(rep: str, hours: float, seniority: float = 1) -> rows.RepRow:
    values = {"rep_id": rep, "weekly_hours": hours, "seniority": seniority, "region_id": REGION}
    return rows.RepRow(**fact("reps", f"rep-{rep}", "2025-01-01", **values))


def an_assignment(account: str, rep: str | None, day: str) -> rows.AssignmentRow:
    return rows.AssignmentRow(
        **fact(
            "assignments",
            f"assignment-{account}-{day}",
            day,
            account_id=account,
            rep_id=rep,
            valid_from=day,
            region_id=REGION,
        )
    )


def a_deal(deal: str, stage: str, when: str, account: str) -> rows.OpportunityRow:
    return rows.OpportunityRow(
        **fact("opportunities", f"{deal}-{stage}", when, opportunity_id=deal, account_id=account, stage=stage)
    )


def a_target(
    rep: str, month: str, revenue: str | None, visits: float | None, when: str = "2026-01-01"
) -> rows.TargetRow:
    values = {"rep_id": rep, "month": month, "revenue": revenue, "visits": visits}
    return rows.TargetRow(**fact("targets", f"{rep}-{month}-{when}", when, **values))


def an_answer(survey: str, when: str, score: int, account: str | None = None, rep: str | None = None) -> rows.SurveyRow:
    values = {"survey_id": survey, "account_id": account, "rep_id": rep, "score": score}
    return rows.SurveyRow(**fact("surveys", f"{survey}-{when}", when, **values))


def result(when: str) -> dict[str, Any]:
    return {"region_id": REGION, "as_of": at(when), "model_version": "m1", "config_version": "c1"}


def a_potential(account: str, eur: float, when: str = "2026-06-29") -> rows.PotentialRow:
    return rows.PotentialRow(
        **result(when), account_id=account, week=date(2026, 6, 22), potential_eur=eur, low_eur=eur * 0.8, high_eur=eur * 1.2,
        next_4w_eur=eur / 13, next_13w_eur=eur / 4, expected_week_eur=eur / 52, actual_week_eur=eur / 52, by_analogy=False,
        segment="A", rep_id="r1", growth_eur=500, base_eur=eur * 1.1, base_by_analogy=False, reasons=(a_reason(-0.1 * eur),),
    )  # fmt: skip


def a_reason(eur: float) -> rows.ReasonRow:
    return rows.ReasonRow(
        estimate="potential", code="own_orders", eur=eur, change=-0.22, since=date(2026, 3, 2), waited_weeks=0,
        usual_gap_weeks=1, words="orders fell 22 % against its peers since March 2026",
    )  # fmt: skip


def a_suggestion(name: str, revision: int, status: str, when: str) -> rows.SuggestionRow:
    floats = {name: 0.0 for name, field in rows.SuggestionRow.model_fields.items() if field.annotation is float}
    move = rows.MoveRow(
        account_id="a1", from_rep="r2", to_rep="r1", worth_eur=1200, travel_eur=100, change_eur=-50, balance_eur=1150,
        overtime_eur=0, travel_km=80, hours=24, potential_eur=100_000, reason="nearer", binding="", alternative="",
    )  # fmt: skip
    effect = rows.TerritoryEffect(
        rep_id="r1", potential_before_eur=50_000, potential_after_eur=150_000, hours_before=100, hours_after=124,
        accounts_before=1, accounts_after=2, deviation_before=-0.2, deviation_after=0.1,
    )  # fmt: skip
    point = rows.FrontierRow(
        move_limit=1, objective_eur=-1200, bound_eur=-1500, balance_eur=300, max_deviation=0.1
    )  # fmt: skip
    short = rows.ScenarioRow(
        scenario="min_distance", total_eur=-900, travel_eur=500, change_eur=150, balance_eur=2000, overtime_eur=0,
        contiguity_eur=0, travel_km=700, travel_hours_per_client=1.5, spread=0.2, max_deviation=0.3, overtime_hours=0, move_count=1,
        potential_moved_eur=40_000,
    )  # fmt: skip
    tour = rows.TravelCheckRow(
        rep_id="r1", method="routed", clients_before=1, clients_after=2, tour_km_before=0, tour_km_after=20, year_km_before=300,
        year_km_after=500, hours_per_client_before=6, hours_per_client_after=5,
    )  # fmt: skip
    return rows.SuggestionRow(
        **result(when), suggestion_id=name, revision=revision, status=status, cause="corridor", alert_ids=("alert1",),
        reason="r2 has too much", created_on=date(2026, 6, 20), expires_on=date(2026, 8, 1), effective_from=None,
        **(floats | {"worth_eur": 1200.0}), solver_status="OPTIMAL", stopped_by="", random_state=7, decided_by="", decision_id="",
        decision_reason="", moves=(move,), effects=(effect,), frontier=(point,),
        approvals=(rows.ApprovalRow(decided_by="mia", decided_at=at(when), decision_id="d1"),),
        challenges=(
            rows.ChallengeRow(account_id="a1", reason="season", challenged_by="rosa", challenged_at=at(when), decision_id="d7"),
        ),
        frontier_moves=(rows.FrontierMoveRow(move_limit=1, account_id="a1", to_rep="r1"),),
        scenarios=(short,), travel_checks=(tour,),
        turning_points=(rows.TurningPointRow(account_id="a1", pays_from_eur=900.0, pays_to_eur=None),),
        blocked=(rows.BlockedRow(account_id="a2", to_rep="r2", worth_eur=300.0, why="max_moves: the limit of 1 moves is used up"),),
        verdicts=(rows.VerdictRow(rule="no place", why="without a place: a9", relaxation="give it latitude and longitude"),),
        intervals=(rows.IntervalRow(figure="worth_eur", rep_id="", low=800.0, high=1700.0),),
    )  # fmt: skip


def an_alert(name: str, revision: int, state: str, when: str) -> rows.AlertRow:
    return rows.AlertRow(
        **result(when), alert_id=name, revision=revision, dedup_key=name, group_id="", state=state, severity="warning",
        cause_class="demand_shift", scope="territory", scope_id="r1", direction="drop", title="r1 sells less",
        started_on=date(2026, 6, 1), detected_on=date(2026, 6, 10), resolved_on=None, observed_eur=80, expected_eur=100,
        deviation_share=-0.2, eur_at_risk=5000, statistic=4, threshold=3, sample_size=12, evidence="", related_market_events=(),
        accounts=("a1",), suggestion_id="",
    )  # fmt: skip


def a_quality(week: date, absolute: float, error: float, naive: float, covered: int) -> rows.ModelQualityRow:
    return rows.ModelQualityRow(
        **result("2026-06-29"), week=week, horizon_weeks=1, segment="", n=4, actual_eur=100, error_eur=error,
        absolute_error_eur=absolute, naive_absolute_error_eur=naive, intervals=4, covered=covered,
    )  # fmt: skip


def a_dead_letter(name: str) -> rows.DeadLetterRow:
    return rows.DeadLetterRow(
        dead_letter_id=name, log_id="log1", topic="orders", partition=0, offset=99, received_at=at("2026-06-30T12:00"),
        reason="unknown_account", field="account_id", detail="no such account", key="zz", payload_base64="e30=", payload_bytes=2,
    )  # fmt: skip


def the_company() -> list[Any]:
    return [
        a_rep("r1", 40), a_rep("r2", 40), a_rep("r3", 25, seniority=0.8),
        an_account("a1", "A"), an_account("a2", "B"), an_account("a3", "C"), an_account("a4", "C"),
        an_account("a5", "A"), an_account("a5", "A", "closed", "2026-01-01"),
        an_assignment("a1", "r2", "2025-01-01"), an_assignment("a1", "r1", "2026-06-01"),
        an_assignment("a2", "r1", "2025-01-01"), an_assignment("a2", "r2", "2026-05-01"), an_assignment("a2", "r1", "2026-05-20"),
        an_assignment("a3", "r2", "2025-01-01"), an_assignment("a4", None, "2025-01-01"), an_assignment("a5", "r2", "2025-01-01"),
        a_visit("v1", "2026-04-01T12:00", "a1", "r1", 60, 30, 20, outcome="order", products_seen=("P3",)),
        a_visit("v2", "2026-05-10T09:00", "a1", "r2", 60, 30, 20, outcome="order", products_seen=("P1", "P2", "P2")),
        a_visit("v3", "2026-06-01T09:00", "a1", "r1", 60, 30, 20),
        a_visit("v4-draft", "2026-06-10T08:00", "a2", "r2", 300, 300, 400, visit_id="v4"),
        a_visit("v4", "2026-06-10T09:00", "a2", "r2", 30, 60, 40, products_seen=("none",), nights=1),
        *no_visits(),
        an_order("o1", "2026-05-10T10:00", "a1", "1000"), an_order("o2", "2026-06-01T15:00", "a1", "500"),
        an_order("o3", "2026-06-15T10:00", "a1", "-100", status="returned"), an_order("o4", "2026-06-20T10:00", "a2", "300"),
        an_order("o4-back", "2026-06-21T10:00", "a2", "300", status="returned", order_id="o4"),
        an_order("o5", "2026-06-21T11:00", "a2", "700", status="cancelled"), an_order("o6", "2026-06-30T12:00", "a3", "400"),
        a_deal("p1", "open", "2026-05-01", "a1"), a_deal("p1", "won", "2026-06-01", "a1"), a_deal("p2", "lost", "2026-06-02", "a2"),
        # a1 and a3 are r2's in May, a2 is r2's until the 20th; June has not ended, and February lies before the last three months
        a_target("r2", "2026-05-01", "2000", 4), a_target("r1", "2026-04-01", "9000", 9), a_target("r1", "2026-04-01", "500", 2, "2026-03-01"),
        a_target("r1", "2026-05-01", None, 1), a_target("r3", "2026-05-01", "0", None), a_target("r1", "2026-02-01", "1500", 0),
        a_target("r2", "2026-06-01", "7777", 7), a_target("r2", "2025-05-01", "8888", 8),
        # q1 was corrected; q0 lies exactly 90 days back, q9 in the future of the watermark
        an_answer("q1", "2026-05-09", 3, "a1"), an_answer("q1", "2026-05-10", 9, "a1"), an_answer("q2", "2026-06-02", 10, "a1"),
        an_answer("q3", "2026-05-10", 6, "a2"), an_answer("q4", "2026-06-20", 8, "a4"), an_answer("q0", "2026-04-01T12:00", 0, "a3"),
        an_answer("q9", "2026-07-01", 0, "a3"),
        an_answer("q5", "2026-06-03", 8, rep="r1"), an_answer("q6", "2026-05-03", 5, rep="r1"), an_answer("q7", "2026-06-03", 4, rep="r2"),
        a_potential("a1", 1, "2026-06-28"), a_potential("a1", 100_000), a_potential("a2", 50_000), a_potential("a3", 30_000),
        a_potential("a4", 20_000), a_potential("a5", 999_000),
        a_suggestion("s1", 1, "proposed", "2026-06-20"), a_suggestion("s1", 2, "approved", "2026-06-21"),
        a_suggestion("s1", 3, "rolled_back", "2026-06-25"), a_suggestion("s2", 1, "proposed", "2026-06-20"),
        a_suggestion("s2", 2, "rejected", "2026-06-22"), a_suggestion("s3", 1, "proposed", "2026-06-20"),
        an_alert("alert1", 1, "firing", "2026-06-10"), an_alert("alert2", 1, "firing", "2026-06-10"),
        an_alert("alert2", 2, "resolved", "2026-06-24"),
        a_quality(date(2026, 6, 15), 10, 10, 20, 3), a_quality(date(2026, 6, 22), 30, -30, 60, 2), a_dead_letter("d1"),
    ]  # fmt: skip


def no_visits() -> list[Any]:
    """Reports that are no visits, though they say all that a visit says: they may be seen nowhere but where they are asked for."""
    loud: dict[str, Any] = {"outcome": "none", "products_seen": ("P9",), "nights": 9}
    return [
        # v2 was made nine days before it had been planned for; both were in r2's territory, who had a plan for May
        a_visit("v2-moved", "2026-05-19T09:00", "a1", "r3", 99, 99, 99, visit_id="v2", status="moved", **loud),
        a_visit("n1", "2026-05-12T09:00", "a2", "r3", 99, 99, 99, status="cancelled", **loud),
        a_visit("n1-again", "2026-05-12T09:00", "a2", "r3", 99, 99, 99, visit_id="n1", status="cancelled", **loud),
        a_visit("n2", "2026-06-29T09:00", "a3", "r3", 99, 99, 99, status="cancelled", **loud),
        a_visit("n3", "2026-06-25T09:00", "a3", "r3", 99, 99, 99, channel="call", **loud),
        a_visit("n4", "2026-06-26T09:00", "a1", "r3", 99, 99, 99, channel="video", **loud),
        a_visit("n5", "2026-06-27T09:00", "a4", "r3", 99, 99, 99, channel="call", status="cancelled", **loud),
    ]


def two_regions() -> list[Any]:
    """The company with a second region, the south: one rep, one account, its order of 77 EUR and its visit to an empty shelf."""
    north = the_company()  # first, since source offsets rise
    south = [
        a_rep("z", 40).model_copy(update={"region_id": "south"}),
        an_account("z1", "A").model_copy(update={"region_id": "south"}),
        an_order("z-order", "2026-06-29T10:00", "z1", "77", region_id="south"),
        a_visit("z-visit", "2026-06-29T09:00", "z1", "z", 30, 10, 5, products_seen=("none",), region_id="south"),
    ]
    return [*north, *south]


def written_through_the_sink(access: Access, settings: Settings) -> None:
    """The company, put into ClickHouse the way everything gets there."""
    write_rows(access, the_company(), settings)


def write_rows(access: Access, written: list[Any], settings: Settings, log_id: str = "log1") -> None:
    """Rows of any tables through the sink, and the settings. `log_id` is the life of the broker they come from; each is written once."""
    batches: dict[str, list[RowBlock]] = defaultdict(list)
    places = {model: (topic.name, table) for topic in SINK_TOPICS for table, model in topic.row_types.items()}
    for row in written:
        topic, table = places[type(row)]
        batches[topic].append(RowBlock(len(batches[topic]), table, row.model_dump_json().encode()))
    sink = Sink(access, log_id)
    for topic in batches:
        assert sink.resume(topic, 0, 0) == []
    sink.write([RowRange(topic, 0, 0, len(blocks), blocks) for topic, blocks in batches.items()])
    sink.close()
    client = connect(access)
    publish_settings(client, settings)
    refresh_snapshots(client)
    client.close()
