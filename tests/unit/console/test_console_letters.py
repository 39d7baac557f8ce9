"""A refused message is opened, mended, checked and sent again on its page: once, by who may, and never into another region."""

from __future__ import annotations

import json

import pytest

from console.access.rights import Sight
from console.deciding.mending import mend_of, refuse_foreign, typed_fields
from console.words import LANGUAGES, catalogue
from schemas.errors import RefusedError
from schemas.mending import Mend
from streams.handlers.mending import HINTS
from tests.support.console_visitors import MESSAGE, PEOPLE, InventedReader, Visitor, a_console

PAGE = "/quality/letters/l1"
API = "/api/v1/dead-letters/l1"


def test_a_letter_shows_its_message_the_reason_and_the_place() -> None:
    app, _, _ = a_console()
    text = Visitor(app, "omar").get(PAGE).text
    for said in (
        "Value that is not allowed",
        "orders / 3 / 17",
        'name="field.amount" value="much"',
        "&lt;no&gt; number",
    ):
        assert said in text


def test_what_was_changed_is_checked_and_nothing_is_sent() -> None:
    app, _, _ = a_console()
    answer = Visitor(app, "omar").post(PAGE, [("act", "check"), ("field.amount", "12.50")])
    assert "it would be taken" in answer.text
    assert 'name="field.amount" value="12.50"' in answer.text
    assert app.state.desk.sent == []


def test_what_would_be_refused_again_is_not_sent_and_says_why() -> None:
    app, _, _ = a_console()
    assert "sent before, or no number" in Visitor(app, "omar").post(PAGE, [("act", "send")]).text
    assert app.state.desk.sent == []


def test_a_mended_letter_is_sent_in_the_name_of_who_pressed() -> None:
    app, _, _ = a_console()
    answer = Visitor(app, "omar").post(PAGE, [("act", "send"), ("field.amount", "12.50"), ("drop", "note")])
    assert (answer.status, answer.headers["location"]) == (303, PAGE)
    assert app.state.desk.sent == [("l1", Mend(values=(("amount", "12.50"),), dropped=("note",)), "omar")]
    assert "Accepted" in Visitor(app, "omar").get(PAGE).text


def test_pressing_twice_sends_once_and_a_letter_that_was_sent_has_no_form() -> None:
    app, reader, _ = a_console()
    form = [("act", "send"), ("field.amount", "12.50")]
    assert Visitor(app, "omar").post(PAGE, form).status == 303
    reader.letter = reader.letter.model_copy(update={"replays": 1, "replay_outcome": "accepted"})
    assert Visitor(app, "omar").post(PAGE, form).headers["location"] == PAGE
    assert len(app.state.desk.sent) == 1
    assert 'name="act"' not in Visitor(app, "omar").get(PAGE).text


@pytest.mark.parametrize("name", ["rosa", "mia", "ann"])
def test_neither_rep_nor_manager_nor_analyst_mends(name: str) -> None:
    app, _, _ = a_console()
    assert Visitor(app, name).post(PAGE, [("act", "send"), ("field.amount", "1")]).status == 403
    assert "/quality/letters" not in Visitor(app, name).get("/quality").text
    assert app.state.desk.sent == []


def test_the_whole_message_may_be_written_anew() -> None:
    app, _, _ = a_console()
    message = '{"account_id": "A1042", "amount": 5}'
    assert Visitor(app, "omar").post(PAGE, [("act", "send"), ("message", message)]).status == 303
    assert app.state.desk.sent == [("l1", Mend(content=message.encode()), "omar")]


def test_a_program_checks_and_sends_as_the_page_does() -> None:
    app, _, _ = a_console()
    omar = Visitor(app, "omar", bearer=True)
    body = b'{"values": {"amount": "12.50"}}'
    assert json.loads(omar.call("POST", f"{API}/check", body, "application/json").text)["outcome"] == "would pass"
    assert json.loads(omar.call("POST", f"{API}/replays", body, "application/json").text)["outcome"] == "accepted"
    assert json.loads(omar.call("POST", f"{API}/replays", body, "application/json").text)["outcome"] == "not sent"
    assert json.loads(omar.get(API).text)["attempts"][0]["replayed_by"] == "omar"


def test_a_console_that_cannot_send_says_so() -> None:
    app, _, _ = a_console()
    app.state.desk = None
    assert Visitor(app, "omar").get(PAGE).status == 503


def test_only_what_differs_is_a_mend() -> None:
    was = typed_fields(MESSAGE)
    assert was == {"event_id": "e1", "amount": "much", "note": "<b>", "rep_id": "null", "account_id": "A1042"}
    assert mend_of(was, was, (), ("", "")) == Mend()
    assert mend_of(was, was | {"amount": "1"}, ("note", "strange"), ("visit_id", "v1")) == Mend(
        values=(("amount", "1"), ("visit_id", "v1")), dropped=("note",)
    )


@pytest.mark.parametrize("message", [b"{", b"[1]", b"\xff", b"", b"[" * 100_000, b'"x"'])
def test_what_has_no_fields_is_mended_whole(message: bytes) -> None:
    assert typed_fields(message) is None


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        (b'{"account_id": "A1042"}', True),
        (b'{"account_id": "Z9"}', False),
        (b'{"account_id": "A1042", "region_id": "east"}', False),
        (b'{"account_id": "new", "region_id": "west"}', True),
        (b"{}", False),
    ],
)
def test_nobody_mends_a_letter_into_a_region_of_others(message: bytes, fits: bool) -> None:
    reader = InventedReader()
    refuse_foreign(message, reader, Sight(every_region=True))
    if fits:
        refuse_foreign(message, reader, PEOPLE["omar"].sight())
    else:
        with pytest.raises(RefusedError, match="regions"):
            refuse_foreign(message, reader, PEOPLE["omar"].sight())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_in_words_with_the_way_to_mend_it(language: str) -> None:
    words = catalogue(language)
    assert {f"{kind}.{reason}" for reason in HINTS for kind in ("refusal", "mend")} <= set(words)
