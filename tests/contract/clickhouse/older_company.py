"""A company with a longer past, for what only time shows: conversion, churn, a year ago, and what became of a move."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from small_company import REGION, a_deal, a_rep, a_suggestion, a_visit, an_account, an_assignment, an_order, result

from schemas import rows

MOVED_ON = date(2026, 3, 2)
FIRST_WEEK, LAST_WEEK = date(2025, 11, 24), date(2026, 6, 15)


def a_prospect(account: str, when: str) -> rows.AccountRow:
    return an_account(account, "C", when=when).model_copy(update={"kind": "prospect"})


def weeks(account: str, before: float, after: float, next_4w: float, next_13w: float) -> list[rows.PotentialRow]:
    """Closed weeks that sold `before` until the Monday of the move, `after` from then on; the forecasts stay the same."""
    count = (LAST_WEEK - FIRST_WEEK).days // 7 + 1
    mondays = [FIRST_WEEK + timedelta(days=7 * n) for n in range(count)]
    return [
        a_week(account, monday, after if monday >= MOVED_ON else before, next_4w=next_4w, next_13w=next_13w)
        for monday in mondays
    ]


def a_week(
    account: str, monday: date, sold: float, segment: str = "A", next_4w: float = 400, next_13w: float = 1300
) -> rows.PotentialRow:
    return rows.PotentialRow(
        **result(f"{monday + timedelta(days=7)}"), account_id=account, week=monday, potential_eur=5000, low_eur=4000, high_eur=6000,
        next_4w_eur=next_4w, next_13w_eur=next_13w, expected_week_eur=100, actual_week_eur=sold, by_analogy=False, segment=segment, rep_id="r1",
    )  # fmt: skip


def twenty_four_orders(account: str) -> list[rows.OrderRow]:
    """One of 10 EUR every 15 days, the last on 16 March 2026."""
    first = date(2025, 4, 5)
    return [
        an_order(f"{account}-{n}", f"{first + timedelta(days=15 * n)}T10:00", account, "10", region_id=REGION)
        for n in range(24)
    ]


def the_older_company() -> list[Any]:
    move = rows.MoveRow(
        account_id="m1", from_rep="r1", to_rep="r2", worth_eur=1300, travel_eur=52, change_eur=-50, balance_eur=1298, overtime_eur=0,
        travel_km=80, hours=24, potential_eur=5000, reason="nearer", binding="", alternative="",
    )  # fmt: skip
    change = rows.AssignmentChangeRow(
        **result("2026-03-01"), change_id="ch1", account_id="m1", from_rep="r1", to_rep="r2", valid_from=MOVED_ON,
        suggestion_id="s9", decision_id="d9", kind="move",
    )  # fmt: skip
    return [
        a_rep("r1", 40), a_rep("r2", 40).model_copy(update={"active_to": date(2026, 5, 15)}),
        an_account("m1", "A"), an_account("c1", "A"), an_account("c2", "A"), an_account("x1", "A"), an_account("x2", "B"),
        a_prospect("p1", "2025-11-01"), a_prospect("p2", "2025-11-05"),
        an_assignment("m1", "r1", "2025-01-01"), an_assignment("c1", "r1", "2025-01-01"), an_assignment("c2", "r1", "2025-01-01"),
        *weeks("m1", 100, 120, 500, 1300), *weeks("c1", 100, 110, 400, 1500), *weeks("c2", 1000, 0, 300, 100),
        a_week("x1", date(2026, 3, 16), 0, "A"), a_week("x2", date(2026, 3, 16), 0, "B"),
        *twenty_four_orders("x1"), *twenty_four_orders("x2"), an_order("x2-late", "2026-04-20T10:00", "x2", "10"),
        an_order("x2-now", "2026-06-30T12:00", "x2", "10"), an_order("p1-first", "2025-12-01T10:00", "p1", "10"),
        a_deal("l1", "lead", "2026-02-01", "c1"), a_deal("l1", "open", "2026-02-11", "c1"), a_deal("l2", "lead", "2026-02-05", "c2"),
        a_visit("m1-before", "2026-02-24T09:00", "m1", "r1", 30, 0, 10), a_visit("m1-after", "2026-03-10T09:00", "m1", "r2", 30, 0, 5),
        a_suggestion("s9", 1, "approved", "2026-03-01").model_copy(update={"moves": (move,)}), change,
    ]  # fmt: skip


# kpi, which row, column -> figure
OLDER_FIGURES: list[tuple[str, dict[str, Any], dict[str, float | None]]] = [
    # l1 became an opportunity after ten days, l2 never
    ("lead_conversion", {"grain": "company"}, {"numerator": 1, "denominator": 2, "median_days": 10}),
    # p1 ordered 30 days after it was first heard of, p2 never
    ("prospect_conversion", {"grain": "company"}, {"numerator": 1, "denominator": 2, "value": 0.5}),
    # 24 orders in the year before 1 April: silent after 3 * 365 / 24 = 46 days. x2 ordered on 20 April, x1 never again
    ("customer_churn", {"grain": "company"}, {"numerator": 1, "denominator": 2, "value": 0.5, "waiting": 0}),
    # r2 left; two reps at the start, one at the end
    ("rep_turnover", {"grain": "company"}, {"numerator": 1, "denominator": 1.5, "value": 2 / 3, "joined": 0}),
    # x2 sold 20 in the window, and 60 (six orders) in the same window 364 days before
    ("revenue_by_segment", {"grain": "company", "segment": "B"}, {"numerator": 20, "denominator": 60, "value": 20 / 60 - 1}),
    ("revenue_by_segment", {"grain": "company", "segment": "A"}, {"numerator": 0, "denominator": 60, "value": -1}),
    # four weeks: m1 400 -> 480, c1 (c2 sold ten times as much and is no match) 400 -> 440, so 480 - 400 * 1.1
    ("move_outcome", {"grain": "company", "horizon_days": 30}, {"moves": 1, "numerator": 40, "denominator": 400, "value": 0.1}),
    ("move_outcome", {"grain": "company", "horizon_days": 90}, {"moves": 1, "numerator": 130, "denominator": 1300, "value": 0.1}),
    # of 4 weeks m1 480, c1 440, c2 0 came in the order they were forecast (500, 400, 300)
    ("rank_correlation", {"grain": "company", "horizon_weeks": 4}, {"n": 3, "value": 1}),
    # of 13 weeks m1 1560, c1 1430, c2 0, forecast 1300, 1500 and 100: 1 - 6 * (1 + 1) / (3 * 8)
    ("rank_correlation", {"grain": "company", "horizon_weeks": 13}, {"n": 3, "value": 0.5}),
    # 30 % of 40, and travel of 10 km before less 5 km after, at 0.52; promised were 1300 * 4 / 52
    (
        "suggestion_quality", {"grain": "company", "horizon_days": 30},
        {"numerator": 12 + 2.6, "denominator": 100, "positive": 1, "travel_numerator": 2.6, "travel_denominator": 4},
    ),
]  # fmt: skip
