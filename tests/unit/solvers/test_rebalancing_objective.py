from __future__ import annotations

import numpy as np
import pytest
from rebalancing_problems import a_problem

from schemas.settings import Weights
from solvers.objective import costs_of
from solvers.penalty import fair_shares, hours_penalty, potential_penalty


def test_travel_pays_out_and_back_by_road_shared_by_the_visits_of_a_tour():
    terms = costs_of(a_problem(current=[0] * 6)).terms(np.zeros(6, int))
    km = 4 * (0 + 10 + 20 + 30 + 40 + 50) * 2 * 1.3 / 4
    assert terms.travel_km == pytest.approx(km)
    assert terms.travel_eur == pytest.approx(1.02 * km)


def test_only_accounts_that_change_their_rep_pay_for_the_change_and_orphans_never():
    costs = costs_of(a_problem(current=[0, 0, 0, 0, 1, -1]))
    assert costs.terms(np.array([0, 0, 0, 0, 1, 1])).change_eur == 0
    assert costs.terms(np.array([0, 0, 0, 1, 1, 1])).change_eur == pytest.approx(150 + 0.02 * 100_000)


@pytest.mark.parametrize(
    ("load", "cost"),
    [
        (100.0, 0.0),
        (103.0, 0.0),
        (110.0, 0.35),
        (120.0, 0.35 + 1.5),
        (130.0, 0.35 + 1.5 + 4.0),
        (90.0, 0.35),
        (97.0, 0.0),
    ],
)
def test_balance_is_free_near_the_fair_share_and_ever_steeper_beyond(load, cost):
    assert potential_penalty(np.array([100.0]), Weights())(np.array([float(load)]))[0] == pytest.approx(cost)


def test_hours_are_free_up_to_the_free_hours_and_steep_beyond_115_percent_of_them():
    penalty = hours_penalty(np.array([100.0]), Weights())
    assert penalty(np.array([[100.0], [110.0], [120.0]]))[:, 0].tolist() == pytest.approx([0, 450, 15 * 45 + 5 * 400])


def test_the_fair_share_follows_capacity():
    target, free_hours = fair_shares(a_problem(capacity=[500.0, 1000.0]))
    assert target.tolist() == pytest.approx([200_000, 400_000])
    assert free_hours.tolist() == pytest.approx([1.12 * 40, 1.12 * 80])


def test_the_fair_potential_follows_seniority_too_and_the_free_hours_do_not():
    target, free_hours = fair_shares(a_problem(capacity=[1000.0, 1000.0], seniority=[0.5, 1.0]))
    assert target.tolist() == pytest.approx([200_000, 400_000])
    assert free_hours.tolist() == pytest.approx([1.12 * 60, 1.12 * 60])


def test_a_distance_nobody_knows_argues_neither_for_nor_against_a_move():
    distance = np.array([[10.0, np.nan], [np.nan, 10.0], [np.nan, np.nan], [5.0, 9.0]])
    travel = costs_of(a_problem(potential=[1.0] * 4, distance_km=distance, current=[0, 0, 0, 0])).travel
    assert travel[0, 0] == travel[0, 1] > 0, "the rep without a home counts as far as today's"
    assert travel[1].tolist() == [0, 0], "today's distance is unknown, so no move claims km"
    assert travel[2].tolist() == [0, 0]
    assert travel[3, 1] > travel[3, 0]


def test_a_difference_of_terms_adds_up_to_the_difference_of_totals():
    costs = costs_of(a_problem())
    today, other = costs.terms(np.array([0, 0, 0, 0, 1, 1])), costs.terms(np.array([0, 0, 0, 1, 1, 1]))
    assert (today - other).total_eur == pytest.approx(today.total_eur - other.total_eur)
