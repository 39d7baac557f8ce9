"""What goes to the CRM, where both sides differ, and the audit trail: each on its page, within the sight of whoever asks."""

from __future__ import annotations

import json

import pytest

from tests.support.console_visitors import REFUSED, Answer, Visitor, a_console

EDGE = "----edge"


def compared(name: str, content: bytes, filename: str = "owners.csv") -> Answer:
    """The page after a file was sent, as a browser sends it."""
    visitor = Visitor(a_console()[0], name)
    parts = [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{visitor.csrf()}\r\n'.encode(),
        f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode(),
        content, f"\r\n--{EDGE}--\r\n".encode(),
    ]  # fmt: skip
    return visitor.call("POST", "/crm/differences", b"".join(parts), f"multipart/form-data; boundary={EDGE}")


def test_the_page_shows_what_became_of_each_change_and_what_the_next_push_would_send() -> None:
    text = Visitor(a_console()[0], "omar").get("/crm").text
    for said in (
        "1 change waits for the CRM",
        "Failed, is tried again",
        "503 &lt;busy&gt;",
        "Delivered",
        "&#34;change_id&#34;:&#34;c2&#34;",
    ):
        assert said in text
    assert "&#34;change_id&#34;:&#34;c1&#34;" not in text


def test_the_page_says_whether_pushing_runs_by_itself_and_what_was_not_taken_last() -> None:
    app, reader = a_console()[:2]

    def text() -> str:
        page = Visitor(app, "omar").get("/crm").text
        return page.partition('id="pushing"')[2].partition("</section>")[0]

    for said in ("Runs by itself", "09:00", "Not taken last: A1042", "Failed, is tried again", "503 &lt;busy&gt;"):
        assert said in text()
    told = reader.pushing
    reader.pushing = told.model_copy(update={"runs": False})
    assert "Has stopped" in text()
    reader.pushing = told.model_copy(update={"runs": False, "looked_at": None, "not_taken_at": None})
    assert "By hand" in text()
    assert "Not taken" not in text()


def test_a_file_of_the_crm_is_compared() -> None:
    text = compared("mia", b"account_id,rep_id\nA1042,R07\nZ1,R01\n").text
    assert "2 differences" in text
    assert "A change is on its way" in text
    assert "0 differences" in compared("mia", b"\xef\xbb\xbfaccount_id,rep_id\r\nA1042,R03\r\n").text


@pytest.mark.parametrize(
    ("content", "filename", "word"),
    [(b"account\n", "x.csv", "no column"), (b"\xff\xfe\x00", "x.csv", "UTF-8"), (b"", "", "choose a file"),
     (b'account_id,rep_id\n"a', "x.csv", "no CSV")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why_on_the_page(content: bytes, filename: str, word: str) -> None:
    answer = compared("omar", content, filename)
    assert (answer.status, word in answer.text) == (200, True)


def test_the_file_of_changes_is_in_the_order_of_the_decisions() -> None:
    answer = Visitor(a_console()[0], "omar").get("/crm/changes.csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert [line.split(",")[0] for line in answer.text.splitlines()] == ["change_id", "c1", "c2"]
    assert Visitor(a_console()[0], "omar").get("/crm/changes.csv?pending=true").text.count("\n") == 2


def test_a_program_compares_owners() -> None:
    answer = Visitor(a_console()[0], "mia", bearer=True).call(
        "POST", "/api/v1/crm/differences", b'{"owners": {"A1042": "R07"}}', "application/json"
    )
    assert [(one["account_id"], one["kind"]) for one in json.loads(answer.text)] == [("A1042", "other_rep")]


def test_the_trail_says_who_what_from_whom_to_whom_why_and_which_version() -> None:
    text = Visitor(a_console()[0], "mia").get("/audit").text
    for said in ("Decision: accepted", "Change of rep: moved", "R03 → R07", "mia", "signs &lt;i&gt;", "3f9a"):
        assert said in text
    assert "<i>" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ("Decision: undone", "refused", "Somebody has decided before you")), ("fr", ("refusée", "Quelqu’un a décidé avant vous"))],
)  # fmt: skip
def test_of_two_decisions_the_trail_says_which_was_refused_and_why(language: str, said: tuple[str, ...]) -> None:
    app, _, _ = a_console()
    for path in ("/audit", "/suggestions/s1", "/alerts/a1"):
        text = Visitor(app, "mia", language=language).get(path).text
        assert all(word in text for word in said[-2:]), path
        assert text.count(said[-1]) == 1, path
        assert "not &lt;proposed&gt;" in text
    assert said[0] in Visitor(app, "mia", language=language).get("/audit").text
    for path in ("/api/v1/audit", "/api/v1/decisions?suggestion=s1"):
        told = json.loads(Visitor(app, "mia", bearer=True).get(path).text)
        assert [one["refused"] for one in told if one["refused"]] == [REFUSED], path
        assert next(one["refused"] for one in told if one["kind"] == "accept") == "", path


def test_the_filters_of_the_trail_live_in_the_address() -> None:
    text = Visitor(a_console()[0], "mia").get("/audit?subject=change&who=mia&since=2026-01-01&until=").text
    for said in ('value="change" selected', 'name="who" maxlength="64" value="mia"', 'value="2026-01-01"'):
        assert said in text
    assert "Decision: accepted" not in text
    assert Visitor(a_console()[0], "mia").get("/audit?since=yesterday").status == 422


@pytest.mark.parametrize(("name", "audit", "crm"), [("mia", 200, 200), ("adam", 200, 200), ("omar", 403, 200), ("rosa", 403, 403), ("ann", 403, 403)])  # fmt: skip
def test_the_trail_is_for_managers_and_the_crm_for_operators_too(name: str, audit: int, crm: int) -> None:
    visitor = Visitor(a_console()[0], name)
    assert (visitor.get("/audit").status, visitor.get("/crm").status) == (audit, crm)
