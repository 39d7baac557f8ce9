"""Who is neighbour of whom, drawn from places alone."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.neighbours import neighbour_edges


def links(points: object) -> set[tuple[int, int]]:
    return {(min(a, b), max(a, b)) for a, b in neighbour_edges(np.asarray(points, float)).tolist()}


def test_four_corners_and_a_middle_are_joined_by_their_sides_and_the_middle() -> None:
    found = links([(0, 0), (2, 0), (2, 2), (0, 2), (1, 1)])
    assert found == {(0, 1), (1, 2), (2, 3), (0, 3), (0, 4), (1, 4), (2, 4), (3, 4)}


def test_places_on_a_line_are_neighbours_in_its_order() -> None:
    assert links([(3, 0), (1, 0), (2, 0)]) == {(0, 2), (1, 2)}


def test_accounts_at_one_place_hang_together_and_one_of_them_is_the_neighbour_of_the_others() -> None:
    assert links([(0, 0), (5, 5), (0, 0), (0, 0)]) == {(0, 2), (2, 3), (0, 1)}


def test_who_has_no_place_has_no_neighbour() -> None:
    assert links([(0, 0), (np.nan, 1), (1, 0)]) == {(0, 2)}


@pytest.mark.parametrize("count", [0, 1])
def test_one_account_or_none_has_no_neighbours(count: int) -> None:
    assert neighbour_edges(np.zeros((count, 2))).shape == (0, 2)


def test_the_order_of_the_accounts_draws_no_other_graph() -> None:
    rng = np.random.default_rng(2)
    points, order = np.repeat(rng.uniform(0, 100, (60, 2)), [1, 2] * 30, axis=0), rng.permutation(90)
    together = {frozenset(map(tuple, points[list(pair)].tolist())) for pair in links(points)}
    assert together == {frozenset(map(tuple, points[order][list(pair)].tolist())) for pair in links(points[order])}
