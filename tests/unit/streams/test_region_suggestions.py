"""What makes a region ask for a plan, and what keeps it from asking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from schemas.region_log import SolveFinished
from schemas.settings import Change, Corridor, Settings
from schemas.topics import ALERTS, SUGGESTIONS
from solvers.problem import Problem
from solvers.solution import Solution
from solvers.verify_claims import verify_solution
from streams.handlers.region.planning import decode_job, encode_job
from streams.handlers.region.solving import decode_answer, solve
from tests.support.region import MONDAY, REGION, RegionBench, a_region, a_rep_set, noon, sunday


def said(bench: RegionBench) -> list[tuple[str, str, int, str]]:
    return [(row["status"], row["cause"], row["revision"], row["as_of"][:10]) for row in bench.rows(SUGGESTIONS)]


def the_day_after(week: int) -> str:
    return (sunday(week) + timedelta(days=1)).isoformat()


def changed(**fields: Any) -> Settings:
    return Settings(change=Change(**({"warm_up_weeks": 2, "budget_share_90_days": 0.5} | fields)))


def test_a_corridor_broken_for_the_weeks_of_the_settings_is_answered_by_a_suggestion() -> None:
    settings = changed().model_copy(update={"corridor": Corridor(persistence_weeks=5)})
    bench = a_region(settings=settings)
    bench.weeks(0, 4)
    assert said(bench) == []
    bench.weeks(4, 1)
    assert said(bench) == [("proposed", "corridor", 0, the_day_after(4))]


def test_the_plan_of_a_suggestion_is_one_that_verify_accepts_and_earns_what_it_says() -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 3)
    (request,) = bench.open_solves
    problem = Problem.from_bytes(decode_job(request.problem).problem)
    solution = Solution.from_bytes(decode_answer(solve(request.problem)).solution)
    assert verify_solution(problem, solution) == []
    bench.answer()
    row = bench.suggestion()
    assert row["worth_eur"] == solution.saving_eur == row["objective_before_eur"] - row["objective_after_eur"] > 0
    assert [(m["account_id"], m["from_rep"], m["to_rep"]) for m in row["moves"]] == [
        (m.account_id, m.from_rep, m.to_rep) for m in solution.moves
    ]
    assert row["max_deviation_after"] < row["max_deviation_before"]
    assert all(move["reason"] for move in row["moves"])


def test_a_suggestion_says_what_fewer_moves_would_buy() -> None:
    bench = a_region()
    bench.weeks(0, 3)
    points = bench.suggestion()["frontier"]
    assert [point["move_limit"] for point in points] == [1, 2, 3, 5, 10, 20, 25]
    costs = [point["objective_eur"] for point in points]
    assert costs == sorted(costs, reverse=True)
    assert all(point["bound_eur"] <= point["objective_eur"] for point in points)
    assert points[-1]["bound_eur"] <= bench.suggestion()["objective_after_eur"]


def test_each_plan_of_the_frontier_tells_its_moves_and_can_be_accepted_as_it_stands() -> None:
    bench = a_region()
    bench.weeks(0, 3)
    row = bench.suggestion()
    plans: dict[int, list[tuple[str, str]]] = {}
    for move in row["frontier_moves"]:
        plans.setdefault(move["move_limit"], []).append((move["account_id"], move["to_rep"]))
    assert all(0 < len(plan) <= limit for limit, plan in plans.items())
    bench.decide("modify", row["suggestion_id"], moves=tuple(plans[2]))
    assert [(account, rep) for account, _, rep, *_ in bench.changes()] == sorted(plans[2])


def test_a_suggestion_stands_beside_doing_nothing_and_two_extremes_at_the_same_prices() -> None:
    bench = a_region()
    bench.weeks(0, 3)
    row = bench.suggestion()
    found = {one["scenario"]: one for one in row["scenarios"]}
    assert list(found) == ["nothing", "balanced", "max_fairness", "min_distance"]
    assert found["nothing"]["total_eur"] == pytest.approx(row["objective_before_eur"])
    assert found["balanced"]["total_eur"] == pytest.approx(row["objective_after_eur"])
    assert found["balanced"]["move_count"] == len(row["moves"])
    assert found["max_fairness"]["max_deviation"] <= found["balanced"]["max_deviation"]
    assert found["min_distance"]["travel_km"] <= found["balanced"]["travel_km"] + 1e-6
    assert all(one["travel_hours_per_client"] > 0 for one in found.values())


def test_a_suggestion_says_between_which_values_its_figures_may_lie() -> None:
    bench = a_region(settings=changed())
    bench.weeks(0, 3)
    row = bench.suggestion()
    told = {(one["figure"], one["rep_id"]): (one["low"], one["high"]) for one in row["intervals"]}
    low, high = told["worth_eur", ""]
    assert low < row["worth_eur"] < high
    for effect in row["effects"]:
        low, high = told["potential_after_eur", effect["rep_id"]]
        assert low < effect["potential_after_eur"] < high


def test_an_answer_of_a_solver_that_told_no_intervals_is_proposed_without() -> None:
    bench = a_region(settings=changed(), solves_at_once=False)
    bench.weeks(0, 3)
    request = bench.open_solves.pop()
    told = msgspec.msgpack.decode(solve(request.problem))
    del told["intervals"]
    bench.say(SolveFinished(REGION, request.request_id, msgspec.msgpack.encode(told)))
    assert bench.suggestion()["intervals"] == []


def test_the_travel_of_the_territories_that_change_is_checked_by_routing() -> None:
    bench = a_region()
    bench.weeks(0, 3)
    row = bench.suggestion()
    checks = {check["rep_id"]: check for check in row["travel_checks"]}
    assert set(checks) == {"east", "west"}
    assert all(check["method"] == "routed" for check in checks.values())
    moved = len(row["moves"])
    assert (checks["west"]["clients_before"], checks["west"]["clients_after"]) == (15, 15 - moved)
    assert checks["west"]["tour_km_after"] < checks["west"]["tour_km_before"]
    assert checks["east"]["hours_per_client_after"] > 0


def test_a_plan_that_is_not_what_was_asked_is_refuted() -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 3)
    other = a_region(16, 4, solves_at_once=False)
    other.weeks(0, 3)
    request = bench.open_solves.pop()
    bench.say(SolveFinished(REGION, request.request_id, solve(other.open_solves.pop().problem)))
    assert said(bench) == []
    assert (bench.count("solves_refuted"), bench.count("solves_fruitless")) == (1, 1)
    assert any("refuted" in note for note in bench.notes)


def test_a_solve_whose_clock_strikes_is_counted_by_its_region_and_proposes_the_first_good_moves() -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 3)
    request = bench.open_solves.pop()
    hurried = encode_job(msgspec.structs.replace(decode_job(request.problem), seconds=0.0))
    bench.say(SolveFinished(REGION, request.request_id, solve(hurried)))
    assert bench.counts["solves_cut_short", f"clock|{REGION}"] == 1
    assert (bench.suggestion()["stopped_by"], len(bench.suggestion()["moves"]) > 0) == ("clock", True)


def test_a_failed_solve_is_noted_and_the_region_rests() -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 3)
    request = bench.open_solves.pop()
    bench.say(SolveFinished(REGION, request.request_id, failure="out of memory"))
    bench.weeks(3, 4)
    assert bench.open_solves == []
    assert any("out of memory" in note for note in bench.notes)
    bench.weeks(7, 1)
    assert len(bench.open_solves) == 1


def test_balanced_territories_are_left_alone() -> None:
    bench = a_region(10, 10)
    bench.weeks(0, 12)
    assert said(bench) == []


def test_young_potentials_move_nobody() -> None:
    bench = a_region(settings=changed(warm_up_weeks=8))
    bench.weeks(0, 7)
    assert said(bench) == []
    bench.weeks(7, 1)
    assert [status for status, *_ in said(bench)] == ["proposed"]


def test_a_plan_that_earns_too_little_is_not_shown() -> None:
    bench = a_region(settings=changed(min_worth=10_000_000))
    bench.weeks(0, 6)
    assert said(bench) == []
    assert bench.count("solves_fruitless") == 1


def test_at_most_one_suggestion_is_open() -> None:
    bench = a_region()
    bench.weeks(0, 8)
    assert said(bench) == [("proposed", "corridor", 0, the_day_after(2))]


def test_an_undecided_suggestion_expires_and_the_region_rests_before_the_next() -> None:
    bench = a_region(settings=changed(suggestion_expires_days=14, suggestion_cooldown_days=21))
    bench.weeks(0, 10)
    expired = (sunday(2) + timedelta(days=14 + 1 + 1)).isoformat()
    again = the_day_after(8)
    assert said(bench) == [
        ("proposed", "corridor", 0, the_day_after(2)),
        ("expired", "corridor", 1, expired),
        ("proposed", "corridor", 0, again),
    ]
    assert bench.rows(SUGGESTIONS)[1]["decision_reason"] == "nobody decided in time"
    assert len({row["suggestion_id"] for row in bench.rows(SUGGESTIONS)}) == 2


def test_the_moved_potential_keeps_to_the_change_budget() -> None:
    bench = a_region(settings=changed(budget_share_90_days=0.11))
    bench.weeks(0, 3)
    assert len(bench.suggestion()["moves"]) == 2, "two of twenty equal accounts"


def test_a_rep_who_leaves_raises_an_alert_and_his_accounts_get_others() -> None:
    bench = a_region(10, 10)
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 3)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(3), occurred_at=noon(sunday(2))))
    bench.weeks(3, 1)
    assert said(bench) == [("proposed", "corridor", 0, the_day_after(2))]
    bench.weeks(4, 1)
    alert = next(row for row in bench.rows(ALERTS) if row["scope_id"] == "west")
    assert (alert["state"], alert["cause_class"]) == ("firing", "capacity_change")
    left = (sunday(3) + timedelta(days=1)).isoformat()
    assert alert["detected_on"] == left
    waiting_no_longer, urgent = bench.rows(SUGGESTIONS)[1:]
    assert waiting_no_longer["decision_reason"] == "a rep has left: another plan is needed"
    assert (urgent["status"], urgent["cause"], urgent["created_on"]) == ("proposed", "rep_left", left)


def test_orphans_are_all_placed_and_cost_no_change_budget() -> None:
    bench = a_region(10, 10, settings=changed(budget_share_90_days=0.0))
    bench.say(a_rep_set("third", -2.5, active_from=sunday(2)))
    bench.weeks(0, 2)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(2), occurred_at=noon(sunday(1))))
    bench.weeks(2, 2)
    row = next(row for row in bench.rows(SUGGESTIONS) if row["cause"] == "rep_left")
    assert row["created_on"] == the_day_after(2), "on the first day without the rep"
    assert {(m["account_id"], m["from_rep"]) for m in row["moves"]} == {(f"a{i:02d}", "") for i in range(10)}


def test_the_last_rep_who_stays_is_offered_the_accounts_of_the_other() -> None:
    bench = a_region(10, 10)
    bench.weeks(0, 2)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(1), occurred_at=noon(sunday(1))))
    bench.weeks(2, 1)
    (row,) = bench.rows(SUGGESTIONS)
    assert {(m["from_rep"], m["to_rep"]) for m in row["moves"]} == {("", "east")}
    assert len(row["moves"]) == 10


def test_a_rep_who_goes_to_another_region_leaves_orphans_too() -> None:
    bench = a_region(10, 10)
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 2)
    bench.say(a_rep_set("west", -3.0, region_id="elsewhere", occurred_at=noon(sunday(1))))
    bench.weeks(2, 1)
    assert "west" in {row["scope_id"] for row in bench.rows(ALERTS)}
    assert bench.rows(SUGGESTIONS)[0]["cause"] == "rep_left"


def test_a_rep_who_stays_after_all_leaves_no_orphans() -> None:
    bench = a_region(10, 10, settings=changed(warm_up_weeks=3))
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 1)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(0), occurred_at=noon(sunday(0))))
    bench.weeks(1, 1)
    bench.say(a_rep_set("west", -3.0, occurred_at=noon(sunday(1))))
    bench.weeks(2, 2)
    assert "rep_left" not in {row["cause"] for row in bench.rows(SUGGESTIONS)}


def test_news_of_a_rep_that_are_older_than_what_is_known_are_history() -> None:
    bench = a_region(10, 10)
    bench.say(a_rep_set("third", -2.5))
    bench.say(a_rep_set("west", -3.0, active_to=MONDAY, occurred_at=noon(date(2025, 1, 1))))
    bench.weeks(0, 4)
    assert "rep_left" not in {row["cause"] for row in bench.rows(SUGGESTIONS)}


@pytest.mark.parametrize("seen", ["west", "east"])
def test_a_suggestion_says_both_territories_before_and_after(seen: str) -> None:
    bench = a_region()
    bench.weeks(0, 3)
    effect = next(effect for effect in bench.suggestion()["effects"] if effect["rep_id"] == seen)
    assert (effect["accounts_before"], effect["accounts_after"]) == {"west": (15, 10), "east": (5, 10)}[seen]


def test_the_alert_about_a_rep_who_left_ends_when_every_account_has_another() -> None:
    bench = a_region(10, 10)
    bench.say(a_rep_set("third", -2.5, active_from=sunday(2)))
    bench.weeks(0, 2)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(2), occurred_at=noon(sunday(1))))
    bench.weeks(2, 2)
    alerts = [row for row in bench.rows(ALERTS) if row["scope_id"] == "west"]
    assert alerts[-1]["state"] == "firing"
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(4, 1)
    alerts = [row for row in bench.rows(ALERTS) if row["scope_id"] == "west"]
    assert alerts[-1]["state"] == "resolved"
