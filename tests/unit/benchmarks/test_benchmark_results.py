"""What is written of measurements: sections that leave each other alone, figures that say what they mean."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks.results import RESULTS, write_section
from benchmarks.streams.latency import Latency, percentile
from benchmarks.streams.orders import Workload
from benchmarks.streams.region import Closings
from benchmarks.streams.soak import slope
from benchmarks.streams.table import latency_rows, ratio_rows, region_rows, rows_table, scale_rows
from schemas.events import Account, Order
from schemas.topics import TICK_KEY

PAGE = """# Page
<!-- one: begin -->
old
<!-- one: end -->
between
<!-- two: begin -->
theirs
<!-- two: end -->
"""


def test_a_section_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text(PAGE)
    write_section("one", "\nnew\n", page)
    write_section("one", "newest", page)
    assert page.read_text() == PAGE.replace("old", "newest")


def test_a_page_without_the_section_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text("nothing here")
    with pytest.raises(ValueError, match="no section one"):
        write_section("one", "new", page)


@pytest.mark.parametrize("section", ["streams", "soak", "kpis", "solvers", "solvers travel"])
def test_the_results_page_has_the_sections_that_are_written(section: str, tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text(RESULTS.read_text(encoding="utf-8"))
    write_section(section, "measured", page)
    assert f"<!-- {section}: begin -->\nmeasured\n<!-- {section}: end -->" in page.read_text()


def runs(*cpu_us: float) -> list[dict[str, float]]:
    return [{"cpu_us": each, "events": 10, "resident_mb": 100.0} for each in cpu_us]


def test_paths_are_compared_turn_by_turn() -> None:
    rows = ratio_rows({"raw": runs(2, 4, 2), "activity": runs(4, 8, 8), "quix": runs(12, 12, 12)})
    assert [(row.value, row.met) for row in rows] == [("50%", True), ("1.5×", False)]


def test_cost_at_scale_is_a_ratio_of_the_same_turn() -> None:
    ratio, memory = scale_rows({1_000: runs(10, 20), 2_000: runs(16, 32)})
    assert (ratio.value, ratio.met) == ("1.60×", False)
    assert memory.value == "0 B"


def test_a_goal_is_met_by_the_slowest_not_by_the_usual() -> None:
    rows = [
        *latency_rows(Latency([0.1] * 90 + [3.0] * 10, [0.5, 0.6], []), 200),
        *region_rows(Closings([0.1, 0.1], [0.5, 2.5]), 20_000),
    ]
    assert [row.met for row in rows] == [False, True, True, False]
    assert rows_table(rows).count("**missed**") == 2


def test_a_steady_rise_is_found_and_its_error_is_small() -> None:
    seconds = [float(second) for second in range(0, 3_600, 5)]
    rise, error = slope(seconds, [100 + second / 3_600 * 8 + math.sin(second) for second in seconds])
    assert rise == pytest.approx(8, abs=0.1)
    assert error < 0.1


def test_noise_has_no_slope_beyond_its_error() -> None:
    seconds = [float(second) for second in range(0, 3_600, 5)]
    rise, error = slope(seconds, [100 + math.sin(second**2) for second in seconds])
    assert abs(rise) < 3 * error


def test_too_few_samples_have_no_slope() -> None:
    assert all(math.isnan(value) for value in slope([1.0, 2.0], [1.0, 1.0]))


def test_percentiles_lie_between_the_values() -> None:
    assert percentile([1.0], 99) == 1.0
    assert percentile([float(n) for n in range(101)], 99) == 99.0


def test_the_orders_are_ones_the_engine_takes_and_the_same_each_time() -> None:
    workload = Workload(accounts=20, events=2_000)
    lines = list(workload.lines())
    assert lines == list(workload.lines())
    orders = [Order.model_validate_json(line.value) for line in lines if line.key != TICK_KEY]
    assert len(orders) == 2_000
    assert 5 < len(orders) - len({order.event_id for order in orders}) < 60  # repetitions
    assert max(order.occurred_at for order in orders).timetuple().tm_yday > 360
    assert all(200 < len(line.value) < 245 for line in lines if line.key != TICK_KEY)
    assert Account.model_validate_json(workload.account(3).value).account_id.encode() == workload.account(3).key
