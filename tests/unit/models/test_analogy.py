"""New accounts are valued by the words of their name, their kind and their neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from models.analogy import NO_WORD, WORDS, place, type_words, words_of, yearly_by_analogy
from models.history import Floats
from models.traits import AccountTraits


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Pharmacie de Lannion #2", "PHARMACIE DE LANNION"),
        ("HY-VEE FOOD STORE / CORALVILLE", "HY-VEE FOOD STORE"),
        ("Casey's General Store 2521", "CASEY'S GENERAL STORE"),
        ("1st Stop", ""),
        ("", ""),
    ],
)
def test_the_words_of_a_name_leave_out_numbers_and_the_place(name: str, words: str) -> None:
    assert type_words(name) == words


def test_an_account_has_no_more_words_than_there_is_room_for() -> None:
    traits = AccountTraits("shop", "", "ONE TWO THREE FOUR FIVE SIX", None, None)
    assert len(words_of(traits)) <= WORDS
    assert words_of(AccountTraits("shop", "", "", None, None)) == ["kind shop"]


def valued(chains: list[str], labels: list[float], lat: list[float | None] | None = None) -> Floats:
    """The last account asked, the others labelled as openings."""
    codes: dict[str, int] = {}
    words = np.full((WORDS, len(chains)), NO_WORD, np.int32)
    places = np.full((len(chains), 3), np.nan)
    for row, chain in enumerate(chains):
        traits = AccountTraits("shop", "", chain, lat[row] if lat else None, 2.0 if lat and lat[row] else None)
        mine = [codes.setdefault(word, len(codes)) for word in words_of(traits)]
        words[: len(mine), row] = mine
        places[row] = place(traits)
    asked = np.arange(len(chains)) == len(chains) - 1
    z = np.append(np.log(np.array(labels) + 100), np.nan)
    return yearly_by_analogy(asked, words, places, z, np.isfinite(z)).eur


def test_a_second_word_tells_branches_of_a_chain_apart() -> None:
    chains = ["MART FOOD", "MART GAS"] * 30
    labels = [200_000.0, 10_000.0] * 30
    food, gas = valued([*chains, "MART FOOD"], labels)[-1], valued([*chains, "MART GAS"], labels)[-1]
    assert food > 5 * gas
    assert gas < valued([*chains, "MART"], labels)[-1] < food


def test_a_name_nobody_else_bears_is_worth_what_all_are_worth() -> None:
    estimate = valued(["MART"] * 20 + ["UNHEARD"], [50_000.0] * 20)[-1]
    assert estimate == pytest.approx(50_000, rel=0.5)


def test_neighbours_refine_what_the_words_say() -> None:
    chains = ["MART"] * 41
    lat: list[float | None] = [48.0 + k / 1000 for k in range(20)] + [43.0 + k / 1000 for k in range(20)]
    labels = [90_000.0] * 20 + [20_000.0] * 20
    north, south = valued(chains, labels, [*lat, 48.01])[-1], valued(chains, labels, [*lat, 43.01])[-1]
    assert north > 1.3 * south


def test_nothing_is_said_while_nobody_is_known() -> None:
    assert np.isnan(valued(["MART"], [])).all()
