"""What people find alerts to be moves the false-alarm budget of their kind."""

from __future__ import annotations

import pytest

from models.verdicts import Budget, Verdicts
from schemas.alert_budget import LEAST_SHARE, REMEMBERED


def marked(*verdicts: str, kind: str = "zone") -> Verdicts:
    book = Verdicts()
    for number, verdict in enumerate(verdicts):
        book.remember(f"{kind}{number}", kind)
        assert book.mark(f"{kind}{number}", verdict)
    return book


@pytest.mark.parametrize(
    ("verdicts", "share"),
    [
        ((), 1.0),
        (("false",), 0.8),
        (("false", "false"), 0.64),
        (("false", "useful"), 1.0),
        (("useful", "useful"), 1.0),
        (("expected",), 1.0),
        (("false",) * 40, LEAST_SHARE),
    ],
)
def test_a_false_alarm_takes_a_fifth_and_a_useful_one_gives_it_back(verdicts: tuple[str, ...], share: float) -> None:
    assert marked(*verdicts).budget("zone").share == pytest.approx(share)


def test_a_verdict_speaks_of_its_own_kind_only() -> None:
    assert marked("false").budget("account").share == 1.0


def test_a_second_verdict_takes_the_place_of_the_first() -> None:
    book = marked("false")
    book.mark("zone0", "expected")
    assert book.budget("zone").share == 1.0


def test_an_alert_nobody_knows_cannot_be_marked() -> None:
    assert not Verdicts().mark("stranger", "false")


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    book = Verdicts()
    for number in range(REMEMBERED + 10):
        book.remember(str(number), "zone")
    assert len(book.known) == REMEMBERED
    assert not book.mark("9", "false")
    assert book.mark("10", "false")


def test_telling_an_alert_again_keeps_its_verdict() -> None:
    book = marked("false")
    book.remember("zone0", "zone")
    assert book.budget("zone").share == 0.8


def test_the_marks_behind_a_budget_are_counted_by_what_they_say_and_of_their_kind_only() -> None:
    book = marked("false", "useful", "false", "expected", "false")
    book.remember("unmarked", "zone")
    assert book.budget("zone") == Budget(pytest.approx(0.64), useful=1, false=3, expected=1)
    assert book.budget("account") == Budget()


def test_a_budget_that_marks_have_given_back_whole_still_tells_of_them_and_one_without_marks_of_nothing() -> None:
    facts = {"budget_share": 1.0, "marked_useful": 1, "marked_false": 1, "marked_expected": 0}
    assert marked("false", "useful").budget("zone").facts() == facts
    assert Budget().facts() == {}
