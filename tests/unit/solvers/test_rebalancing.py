from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rebalancing_problems import a_problem

from solvers.budget import Budget
from solvers.problem import Problem
from solvers.rebalance import rebalance, solve_bytes
from solvers.solution import Solution
from solvers.verify import verify
from solvers.verify_claims import verify_solution

QUICK = Budget(evaluations=100_000, seconds=60)


def test_the_account_between_two_reps_moves_to_the_lighter_one():
    solution = rebalance(a_problem(), QUICK)
    assert [(m.account_id, m.from_rep, m.to_rep) for m in solution.moves] == [("A3", "R0", "R1")]
    assert solution.spread_after.max_deviation_percent == pytest.approx(0)
    assert solution.spread_before.max_deviation_percent == pytest.approx(100 / 3)
    assert verify_solution(a_problem(), solution) == []


def test_a_balanced_company_is_left_alone():
    solution = rebalance(a_problem(current=[0, 0, 0, 1, 1, 1]), QUICK)
    assert solution.moves == ()
    assert solution.saving_eur == 0
    assert (solution.status, solution.gap) == ("optimal", pytest.approx(0, abs=1e-9))


def test_a_held_account_stays_and_the_lost_move_is_named_with_its_reason():
    held = np.array([True, True, True, False, True, True])
    problem = a_problem(movable=held, held_because=("", "", "", "open deal until March", "", ""), max_moves=0)
    solution = rebalance(problem, QUICK)
    assert solution.moves == ()
    assert ("A3", "R1", "held: open deal until March") in [(b.account_id, b.to_rep, b.why) for b in solution.blocked]


def test_the_limit_on_moves_is_kept_and_named_as_what_binds():
    problem = a_problem(potential=[100_000.0] * 12, current=[0] * 12, max_moves=2)
    solution = rebalance(problem, QUICK)
    assert len(solution.moves) == 2
    assert {m.binding for m in solution.moves} == {"max_moves"}
    assert "max_moves" in solution.blocked[0].why


def test_orphans_find_a_rep_without_counting_as_moves():
    problem = a_problem(current=[0, 0, 0, -1, -1, 1], max_moves=0)
    solution = rebalance(problem, QUICK)
    assert {(m.account_id, m.from_rep, m.to_rep) for m in solution.moves} == {("A3", "", "R1"), ("A4", "", "R1")}
    assert solution.after.change_eur == 0
    assert verify_solution(problem, solution) == []


def test_the_best_rep_is_passed_over_when_not_eligible_and_the_move_says_so():
    eligible = np.ones((6, 2), bool)
    eligible[5, 1] = False
    problem = a_problem(current=[0, 0, 0, 1, 1, -1], eligible=eligible, max_moves=0)
    move = next(m for m in rebalance(problem, QUICK).moves if m.account_id == "A5")
    assert (move.to_rep, move.binding) == ("R0", "eligibility")
    assert move.rejected is not None
    assert (move.rejected.rep_id, move.rejected.why) == ("R1", "not_eligible")


def test_a_move_that_earns_less_than_the_least_worth_is_not_proposed():
    worth = rebalance(a_problem(), QUICK).moves[0].worth_eur
    assert rebalance(a_problem(min_move_worth=worth - 1), QUICK).moves != ()
    dropped = rebalance(a_problem(min_move_worth=worth + 1), QUICK)
    assert dropped.moves == ()
    assert "min_move_worth" in dropped.blocked[0].why


def test_one_rep_alone_keeps_everything_and_takes_the_orphans():
    problem = a_problem(distance_km=np.ones((6, 1)), current=[0, 0, 0, 0, 0, -1])
    solution = rebalance(problem, QUICK)
    assert [(m.account_id, m.to_rep, m.worth_eur, m.binding) for m in solution.moves] == [("A5", "R0", 0.0, "only rep")]
    assert verify_solution(problem, solution) == []


def test_accounts_without_potential_hours_or_place_are_no_trouble():
    problem = a_problem(
        potential=[0.0] * 6,
        hours=np.zeros(6),
        visits=np.zeros(6),
        distance_km=np.full((6, 2), np.nan),
        current=[-1] * 6,
    )
    solution = rebalance(problem, QUICK)
    assert solution.after.total_eur == 0
    assert verify_solution(problem, solution) == []


