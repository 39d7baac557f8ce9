"""What somebody chose becomes the event that says so, and the page says what has become of it."""

from __future__ import annotations

from datetime import date

import pytest

from console.access.rights import Sight
from console.deciding.choices import Choice, on_account, on_alert, on_suggestion
from console.deciding.sending import send
from console.reading.answers.alerts import Alert
from console.reading.answers.decisions import DecisionState
from console.reading.answers.suggestions import Suggestion
from schemas.errors import RefusedError
from schemas.events import Decision
from tests.support.console_visitors import ALERT, NOW, SUGGESTION, Visitor, a_console

PROPOSED = Suggestion.model_validate(SUGGESTION)
FIRING = Alert.model_validate(ALERT)


def decided(choice: Choice) -> Decision:
    return on_suggestion(choice, PROPOSED, "mia", NOW)


def test_accepting_everything_lists_no_moves() -> None:
    decision = decided(Choice("accept", {"A1042": "R07", "A1077": "R07"}, effective_from=date(2026, 4, 1)))
    assert (decision.kind, decision.moves, decision.effective_from) == ("accept", (), date(2026, 4, 1))
    assert (decision.region_id, decision.decided_by, decision.occurred_at) == ("west", "mia", NOW)


def test_accepting_some_lists_them() -> None:
    decision = decided(Choice("accept", {"A1077": "R07"}))
    assert [(move.account_id, move.rep_id) for move in decision.moves] == [("A1077", "R07")]
    assert decision.kind == "accept"


def test_another_rep_makes_it_a_modification_of_all_that_is_ticked() -> None:
    decision = decided(Choice("accept", {"A1042": "R07", "A1077": "R09"}))
    assert (decision.kind, len(decision.moves)) == ("modify", 2)


@pytest.mark.parametrize(
    ("choice", "field"),
    [(Choice("accept", {}), "moves"), (Choice("accept", {"A9": "R07"}), "moves"), (Choice("reject"), "reason"), (Choice("reject", reason="because"), "reason"),
     (Choice("snooze"), "until"), (Choice("explode"), "kind"), (Choice("accept", {"A1042": ""}), "moves.0.rep_id")],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_names_the_field(choice: Choice, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        decided(choice)
    assert refused.value.field == field


def test_an_alert_is_judged_assigned_and_silenced() -> None:
    assert on_alert(Choice("mark", verdict="false"), FIRING, "omar", NOW).verdict == "false"
    assert on_alert(Choice("assign", assignee="omar"), FIRING, "omar", NOW).assignee == "omar"
    assert on_alert(Choice("silence", until=date(2026, 4, 1)), FIRING, "omar", NOW).until == date(2026, 4, 1)
    assert on_alert(Choice("acknowledge"), FIRING, "omar", NOW).alert_id == "a1"


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (Choice("mark"), "verdict"),
        (Choice("assign"), "assignee"),
        (Choice("silence"), "until"),
        (Choice("accept"), "kind"),
    ],
)
def test_a_choice_about_an_alert_that_makes_no_sense_names_the_field(choice: Choice, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        on_alert(choice, FIRING, "omar", NOW)
    assert refused.value.field == field


def test_a_pin_says_why_and_how_long() -> None:
    pin = on_account(Choice("pin", reason="season", until=date(2026, 6, 1)), "A1042", "west", "mia", NOW)
    assert (pin.kind, pin.account_id, pin.reason, pin.until) == ("pin", "A1042", "season", date(2026, 6, 1))
    with pytest.raises(RefusedError):
        on_account(Choice("pin"), "A1042", "west", "mia", NOW)


def test_the_first_moves_of_the_slider_are_accepted_as_the_smaller_plan_has_them() -> None:
    app, _, decisions = a_console()
    Visitor(app, "mia").post("/suggestions/s1/decide", [("kind", "first"), ("step", "0")])
    (decision,) = decisions.decisions
    assert (decision.kind, [(m.account_id, m.rep_id) for m in decision.moves]) == ("accept", [("A1042", "R07")])


def test_a_smaller_plan_with_another_move_than_proposed_is_a_modification() -> None:
    other = {"move_limit": 1, "account_id": "A2", "to_rep": "R03"}
    suggestion = Suggestion.model_validate({**SUGGESTION, "frontier_moves": [other]})
    decision = on_suggestion(Choice("accept", {"A2": "R03"}), suggestion, "mia", NOW)
    assert (decision.kind, len(decision.moves)) == ("modify", 1)
    with pytest.raises(RefusedError, match="A2"):
        on_suggestion(Choice("accept", {"A2": "R07"}), suggestion, "mia", NOW)


@pytest.mark.parametrize("step", ["", "7", "-1", "²", "x"])
def test_a_stop_that_the_slider_does_not_have_changes_nothing(step: str) -> None:
    app, _, decisions = a_console()
    answer = Visitor(app, "mia").post("/suggestions/s1/decide", [("kind", "first"), ("step", step)])
    assert (answer.status, decisions.decisions) == (422, [])


def test_a_rep_challenges_a_move_with_a_reason_and_hears_that_it_has_arrived() -> None:
    app, _, decisions = a_console()
    form = [("suggestion_id", "s1"), ("account_id", "A1042"), ("reason", "deal_running"), ("note", "signs in May")]
    answer = Visitor(app, "rosa").post("/mine/challenge", form)
    (decision,) = decisions.decisions
    assert (decision.kind, decision.suggestion_id, decision.account_id) == ("challenge", "s1", "A1042")
    assert (decision.reason, decision.decided_by, decision.region_id) == ("deal_running: signs in May", "rosa", "west")
    assert answer.headers["location"] == f"/mine?said={decision.decision_id}&was=applied"
    assert "Done." in Visitor(app, "rosa").get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("suggestion_id", "account_id", "reason", "status"),
    [("s1", "A9", "season", 404), ("s9", "A1042", "season", 404), ("", "A1042", "season", 404), ("s1", "A1042", "", 422),
     ("s1", "A1042", "because", 422)],
)  # fmt: skip
def test_a_challenge_of_a_move_that_is_none_or_without_a_reason_of_the_list_changes_nothing(
    suggestion_id: str, account_id: str, reason: str, status: int
) -> None:
    app, _, decisions = a_console()
    form = [("suggestion_id", suggestion_id), ("account_id", account_id), ("reason", reason)]
    assert Visitor(app, "rosa").post("/mine/challenge", form).status == status
    assert decisions.decisions == []


