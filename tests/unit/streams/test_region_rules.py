"""The rules of territories in the settings hold for what a region proposes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.settings import Barrier, Change, Rules, Settings
from schemas.topics import SUGGESTIONS
from streams.handlers.region.planning import problem_of
from tests.support.region import (
    MONDAY,
    REGION,
    RegionBench,
    a_day,
    a_region,
    a_rep_set,
    an_account_set,
    an_assignment_set,
    noon,
    sunday,
)


def a_ruled_region(**rules: Any) -> RegionBench:
    """West has a00 ... a14 and east a15 ... a19, on a road; a00 ... a11 have the postal code 35, the others 44."""
    bench = a_region(settings=Settings(change=Change(warm_up_weeks=2, budget_share_90_days=0.5), rules=Rules(**rules)))
    bench.say(
        *(
            an_account_set(
                f"a{i:02d}", -3.0 + i / 20, postal_code="35000" if i < 12 else "44000", city="Rennes" if i < 12 else "Nantes",
                occurred_at=noon(MONDAY - timedelta(days=20)),
            )
            for i in range(20)
        )
    )  # fmt: skip
    return bench


def moved(bench: RegionBench) -> set[str]:
    return {move["account_id"] for row in bench.rows(SUGGESTIONS) for move in row["moves"]}


def pin_the_border(bench: RegionBench) -> None:
    for number in (13, 14):
        bench.decide("pin", account_id=f"a{number}")
    bench.weeks(0, 3)


def test_a_territory_that_must_stay_in_one_piece_gives_nothing_from_behind_its_pinned_border() -> None:
    free, ruled = a_ruled_region(), a_ruled_region(contiguity="hard")
    pin_the_border(free)
    pin_the_border(ruled)
    assert moved(free)
    assert moved(ruled) == set()
    assert ruled.count("solves_fruitless") == 1


def test_pieces_have_their_price_where_contiguity_is_preferred() -> None:
    bench = a_ruled_region(contiguity="preferred")
    pin_the_border(bench)
    price = Settings().weights.territory_piece
    torn = next(one for one in bench.suggestion()["scenarios"] if one["scenario"] == "balanced")
    assert torn["contiguity_eur"] in {price, 2 * price}
    assert bench.suggestion()["worth_eur"] > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("postal 35", "postal 44"), ("city rennes", "city Nantes"), ("account a11", "account a17")],
)
def test_no_account_comes_to_share_a_rep_across_a_barrier(one: str, other: str) -> None:
    free = a_ruled_region()
    ruled = a_ruled_region(barriers=(Barrier(name="the river", one_side=(one,), other_side=(other,)),))
    free.weeks(0, 3)
    ruled.weeks(0, 3)
    assert "a11" in moved(free)
    assert moved(ruled)
    assert "a11" not in moved(ruled)


def test_a_cell_of_h3_is_a_side_too() -> None:
    bench = a_ruled_region()
    bench.weeks(0, 1)
    state = bench.handler._regions[REGION].state
    barrier = Barrier(name="x", one_side=(f"cell {state.accounts['a00'].zone}",), other_side=("account a19",))
    problem, accounts = problem_of(state, sunday(0), Settings(rules=Rules(barriers=(barrier,))))
    assert problem.apart is not None
    near = {i for i, account in enumerate(accounts) if account.zone == accounts[0].zone}
    assert {i for i, _ in problem.apart.tolist()} == near
    assert 0 < len(near) < len(accounts)


@pytest.mark.parametrize(("rule", "limit"), [("least_accounts", 10), ("most_accounts", 10)])
def test_no_territory_passes_the_number_of_accounts_it_may_have(rule: str, limit: int) -> None:
    free, ruled = a_ruled_region(), a_ruled_region(**{rule: limit})
    for bench in (free, ruled):
        worth_less = [(f"a{i:02d}", 100.0) for i in range(10, 20)]
        _weeks(bench, dict(worth_less))
    assert _accounts_after(free, "east") > limit
    assert _accounts_after(ruled, "east") == limit == _accounts_after(ruled, "west")


def _weeks(bench: RegionBench, eur: dict[str, float]) -> None:
    for week in range(3):
        day = MONDAY + timedelta(days=7 * week + 2)
        accounts = bench.handler._regions[REGION].state.accounts
        bench.say(*(a_day(REGION, name, day, round(100 * eur.get(name, 500.0)), 1, 1, 30.0, 20.0) for name in accounts))
        bench.close(sunday(week))


def _accounts_after(bench: RegionBench, rep: str) -> int:
    return next(int(effect["accounts_after"]) for effect in bench.suggestion()["effects"] if effect["rep_id"] == rep)


def verdicts(bench: RegionBench) -> list[tuple[str, str]]:
    """Of the newest suggestion: rule and relaxation."""
    return [(one["rule"], one["relaxation"]) for one in bench.suggestion()["verdicts"]]


@pytest.mark.parametrize(
    ("rules", "relaxed"),
    [
        ({"least_accounts": 11}, ("least_accounts", "relaxed from 11 to 10")),
        ({"most_accounts": 9}, ("most_accounts", "relaxed from 9 to 10")),
    ],
)
def test_numbers_that_no_plan_can_keep_are_relaxed_by_the_least_and_the_suggestion_says_so(
    rules: dict[str, int], relaxed: tuple[str, str]
) -> None:
    bench = a_ruled_region(**rules)
    _weeks(bench, {f"a{i:02d}": 100.0 for i in range(10, 20)})
    assert verdicts(bench) == [relaxed]
    assert _accounts_after(bench, "east") == 10 == _accounts_after(bench, "west")
    assert any(f"a plan: 2 reps with {next(iter(rules.values()))} each" in note for note in bench.notes)


def a_left_region(third: float = -2.5, **rules: Any) -> RegionBench:
    """The same with five accounts more, of a third rep between the two, who leaves in the second week."""
    bench = a_ruled_region(**rules)
    leaves = MONDAY + timedelta(days=8)
    bench.say(a_rep_set("south", third, active_to=leaves))
    for i in range(20, 25):
        bench.say(an_account_set(f"a{i}", third + i / 1000), an_assignment_set(f"a{i}", "south"))
    return bench


def placed(bench: RegionBench) -> dict[str, str]:
    return {move["account_id"]: move["to_rep"] for move in bench.suggestion()["moves"] if not move["from_rep"]}


def test_accounts_of_a_rep_who_left_find_one_although_the_numbers_cannot_be_kept() -> None:
    bench = a_left_region(most_accounts=9)
    bench.weeks(0, 3)
    assert set(placed(bench)) == {f"a{i}" for i in range(20, 25)}
    assert verdicts(bench) == [("most_accounts", "relaxed from 9 to 13")]
    assert _accounts_after(bench, "west") <= 15  # who has more than that today gets none
    assert _accounts_after(bench, "east") <= 13


def test_a_barrier_that_leaves_no_rep_gives_for_accounts_of_nobody_alone() -> None:
    sides = {"one_side": ("account a20",), "other_side": ("account a00", "account a19")}
    bench = a_left_region(barriers=(Barrier(name="the river", **sides),))
    bench.decide("pin", account_id="a00")
    bench.decide("pin", account_id="a19")
    bench.weeks(0, 3)
    assert set(placed(bench)) == {f"a{i}" for i in range(20, 25)}
    ((rule, relaxation),) = verdicts(bench)
    beyond = "a00" if placed(bench)["a20"] == "west" else "a19"
    assert (rule, relaxation) == ("apart", f"relaxed: may come to share a rep are a20 and {beyond}")


def test_an_account_whom_no_rep_may_serve_holds_up_no_plan_for_the_others() -> None:
    bench = a_left_region()
    bench.say(an_account_set("a24", -2.5, skills=("lifts",), occurred_at=noon(MONDAY)))
    bench.weeks(0, 3)
    assert set(placed(bench)) == {f"a{i}" for i in range(20, 24)}
    (told,) = bench.suggestion()["verdicts"]
    assert told["why"] == "no rep may serve them, and the plan leaves them without one: a24"
    assert told["relaxation"] == "east with lifts could"


def test_an_account_on_both_sides_of_a_barrier_counts_on_neither() -> None:
    bench = a_ruled_region(
        barriers=(Barrier(name="the river", one_side=("postal 35",), other_side=("account a03", "account a19")),)
    )
    bench.weeks(0, 3)
    assert moved(bench)
    assert verdicts(bench) == [("apart", "relaxed: they count on neither side")]
    assert bench.suggestion()["verdicts"][0]["why"] == "rules.barriers: 'the river' has on both sides a03"


def test_a_barrier_with_accounts_on_one_side_alone_says_that_it_keeps_nobody_apart() -> None:
    bench = a_ruled_region(
        barriers=(Barrier(name="the river", one_side=("postal 35",), other_side=("account a30", "city Nant")),)
    )
    bench.weeks(0, 3)
    (told,) = bench.suggestion()["verdicts"]
    assert told["why"] == (
        "rules.barriers: 'the river' keeps nobody apart here: no account lies in other_side, account a30, city Nant"
    )
    assert any(told["why"] in note for note in bench.notes)


def test_a_barrier_elsewhere_says_nothing_here() -> None:
    bench = a_ruled_region(barriers=(Barrier(name="the river", one_side=("postal 69",), other_side=("postal 38",)),))
    bench.weeks(0, 3)
    assert bench.suggestion()["verdicts"] == []


def test_a_region_without_rules_knows_no_graph() -> None:
    bench = a_ruled_region()
    bench.weeks(0, 1)
    problem, _ = problem_of(bench.handler._regions[REGION].state, sunday(0), Settings())
    assert (problem.contiguity, problem.edges, problem.apart) == ("off", None, None)
