"""Streams of scopes that vanish and come back."""

from __future__ import annotations

import numpy as np

from models.bank import LONGEST_ALARM, PAST, StreamBank
from models.detectors import ShiryaevRoberts


def fed(bank: StreamBank, scope_ids: list[str], periods: int, times: float = 1.0) -> None:
    """Every scope sells so many times what is expected, give or take a twentieth."""
    for _ in range(periods):
        noise = np.random.default_rng(bank._period).normal(0, 0.05, len(scope_ids))
        bank.close_period(scope_ids, 100 * times * np.exp(noise), np.full(len(scope_ids), 100.0))


def a_bank() -> StreamBank:
    return StreamBank(ShiryaevRoberts(), 200.0, 0.05)


def test_a_scope_that_vanished_while_its_alarm_stood_is_watched_again_when_it_comes_back() -> None:
    bank = a_bank()
    fed(bank, ["T1", "T2"], 30)
    while not bank.alarmed_ids():
        fed(bank, ["T1"], 1, 0.5)
    fed(bank, ["T2"], LONGEST_ALARM + 1)
    assert bank.alarmed_ids() == set()
    fed(bank, ["T1", "T2"], 4)
    fed(bank, ["T1", "T2"], 6, 0.5)
    assert bank.alarmed_ids() == {"T1", "T2"}


def test_a_period_of_unknown_revenue_is_one_without_the_scope() -> None:
    unknown, absent = a_bank(), a_bank()
    for bank in (unknown, absent):
        fed(bank, ["T1", "T2"], 30)
    unknown.close_period(["T1", "T2"], np.array([100.0, np.nan]), np.array([100.0, 100.0]))
    absent.close_period(["T1"], np.array([100.0]), np.array([100.0]))
    assert unknown.state()[0] == absent.state()[0]
    for name, array in absent.state()[1].items():
        np.testing.assert_array_equal(unknown.state()[1][name], array, err_msg=name)


def test_a_scope_unseen_for_the_whole_past_is_forgotten() -> None:
    bank = a_bank()
    fed(bank, ["T1", "T2"], 30)
    fed(bank, ["T2"], PAST + LONGEST_ALARM)
    assert bank.state()[0]["scopes"] == ["T2"]
