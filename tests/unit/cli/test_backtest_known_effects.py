"""Known effects of `terradrift backtest alerts`: what is said on a day depends on nothing that comes after it."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from streams.cli.backtest import backtest
from streams.cli.backtest.known_effects import MOST_EFFECTS, effect_codes

FIRST = date(2022, 1, 3)
SHOPS, CUT, DAYS = 24, 330, 420
AFTERWARDS = [f"later {i}" for i in range(5)]


def orders(folder: Path, days: int) -> Path:
    """Shops with a discount of many values and an action of many names, both of other kinds after the cut; two shops lose a
    third before it, and some come only after it."""
    rng = np.random.default_rng(3)
    lines = ["account_id,occurred_at,amount,discount,action"]
    for number in range(DAYS):
        late = number >= CUT
        discount = (rng.integers(0, 2) * rng.integers(1, 20) + 30 * late) / 2
        action = AFTERWARDS[number % 5] if late else f"a{rng.integers(0, 12) * rng.integers(0, 2)}"
        for shop in range(SHOPS + 3 * late):
            fallen = 0.4 * (shop == 4 and number >= 250) + 0.5 * (shop == 7 and number >= 290)
            eur = 500 * np.exp(rng.normal(0, 0.05) + 0.02 * discount + 0.2 * (action != "a0") - fallen)
            if number < days:
                lines.append(f"s{shop},{FIRST + timedelta(days=number)},{eur:.2f},{discount},{action}")
    path = folder / f"orders_{days}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def said_before_the_cut(path: Path, *more: str) -> list[dict[str, str]]:
    out = path.with_suffix(".alerts.csv")
    result = CliRunner().invoke(
        backtest, ["alerts", "--orders", str(path), "--out", str(out), "--json", *more], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    last = str(FIRST + timedelta(days=CUT - 1))
    with out.open(encoding="utf-8") as stream:
        return [one for one in csv.DictReader(stream) if one["detected_on"] <= last]


@pytest.mark.parametrize("until", [(), ("--calibrate-until", str(FIRST + timedelta(days=200)))])
@pytest.mark.parametrize("effects", [("discount",), ("action",), ("discount", "action")])
def test_cutting_the_file_changes_no_earlier_alert(
    tmp_path: Path, effects: tuple[str, ...], until: tuple[str, ...]
) -> None:
    named = [part for column in effects for part in ("--known-effect", column)]
    whole, cut = (said_before_the_cut(orders(tmp_path, days), *named, *until) for days in (DAYS, CUT))
    assert {"s4", "s7"} <= {one["scope_id"] for one in cut}
    assert cut == whole


WORDS = st.sampled_from(["", "0", "1", "2.5", "3", "x", "nan", *(str(10 * i) for i in range(12))])


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=60), st.data())
def test_a_combination_keeps_its_number_whatever_comes_after(
    effects: list[tuple[str, str]], data: st.DataObject
) -> None:
    learnt = data.draw(st.integers(0, len(effects)))
    cut = data.draw(st.integers(learnt, len(effects)))
    whole = effect_codes(effects, learnt)
    assert effect_codes(effects[:cut], learnt).tolist() == whole[:cut].tolist()
    assert whole.max() < MOST_EFFECTS


def test_what_is_not_known_takes_a_free_number_and_then_shares_the_last() -> None:
    known = [("no",)] * 3 + [("yes",)] * 2
    new = [(f"new {i}",) for i in range(9)]
    assert effect_codes([*known, *new], len(known)).tolist() == [0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8]


def test_a_number_with_many_values_is_none_small_or_large_as_the_days_learnt_from_divide_it() -> None:
    known = [("0",)] * 20 + [(str(value),) for value in range(1, 12)]
    codes = effect_codes([*known, ("500",), ("2",), ("",), ("nan",), ("a word",)], len(known))
    none, large, small, other = codes[0], codes[-5], codes[-4], codes[-1]
    assert none == codes[-3] == codes[-2] == 0
    assert codes[30] == large
    assert codes[20] == small
    assert len({none, small, large, other}) == 4
