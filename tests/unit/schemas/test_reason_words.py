"""Reasons in words."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.reasons import CODES, ReasonCode, reason_words

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("code", "horizon", "percent", "since", "words"),
    [
        ("own_orders", 52, -22, date(2026, 3, 2), "orders fell 22 % against its peers since March 2026"),
        ("own_orders", 52, 40, date(2026, 6, 1), "orders rose 40 % against its peers since June 2026"),
        ("season", 4, 12, None, "December season, +12 %"),
        ("season", 13, -6, None, "season from November to February, -6 %"),
        ("season", 52, -1, None, "season of the year, -1 %"),
        ("overdue", 4, -30, None, "no order for 9 weeks; usually one every 3 weeks"),
        ("silent", 52, -100, None, "no order for 9 weeks: taken as lost"),
        ("market", 13, 4, None, "the market around it grows, 4 %"),
    ],
)
def test_a_reason_is_said_in_one_sentence(
    code: ReasonCode, horizon: int, percent: int, since: date | None, words: str
) -> None:
    assert reason_words(code, horizon, percent, since, 9, 3, SUNDAY) == words


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("percent", [-5, 0, 5])
def test_every_code_has_words_both_ways(code: ReasonCode, percent: int) -> None:
    assert reason_words(code, 13, percent, None, 1, 1, SUNDAY)
