"""An account that closes and breaks the corridor is an occasion on its day; one that closes in a broken corridor is not."""

from __future__ import annotations

from datetime import timedelta

from schemas.settings import Change, Corridor, Settings
from schemas.topics import SUGGESTIONS
from tests.support.region import MONDAY, REGION, RegionBench, a_region, an_account_set, noon

SETTINGS = Settings(
    change=Change(warm_up_weeks=2, budget_share_90_days=0.5), corridor=Corridor(tolerance=0.15, persistence_weeks=50)
)
TUESDAY = MONDAY + timedelta(days=22)


def close(bench: RegionBench, *accounts: str) -> None:
    bench.say(
        *(
            an_account_set(name, -3.0 + int(name[1:]) / 20, status="closed", occurred_at=noon(TUESDAY))
            for name in accounts
        )
    )
    bench.weeks(3, 1)


def test_closed_accounts_that_break_the_corridor_are_answered_on_their_day() -> None:
    bench = a_region(10, 10, settings=SETTINGS)
    bench.weeks(0, 3)
    assert bench.rows(SUGGESTIONS) == []
    close(bench, "a00", "a01", "a02", "a03", "a04", "a05")
    row = bench.suggestion()
    assert (row["cause"], row["created_on"], row["status"]) == ("account_closed", TUESDAY.isoformat(), "proposed")
    assert row["reason"].startswith("accounts have closed and the balance is gone: ")
    assert {move["to_rep"] for move in row["moves"]} == {"west"}


def test_a_closed_account_that_leaves_the_corridor_whole_is_no_occasion() -> None:
    bench = a_region(10, 10, settings=SETTINGS)
    bench.weeks(0, 3)
    close(bench, "a00")
    assert bench.rows(SUGGESTIONS) == []


def test_a_corridor_broken_before_keeps_to_its_weeks_of_patience() -> None:
    bench = a_region(15, 5, settings=SETTINGS)
    bench.weeks(0, 3)
    close(bench, "a16")
    assert bench.rows(SUGGESTIONS) == []
    assert not bench.handler._regions[REGION].state.lost_accounts
