from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.segmentation import segments
from schemas.settings import Segments

SETTINGS = Segments()
potentials = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1e7))


def new(n: int) -> np.ndarray:
    return np.array([""] * n)


def test_few_large_accounts_are_a_and_many_small_ones_c() -> None:
    letters = segments(np.array([500.0] + [20.0] * 20 + [1.0] * 100), new(121), SETTINGS)
    assert letters[0] == "A"
    assert set(letters[1:21].tolist()) == {"B"}
    assert set(letters[21:].tolist()) == {"C"}


def test_an_account_just_past_a_cut_off_keeps_its_letter() -> None:
    ten = np.array([10.0] * 4 + [11.0, 9.9] + [10.0] * 4)
    ten = ten + np.arange(10)[::-1] * 0.01
    before = segments(ten, new(10), SETTINGS)
    swapped = ten.copy()
    last_a = int(np.flatnonzero(before == "A")[-1])
    swapped[last_a] -= 0.2
    assert segments(swapped, before, SETTINGS)[last_a] == "A"


def test_an_account_far_past_a_cut_off_changes_its_letter() -> None:
    before = np.array(["A", "B", "C"])
    assert segments(np.array([1.0, 100.0, 10.0]), before, SETTINGS).tolist() == ["C", "A", "C"]


def test_what_a_person_fixed_stays() -> None:
    assert segments(np.array([100.0, 1.0]), new(2), SETTINGS, {1: "A"}).tolist() == ["A", "A"]


def test_accounts_without_potential_are_c() -> None:
    assert segments(np.array([0.0, np.nan]), new(2), SETTINGS).tolist() == ["C", "C"]


@given(potentials)
def test_a_larger_account_never_has_a_worse_letter(potential: np.ndarray) -> None:
    letters = segments(potential, new(potential.size), SETTINGS)
    order = np.argsort(-potential, kind="stable")
    assert letters[order].tolist() == sorted(letters.tolist())


@given(potentials)
def test_asking_twice_changes_nothing(potential: np.ndarray) -> None:
    once = segments(potential, new(potential.size), SETTINGS)
    assert segments(potential, once, SETTINGS).tolist() == once.tolist()
