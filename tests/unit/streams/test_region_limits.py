"""What limits a suggestion beyond its number of moves: the change budget of each rep, and families."""

from __future__ import annotations

from datetime import timedelta

from schemas.settings import Change, Settings
from schemas.topics import SUGGESTIONS
from streams.handlers.region.planning import problem_of
from tests.support.region import MONDAY, REGION, RegionBench, a_region, a_rep_set, an_account_set, noon


def settings(**fields: object) -> Settings:
    return Settings(change=Change(**({"warm_up_weeks": 2, "budget_share_90_days": 0.5} | fields)))


def moved_by(bench: RegionBench, rep: str) -> float:
    return sum(m["potential_eur"] for m in bench.suggestion()["moves"] if rep in (m["from_rep"], m["to_rep"]))


def test_no_more_potential_comes_to_a_rep_than_the_budget_of_the_rep_allows() -> None:
    free, tight = a_region(settings=settings()), a_region(settings=settings(rep_budget_share_90_days=0.25))
    free.weeks(0, 3)
    tight.weeks(0, 3)
    fair = sum(a.potential_eur for a in tight.handler._regions[REGION].state.accounts.values()) / 2
    assert moved_by(free, "east") > 0.25 * fair
    assert 0 < moved_by(tight, "east") <= 0.25 * fair


def test_accepted_moves_use_up_the_budget_of_both_reps_for_ninety_days() -> None:
    bench = a_region(settings=settings(suggestion_cooldown_days=0))
    bench.weeks(0, 3)
    bench.decide("accept", bench.suggestion_id)
    moved = sum(m["potential_eur"] for m in bench.suggestion()["moves"])
    state = bench.handler._regions[REGION].state
    day = state.closed
    assert day is not None
    left = problem_of(state, day, settings())[0].rep_move_budget
    assert left is not None
    total = sum(account.potential_eur for account in state.accounts.values())
    assert [round(total / 2 - eur, 2) for eur in left.tolist()] == [round(moved, 2)] * 2
    later = problem_of(state, day + timedelta(days=95), settings())[0].rep_move_budget
    assert later is not None
    assert later.sum() > left.sum()


def test_a_family_that_shares_a_rep_is_moved_together_or_not_at_all() -> None:
    bench = a_region(settings=settings(families_together=True))
    family = ("a12", "a13", "a14")
    bench.say(
        *(
            an_account_set(
                name, -3.0 + int(name[1:]) / 20, family_id="f", occurred_at=noon(MONDAY - timedelta(days=20))
            )
            for name in family
        )
    )
    bench.weeks(0, 3)
    moved = {m["account_id"]: m["to_rep"] for m in bench.suggestion()["moves"]}
    assert len([name for name in family if name in moved]) in (0, 3)
    alone = a_region(settings=settings(families_together=True))
    alone.weeks(0, 3)
    assert {m["account_id"] for m in alone.suggestion()["moves"]} & set(family)


def test_a_region_in_which_everybody_is_pinned_says_why_there_is_no_plan() -> None:
    bench = a_region(settings=settings())
    for number in range(20):
        bench.decide("pin", account_id=f"a{number:02d}")
    bench.weeks(0, 3)
    assert bench.rows(SUGGESTIONS) == []
    (note,) = [note for note in bench.notes if "no plan" in note]
    assert "no account may go to another rep: 20 of 20 are held (20 pinned)" in note
    assert "would earn most" in note


def test_a_region_with_one_rep_or_without_accounts_asks_for_no_plan() -> None:
    for west, east in ((20, 0), (0, 0)):
        bench = a_region(west, east, settings=settings())
        bench.say(a_rep_set("east", -2.0, active_to=MONDAY - timedelta(days=10)))
        bench.weeks(0, 6)
        assert bench.rows(SUGGESTIONS) == []
        assert bench.count("solves_failed") == 0
