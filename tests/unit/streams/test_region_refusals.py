"""What a manager refused is not proposed again, accounts in the middle of a deal stay, and a plan must probably pay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from schemas.ids import derived
from schemas.region_log import DealSet, SolveFinished
from schemas.settings import Change, Settings
from schemas.topics import SUGGESTIONS
from solvers.solution import Solution
from streams.handlers.region.planning import SolveJob, decode_job, encode_job
from streams.handlers.region.solving import decode_answer, encode_answer, solve
from tests.support.region import (
    MONDAY,
    REGION,
    RegionBench,
    a_region,
    a_rep_set,
    an_account_set,
    an_assignment_set,
    noon,
    sunday,
)


def changed(**fields: Any) -> Settings:
    quick = {"warm_up_weeks": 2, "budget_share_90_days": 0.5, "suggestion_cooldown_days": 14}
    return Settings(change=Change(**(quick | fields)))


def moved(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(move["account_id"], move["to_rep"]) for move in row["moves"]}


def proposals(bench: RegionBench) -> list[set[tuple[str, str]]]:
    return [moved(row) for row in bench.rows(SUGGESTIONS) if row["status"] == "proposed"]


def a_deal(account_id: str, day: date, is_open: bool = True) -> DealSet:
    return DealSet(account_id, f"deal of {account_id}", is_open, noon(day), derived(account_id, day, is_open))


def test_a_rejected_move_is_not_proposed_again() -> None:
    bench = a_region(settings=changed())
    bench.weeks(0, 3)
    bench.decide("reject", bench.suggestion_id)
    bench.weeks(3, 5)
    first, second = proposals(bench)
    assert second
    assert not first & second


def test_it_may_come_back_after_its_rest() -> None:
    bench = a_region(settings=changed(refused_rest_days=10))
    bench.weeks(0, 3)
    bench.decide("reject", bench.suggestion_id)
    bench.weeks(3, 5)
    first, second = proposals(bench)
    assert first == second


def test_moves_left_out_of_an_acceptance_count_as_refused() -> None:
    bench = a_region(settings=changed())
    bench.weeks(0, 3)
    proposed = sorted(moved(bench.suggestion()))
    bench.decide("accept", bench.suggestion_id, moves=tuple(proposed[:1]))
    bench.weeks(3, 5)
    _, second = proposals(bench)
    assert second
    assert not second & set(proposed)


@pytest.mark.parametrize(("least_eur", "comes_back"), [(0.0, True), (1e9, False)])
def test_a_refused_move_comes_back_only_when_it_is_worth_enough(least_eur: float, comes_back: bool) -> None:
    bench = a_region(settings=changed(), solves_at_once=False)
    bench.weeks(0, 3)
    job = decode_job(bench.open_solves[0].problem)
    plan = Solution.from_bytes(decode_answer(solve(encode_job(job))).solution)
    account = plan.account_ids.index(plan.moves[0].account_id)
    target = sorted(["east", "west"]).index(plan.moves[0].to_rep)
    refused: SolveJob = msgspec.structs.replace(job, refused=[(account, target, least_eur)])
    again = Solution.from_bytes(decode_answer(solve(encode_job(refused))).solution)
    assert (plan.moves[0].account_id in {move.account_id for move in again.moves}) is comes_back
    assert again.moves


def test_an_account_with_an_open_deal_stays_until_it_is_won_or_lost() -> None:
    free = a_region(settings=changed())
    free.weeks(0, 3)
    (usual,) = proposals(free)
    dealing = sorted(account for account, _ in usual)[0]

    bench = a_region(settings=changed())
    bench.say(a_deal(dealing, MONDAY))
    bench.weeks(0, 3)
    assert dealing not in {account for account, _ in proposals(bench)[0]}

    bench = a_region(settings=changed())
    bench.say(a_deal(dealing, MONDAY), a_deal(dealing, MONDAY + timedelta(days=3), is_open=False))
    bench.weeks(0, 3)
    assert proposals(bench) == [usual]


def test_a_deal_that_nobody_closes_holds_its_account_for_a_time_only() -> None:
    bench = a_region(settings=changed(open_deal_days=10))
    bench.say(*(a_deal(f"a{i:02d}", MONDAY) for i in range(15)))
    bench.weeks(0, 3)
    assert proposals(bench)


def test_a_deal_of_a_stranger_says_nothing_here() -> None:
    bench = a_region(settings=changed())
    bench.say(a_deal("stranger", MONDAY))
    bench.weeks(0, 3)
    assert bench.reasons() == []
    assert proposals(bench)


def test_a_plan_that_may_well_cost_more_than_it_earns_is_not_shown() -> None:
    bench = a_region(settings=changed(min_probability=0.8), solves_at_once=False)
    bench.weeks(0, 3)
    request = bench.open_solves.pop()
    doubtful = msgspec.structs.replace(decode_answer(solve(request.problem)), probability_positive=0.79)
    bench.say(SolveFinished(REGION, request.request_id, encode_answer(doubtful)))
    assert proposals(bench) == []
    assert any("probability 0.79" in note for note in bench.notes)


def test_a_plan_for_orphans_closes_when_the_crm_has_placed_them_all() -> None:
    bench = a_region(10, 10, settings=changed())
    bench.weeks(0, 2)
    bench.say(a_rep_set("west", -3.0, active_to=sunday(1), occurred_at=noon(sunday(1))))
    bench.weeks(2, 1)
    assert bench.suggestion()["cause"] == "rep_left"
    bench.say(*(an_assignment_set(f"a{i:02d}", "east", sunday(2), "crm") for i in range(10)))
    bench.weeks(3, 1)
    assert bench.suggestion()["status"] == "expired"
    assert bench.suggestion()["decision_reason"] == "every account has a rep again"


def test_an_account_of_nobody_gets_a_rep_although_every_rep_was_refused_for_it() -> None:
    bench = a_region(settings=changed(refused_growth=1_000.0))
    bench.say(a_rep_set("south", -2.5, active_to=MONDAY + timedelta(days=8)))
    bench.say(an_account_set("a20", -2.5), an_assignment_set("a20", "south"))
    bench.weeks(0, 3)
    for week in (3, 7):
        bench.decide("reject", bench.suggestion_id)
        bench.weeks(week, 4)
    bench.weeks(11, 1)
    assert {rep for row in proposals(bench) for account, rep in row if account == "a20"} == {"west", "east"}
    assert bench.suggestion()["status"] == "proposed"
    assert "a20" in {account for account, _ in moved(bench.suggestion())}
    assert bench.count("solves_failed") == 0