def test_a_rep_challenges_by_program_too() -> None:
    app, _, decisions = a_console()
    body = b'{"suggestion_id": "s1", "reason": "season"}'
    path = "/api/v1/accounts/A1042/challenges"
    assert Visitor(app, "rosa", bearer=True).call("POST", path, body, "application/json").status == 202
    assert [decision.kind for decision in decisions.decisions] == ["challenge"]


def test_the_form_of_a_suggestion_sends_what_is_ticked_and_leads_back() -> None:
    app, _, decisions = a_console()
    form = [
        ("kind", "some"),
        ("move", "A1077"),
        ("to-A1077", "R07"),
        ("to-A1042", "R09"),
        ("effective_from", "2026-04-01"),
    ]
    answer = Visitor(app, "mia").post("/suggestions/s1/decide", form)
    (decision,) = decisions.decisions
    assert (decision.kind, [move.account_id for move in decision.moves]) == ("accept", ["A1077"])
    assert answer.headers["location"] == f"/suggestions/s1?said={decision.decision_id}&was=applied"


def test_who_comes_second_is_told_why() -> None:
    app, reader, _ = a_console()
    reader.outcome = DecisionState(
        heard=True, applied=False, refused="stale_decision: the suggestion is approved, not proposed"
    )
    text = Visitor(app, "mia").get("/suggestions/s1?said=d2").text
    assert "Somebody has decided before you" in text
    assert "the suggestion is approved" in text
    assert "Quelqu’un a décidé avant vous" in Visitor(app, "mia", language="fr").get("/suggestions/s1?said=d2").text


def test_a_form_that_makes_no_sense_changes_nothing_and_says_so() -> None:
    app, _, decisions = a_console()
    answer = Visitor(app, "mia").post("/suggestions/s1/decide", [("kind", "all"), ("effective_from", "tomorrow")])
    assert (answer.status, decisions.decisions) == (422, [])
    assert "no day" in answer.text


def test_a_pin_goes_only_to_accounts_of_the_suggestion() -> None:
    app, _, decisions = a_console()
    visitor = Visitor(app, "mia")
    assert visitor.post("/suggestions/s1/pin/A1042", [("reason", "season")]).status == 303
    assert visitor.post("/suggestions/s1/pin/A9", [("reason", "season")]).status == 404
    assert [d.kind for d in decisions.decisions] == ["pin"]


def test_a_decision_nobody_answers_is_on_its_way_after_a_few_seconds() -> None:
    _, reader, decisions = a_console()
    reader.outcome = DecisionState(heard=False, applied=False)
    waited: list[float] = []
    state = send(decided(Choice("accept")), decisions, reader, Sight(every_region=True), waited.append)
    assert state.outcome == "on_its_way"
    assert 5 <= sum(waited) <= 7
