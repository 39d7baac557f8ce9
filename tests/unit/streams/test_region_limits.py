"""What limits a suggestion beyond its number of moves: the change budget of each rep, and families."""

from __future__ import annotations

from datetime import timedelta

from schemas.settings import Change, Settings
from streams.handlers.region.planning import problem_of
from tests.support.region import MONDAY, REGION, RegionBench, a_region, an_account_set, noon


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
