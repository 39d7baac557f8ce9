"""Maps and charts: where things come to lie."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.drawing.charts import against_expected, sparkline, tendency, usual_spread
from console.drawing.intervals import EDGE, HALF_WIDTH, corridor_bars
from console.drawing.maps import MARGIN, WIDTH, arrow, colours, fitted
from console.drawing.region_map import region_map
from console.pages.territories import shades
from console.reading.answers.alerts import MarketNews, ScopeWeek
from console.reading.answers.territories import Place, RepFacts, Territory
from schemas.rows import IntervalRow, MoveRow, TerritoryEffect
from tests.support.console_visitors import MOVE

PLACES = st.lists(st.tuples(st.floats(-60, 70), st.floats(-170, 170)), min_size=1, max_size=30)


@given(PLACES)
def test_every_place_lies_inside_the_picture(places: list[tuple[float, float]]) -> None:
    project = fitted(places)
    for place in places:
        x, y = project(place)
        assert 0 <= x <= WIDTH
        assert 0 <= y <= project.height


def test_north_is_up_and_a_kilometre_is_as_long_both_ways() -> None:
    project = fitted([(48.0, 2.0), (49.0, 3.0)])
    (x0, y0), (x1, y1) = project((48.0, 2.0)), project((49.0, 3.0))
    assert y1 < y0
    assert (x1 - x0) / (y0 - y1) == pytest.approx(0.66, abs=0.01)  # cos of 48.5 degrees


def test_a_moved_account_has_an_arrow_to_its_new_territory_and_no_dot_besides() -> None:
    places = [Place(account_id=a, lat=lat, lon=2, rep_id=r, segment="C", potential_eur=1)
              for a, lat, r in (("A1042", 48, "R03"), ("A1", 48.1, "R03"), ("A2", 49, "R07"))]  # fmt: skip
    drawn = region_map(places, [], [MoveRow.model_validate(MOVE)])
    (moved,) = drawn.moved
    assert moved.arrow.startswith(f"M{moved.x:g} {moved.y:g}Q")
    assert (moved.before, moved.after) == ("c0", "c1")
    assert {layer.rep_id: "".join(layer.paths.values()).count("M") for layer in drawn.layers} == {"R03": 1, "R07": 1}


def test_a_map_about_some_accounts_leaves_the_others_in_grey_and_draws_events_as_far_as_they_reach() -> None:
    places = [Place(account_id=a, lat=lat, lon=2, rep_id=r, segment="C", potential_eur=1)
              for a, lat, r in (("A1", 48, "R03"), ("A2", 48.5, "R03"), ("A3", 49, "R07"))]  # fmt: skip
    event = MarketNews(market_event_id="m1", kind="other", day=date(2026, 2, 10), account_id="", region_id="", lat=48, lon=2,
                       radius_km=55.6, note="")  # fmt: skip
    drawn = region_map(places, [], news=[event], about={"A1"})
    dots = [(layer.rep_id, layer.colour, "".join(layer.paths.values()).count("M")) for layer in drawn.layers]
    assert dots == [("", "c-rest", 2), ("R03", "c0", 1)]
    (circle,) = drawn.circles
    assert circle.r == pytest.approx((1100 - 2 * MARGIN) / 2, rel=0.01)  # half a degree of the one degree that is shown


def test_five_thousand_accounts_are_a_path_for_each_territory_and_size() -> None:
    places = [Place(account_id=f"A{n}", lat=45 + n % 71 / 30, lon=n % 89 / 30, rep_id=f"R{n % 20:02}", segment="ABC"[n % 3],
                    potential_eur=1) for n in range(5_000)]  # fmt: skip
    drawn = region_map(
        places, [RepFacts(rep_id="R00", name="", region_id="w", active=True, lat=45.5, lon=1, weekly_hours=35)]
    )
    paths = [path for layer in drawn.layers for path in layer.paths.values()]
    assert len(paths) == 60
    assert sum(path.count("M") for path in paths) == 5_000
    assert sum(map(len, paths)) < 90_000


def test_a_rep_keeps_the_colour_whoever_else_is_there_in_the_same_order() -> None:
    assert colours(["R2", "R1", "R2", ""]) == {"R1": "c0", "R2": "c1", "": "c-none"}


def test_an_arrow_too_short_to_be_seen_is_left_out() -> None:
    assert arrow((0, 0), (5, 5)) == ""


def weeks(count: int, observed: float = 900) -> list[ScopeWeek]:
    first = date(2025, 9, 1)
    return [
        ScopeWeek(week=first + timedelta(weeks=n), observed_eur=observed + 100 * (n % 2), expected_eur=1000)
        for n in range(count)
    ]


def test_the_band_is_what_the_weeks_before_the_change_differed_by() -> None:
    calm = weeks(20)
    assert usual_spread(calm, date(2026, 3, 1)) == pytest.approx(1.2816 * 50)
    assert usual_spread(calm, date(2025, 10, 1)) is None  # five weeks before it: too few


def test_a_chart_marks_the_beginning_and_the_detection_within_its_frame() -> None:
    chart = against_expected(weeks(20), date(2025, 12, 1), date(2025, 12, 15), [date(2020, 1, 1)])
    assert chart is not None
    assert [mark.kind for mark in chart.marks] == ["started", "detected"]
    assert chart.values[-1].value == 2000
    assert chart.band.endswith("Z")


def test_one_week_is_no_chart() -> None:
    assert against_expected(weeks(1), date(2025, 9, 1), date(2025, 9, 1)) is None


def test_a_small_line_stays_in_its_frame_even_when_flat() -> None:
    assert sparkline([5, 5, 5]) == "M2 14L60 14L118 14"
    assert sparkline([1]) == ""
    assert tendency([1, 1, 1.2]) == pytest.approx(0.2)
    assert tendency([0, 0, 1]) is None


def test_a_territory_is_coloured_by_how_far_it_is_from_its_share() -> None:
    rows = [Territory(region_id="w", rep_id=r, name="", accounts=1, potential_eur=1, capacity_hours=1, work_hours=1, load_ratio=load,
                      deviation=deviation, in_corridor=True, drift=None)
            for r, deviation, load in (("R1", -0.3, 0.5), ("R2", 0.0, 1.0), ("R3", 0.2, 1.5))]  # fmt: skip
    assert shades(rows, "potential") == {"R1": "s0", "R2": "s2", "R3": "s4"}
    assert shades(rows, "work") == {"R1": "s0", "R2": "s2", "R3": "s4"}
    assert shades(rows, "drift") == dict.fromkeys(("R1", "R2", "R3"), "c-none")
    assert shades(rows, "territory") == {}


def an_effect(rep_id: str, before: float, after: float, fair_share: float = 1e6) -> TerritoryEffect:
    return TerritoryEffect(
        rep_id=rep_id, potential_before_eur=fair_share * (1 + before), potential_after_eur=fair_share * (1 + after), hours_before=1,
        hours_after=1, accounts_before=1, accounts_after=1, deviation_before=before, deviation_after=after,
    )  # fmt: skip


def test_a_territory_lies_in_front_of_the_corridor_where_its_deviation_says() -> None:
    effects = [an_effect("R1", 0.45, 0.15), an_effect("R2", -0.3, -0.05)]
    between = [IntervalRow(figure="potential_after_eur", rep_id="R1", low=1.0e6, high=1.3e6)]
    bars = corridor_bars(effects, between, tolerance=0.15)
    edge = HALF_WIDTH - EDGE
    first = bars["R1"]
    assert [first.before.x, first.after.x, first.corridor] == pytest.approx([edge, edge / 3, edge / 3], abs=0.06)
    assert bars["R2"].before.x == pytest.approx(-edge * 2 / 3, abs=0.06)
    assert (bars["R1"].after.low, bars["R1"].after.high) == (pytest.approx(0), pytest.approx(0.3))
    assert (bars["R1"].after.x_low, bars["R1"].after.x_high) == (0, pytest.approx(edge * 2 / 3, abs=0.06))
    assert [each.is_outside for one in bars.values() for each in (one.before, one.after)] == [True, False, True, False]
    assert bars["R1"].before.low is bars["R2"].after.x_high is None
    assert corridor_bars(effects, between, 0.15, after_known=False)["R1"].after.low is None


def test_what_is_far_out_stays_in_the_picture_and_presses_nobody_together() -> None:
    bars = corridor_bars([an_effect("R1", 9.0, -0.9), an_effect("R2", 0.5, 0.0)], [], tolerance=0.15)
    assert bars["R1"].before.x == HALF_WIDTH - EDGE
    assert bars["R2"].before.x == pytest.approx((HALF_WIDTH - EDGE) / 2, abs=0.1)


def test_a_rep_who_had_nothing_is_measured_by_what_he_gets_and_one_who_gets_nothing_by_what_he_had() -> None:
    between = [IntervalRow(figure="potential_after_eur", rep_id="new", low=0.8e6, high=1.0e6)]
    bars = corridor_bars([an_effect("new", -1.0, -0.1), an_effect("left", 0.2, -1.0), an_effect("idle", -1.0, -1.0)], between, 0.15)  # fmt: skip
    assert set(bars) == {"new", "left"}
    assert bars["new"].after.low == pytest.approx(-0.2)
    assert bars["new"].after.high == pytest.approx(0)