def test_an_exhausted_budget_still_answers_and_says_what_stopped_it():
    crowded = a_problem(potential=[100_000.0] * 40, current=[0] * 40)
    starved = rebalance(crowded, Budget(evaluations=1, seconds=60))
    assert starved.stopped_by == "evaluations"
    assert verify_solution(crowded, starved) == []


def test_a_struck_clock_still_answers_and_says_so():
    ticks = iter(range(1_000_000))
    late = rebalance(a_problem(), Budget(seconds=1), clock=lambda: float(next(ticks)))
    assert late.stopped_by == "clock"
    assert verify_solution(a_problem(), late) == []


def test_a_clock_that_strikes_before_the_search_still_leaves_the_first_good_moves():
    crowded = a_problem(potential=[100_000.0] * 40, current=[0] * 40)
    late = rebalance(crowded, Budget(seconds=0))
    assert late.stopped_by == "clock"
    assert len(late.moves) > 0
    assert late.after.total_eur < late.before.total_eur
    assert verify_solution(crowded, late) == []


@pytest.mark.parametrize(
    "step", ["solvers.rebalance.best_prices", "solvers.rebalance.sharpen", "solvers.search.Walk.go"]
)
def test_a_step_that_fails_still_leaves_a_verified_plan_and_is_named(monkeypatch, step):
    def breaks(*_: object) -> None:
        raise np.linalg.LinAlgError("singular matrix")

    monkeypatch.setattr(step, breaks)
    crippled = rebalance(a_problem(), QUICK)
    assert crippled.stopped_by == "failure"
    assert verify_solution(a_problem(), crippled) == []
    assert crippled.bound_eur <= rebalance_unhurt(monkeypatch).after.total_eur + 0.01


def rebalance_unhurt(monkeypatch):
    monkeypatch.undo()
    return rebalance(a_problem(), QUICK)


def test_a_solve_between_processes_gives_the_same_answer():
    problem = a_problem()
    raw = solve_bytes(problem.to_bytes(), QUICK)
    assert Solution.from_bytes(raw) == rebalance(Problem.from_bytes(problem.to_bytes()), QUICK)


def test_the_reason_of_a_move_names_load_reps_distance_and_cost():
    reason = rebalance(a_problem(), QUICK).moves[0].reason
    assert reason.startswith(
        "moves 100 kEUR of potential and 20 hours from R0, 33 % above its fair share, to R1, 33 % below"
    )
    assert "10 km nearer, saves 27 EUR of travel" in reason
    assert "costs 2,150 EUR of relation risk" in reason


class TestTheJudge:
    def test_names_every_broken_rule(self):
        eligible = np.ones((6, 2), bool)
        eligible[0, 1] = False
        held = np.array([True, False, True, True, True, True])
        problem = a_problem(eligible=eligible, movable=held, held_because=("", "pinned", "", "", "", ""), max_moves=1)
        found = verify(problem, ["R1", "R1", "R9", "R0", "R1", "R1"])
        assert {v.rule for v in found} == {"eligible", "held", "live reps", "max_moves"}

    def test_refuses_an_incomplete_plan(self):
        assert [v.rule for v in verify(a_problem(), ["R0"])] == ["complete"]

    @pytest.mark.parametrize(
        ("rule", "lie"),
        [
            ("objective", lambda s: replace(s, after=replace(s.after, balance_eur=s.after.balance_eur + 1))),
            ("terms", lambda s: replace(s, after=replace(s.after, travel_km=0.0))),
            ("moves", lambda s: replace(s, moves=())),
            ("worth", lambda s: replace(s, moves=(replace(s.moves[0], worth_eur=s.moves[0].worth_eur + 5),))),
            ("bound", lambda s: replace(s, bound_eur=s.after.total_eur + 10)),
            ("gap", lambda s: replace(s, gap=0.5)),
            ("balances", lambda s: replace(s, spread_after=s.spread_before)),
            ("no harm", lambda s: replace(s, before=replace(s.before, travel_eur=-1e6))),
        ],
    )
    def test_finds_a_false_claim(self, rule, lie):
        solution = rebalance(a_problem(), QUICK)
        assert rule in {v.rule for v in verify_solution(a_problem(), lie(solution))}
