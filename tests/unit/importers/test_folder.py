"""A folder of files becomes a feed; bad lines are named and the rest goes on."""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.feeds.record import FeedRecord
from infra.importers.folder import Import, read_folder
from infra.importers.ledger import Ledger, Span
from infra.importers.mapping import FileMapping, Mapping
from infra.importers.outcome import Outcome
from infra.importers.reading import FileReader
from infra.importers.targets import TARGETS, Target
from schemas.errors import SettingsError
from schemas.settings import Calendar
from schemas.topics import BY_NAME

ORDERS = "order_id,account_id,occurred_at,amount,currency\n"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return tmp_path


def bring(folder: Path, mapping: dict[str, Any] | None = None, **files: str | bytes) -> Import:
    """Write the files (name without .csv) and read the folder."""
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.csv").write_bytes(data)
    return read_folder(folder, Mapping.model_validate(mapping or {}))


def sent(records: Any, topic: str = "orders") -> list[dict[str, Any]]:
    return [json.loads(record.value) for record in records if record.topic == topic]


def reasons(found: Import) -> list[tuple[str, int, str, str]]:
    return [(each.file, each.line, each.field, each.reason) for each in found.refused]


def test_orders_come_out_in_order_of_time_with_exact_amounts(company: Path) -> None:
    found = bring(company, orders=ORDERS + "o2,a,2024-02-01,10.10,EUR\no1,a,2024-01-01,0.20,EUR\n")
    orders = sent(found.feed.events)
    assert [each["order_id"] for each in orders] == ["o1", "o2"]
    assert sum(Decimal(each["amount"]) for each in orders) == Decimal("10.30")


def test_every_record_fits_its_topic(company: Path) -> None:
    found = bring(
        company,
        accounts="account_id,name,kind,segment,status,lat,lon,postal_code,city,region_id,family_id,visit_minutes,"
        "visits_per_year,since,skills,contact_updated_on\na1,One,prospect,A,active,48.1,-1.6,35000,Rennes,west,f1,45,6,2020-05-01,vet|cold,2023-11-02\n",
        reps="rep_id,name,home_lat,home_lon,weekly_hours,region_id,manager_id,active_from,active_to,skills\n"
        "r1,Rep 01,48,-1,35,west,m1,2019-01-01,,vet\n",
        assignments="account_id,rep_id,valid_from\na1,r1,2020-05-01\n",
        orders=ORDERS + "o1,a1,2024-01-02T10:00:00Z,10,EUR\n",
        visits="visit_id,account_id,rep_id,started_at,duration_minutes,travel_minutes,travel_km,outcome,products_seen,channel,nights,status\n"
        "v1,a1,r1,2024-01-03T10:00:00Z,45,20,18.5,order,P1| P4 |,call,2,moved\n",
        market_events="market_event_id,kind,occurred_at,lat,lon,radius_km,account_id,expected_effect,note\n"
        "m1,competitor_opened,2024-01-04,48.1,-1.6,30,,-0.3,a new shop\n",
        opportunities="opportunity_id,account_id,rep_id,stage,source,amount,occurred_at\n"
        "p1,a1,r1,open,fair,900,2024-01-05\n",
        targets="rep_id,month,revenue,visits,occurred_at\nr1,2024-01-01,165000,96,2023-12-15\n",
        surveys="survey_id,account_id,rep_id,score,occurred_at\nq1,a1,,9,2024-01-06\n,,r1,7,2024-01-07\n",
    )
    records = [*found.feed.roster, *found.feed.events]
    assert found.refused == ()
    assert [record.topic for record in records] == [
        "accounts", "reps", "assignments", "targets", "orders", "visit-reports", "market-events", "opportunities",
        "surveys", "surveys",
    ]  # fmt: skip
    (report,) = sent(found.feed.events, "visit-reports")
    assert report["products_seen"] == ["P1", "P4"]
    assert (report["channel"], report["nights"], report["status"]) == ("call", 2, "moved")
    assert sent(found.feed.roster, "accounts")[0]["contact_updated_on"] == "2023-11-02"
    for record in records:
        topic = BY_NAME[record.topic]
        assert topic.payload is not None
        event = topic.payload.model_validate_json(record.value)
        assert str(getattr(event, topic.key)).encode() == record.key


def test_importing_twice_says_the_same_thing_twice(company: Path) -> None:
    files = {
        "accounts": "account_id,since\na,2020-01-01\n",
        "orders": "account_id,occurred_at,amount,currency\na,2024-01-01,5,EUR\n",
    }
    first, second = bring(company, **files), bring(company, **files)
    assert list(first.feed.roster) == list(second.feed.roster)
    assert list(first.feed.events) == list(second.feed.events)


def test_a_changed_roster_line_is_a_new_event_and_an_unchanged_one_is_not(company: Path) -> None:
    before = sent(bring(company, accounts="account_id,name\na,One\nb,Two\n").feed.roster, "accounts")
    after = sent(bring(company, accounts="account_id,name\na,Other\nb,Two\n").feed.roster, "accounts")
    assert before[0]["event_id"] != after[0]["event_id"]
    assert before[1] == after[1]


def test_equal_lines_without_an_id_are_different_orders_in_any_file_order(company: Path) -> None:
    head = "account_id,occurred_at,amount,currency\n"
    lines = ["a,2024-01-01,5,EUR\n", "a,2024-01-01,5,EUR\n", "a,2024-01-01,7,EUR\n"]
    ids = {each["event_id"] for each in sent(bring(company, orders=head + "".join(lines)).feed.events)}
    turned = {each["event_id"] for each in sent(bring(company, orders=head + "".join(lines[::-1])).feed.events)}
    assert len(ids) == 3
    assert ids == turned


def test_a_repeated_line_is_sent_once_and_a_contradiction_is_refused(company: Path) -> None:
    line = "o1,a,2024-01-01,5,EUR\n"
    found = bring(company, orders=ORDERS + line + line + "o1,a,2024-01-01,6,EUR\n")
    assert len(sent(found.feed.events)) == 1
    assert reasons(found) == [("orders.csv", 4, "order_id", "contradiction")]
    tally = found.tallies["orders.csv"]
    assert (tally.read, tally.accepted, tally.repeated, tally.refused) == (3, 2, 1, 1)


def test_accounts_that_only_orders_name_are_created_without_a_place(company: Path) -> None:
    found = bring(
        company,
        {"accounts": {"constants": {"region_id": "west"}}},
        accounts="account_id,name\na,One\n",
        orders=ORDERS + "o1,a,2024-01-01,5,EUR\no2,new,2024-01-01,5,EUR\n",
    )
    accounts = sent(found.feed.roster, "accounts")
    assert [(each["account_id"], each["region_id"]) for each in accounts] == [("a", "west"), ("new", "west")]
    assert found.accounts_created == 1
    assert any("1 accounts without a register line" in notice for notice in found.notices)


def test_orders_alone_are_enough(company: Path) -> None:
    assert len(sent(bring(company, orders=ORDERS + "o1,a,2024-01-01,5,EUR\n").feed.roster, "accounts")) == 1


def test_a_folder_with_neither_accounts_nor_orders_says_what_is_there(company: Path) -> None:
    with pytest.raises(SettingsError, match=r"neither accounts\.csv nor orders\.csv; there is visits\.csv"):
        bring(company, visits="visit_id\n")


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("o1,a,2024-01-01,5", "", "wrong_columns"),
        ("o1,a,2024-01-01,5,EUR,more", "", "wrong_columns"),
        ("o1,a,2024-01-01,-5,EUR", "", "invalid"),
        ("o1,a,9999-01-01,5,EUR", "occurred_at", "bad_time"),
        ("o1,a,2024-01-01T10:00,5,EUR", "occurred_at", "no_zone"),
        ("o1,,2024-01-01,5,EUR", "account_id", "missing"),
        ("o1,a,2024-01-01,5.123,EUR", "amount", "invalid"),
        ("o1,a,2024-01-01,five,EUR", "amount", "bad_number"),
        ("o1,a,2024-01-01,5,euros", "currency", "invalid"),
        ('o1,a,2024-01-01,5,"EUR', "", "unbalanced_quotes"),
        ("o1," + "a" * 65 + ",2024-01-01,5,EUR", "account_id", "invalid"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(company: Path, line: str, field: str, reason: str) -> None:
    found = bring(company, orders=f"{ORDERS}{line}\no9,b,2024-01-01,5,EUR\n")
    assert reasons(found) == [("orders.csv", 2, field, reason)]
    assert [each["order_id"] for each in sent(found.feed.events)] == ["o9"]
    assert found.refused[0].excerpt.startswith("o1,")


def test_a_return_may_be_negative(company: Path) -> None:
    found = bring(company, orders=ORDERS.replace("\n", ",status\n") + "o1,a,2024-01-01,-5,EUR,returned\n")
    assert found.refused == ()


def test_latin_1_read_as_utf_8_costs_lines_and_suggests_the_encoding(company: Path) -> None:
    data = "account_id,city\na,Orléans\nb,Nantes\n".encode("latin-1")
    found = bring(company, accounts=data)
    assert reasons(found) == [("accounts.csv", 2, "", "wrong_encoding")]
    assert any('encoding = "latin-1"' in notice for notice in found.notices)
    mended = bring(company, {"accounts": {"encoding": "latin-1"}}, accounts=data)
    assert [each["city"] for each in sent(mended.feed.roster, "accounts")] == ["Orléans", "Nantes"]


def test_empty_files_are_noticed_and_harmless(company: Path) -> None:
    found = bring(company, orders=b"", accounts="account_id\n")
    assert found.refused == ()
    assert "orders.csv is empty" in found.notices
    assert "accounts.csv has a header and nothing else" in found.notices


def test_a_missing_mandatory_column_refuses_the_file_with_what_is_there(company: Path) -> None:
    found = bring(company, orders="id,account_id,when,amount\n1,a,2024-01-01,5\n")
    assert [(each.line, each.reason) for each in found.refused] == [(1, "missing_column")]
    assert "no column occurred_at, currency; there are: id, account_id, when, amount" in found.refused[0].detail


def test_another_separator_is_suggested(company: Path) -> None:
    found = bring(company, orders=ORDERS.replace(",", ";"))
    assert 'separator = ";"' in found.refused[0].detail


def test_unknown_columns_are_kept_out_with_one_notice(company: Path) -> None:
    found = bring(company, accounts="account_id,phone,fax\na,1,2\nb,3,4\n")
    assert found.notices == ("accounts.csv: columns not used: phone, fax",)
    assert "phone" not in sent(found.feed.roster, "accounts")[0]


def test_gzip_is_read(company: Path) -> None:
    (company / "orders.csv.gz").write_bytes(gzip.compress((ORDERS + "o1,a,2024-01-01,5,EUR\n").encode()))
    assert len(sent(read_folder(company).feed.events)) == 1


def test_a_mapping_renames_joins_translates_and_skips(company: Path) -> None:
    mapping = {
        "visits": {
            "file": "besuche.csv", "separator": ";", "decimal": ",", "timezone": "Europe/Berlin",
            "date_format": "%d.%m.%Y %H:%M",
            "columns": {"Kunde": "account_id", "Beginn": "started_at", "Dauer": "duration_minutes", "Ergebnis": "outcome"},
            "templates": {"visit_id": "{Kunde}/{Nr}"}, "constants": {"rep_id": "r7"},
            "values": {"outcome": {"kein Ergebnis": "none", "Auftrag": "order"}},
            "skip": [{"column": "Art", "values": ["privat"]}],
        }
    }  # fmt: skip
    text = (
        "Nr;Kunde;Beginn;Dauer;Ergebnis;Art\n1;k1;31.05.2024 09:30;42,5;Auftrag;x\n2;k1;31.05.2024 10:30;10;;privat\n"
    )
    found = bring(company, mapping, besuche=text, accounts="account_id\nk1\n")
    (visit,) = sent(found.feed.events, "visit-reports")
    assert visit["visit_id"] == "k1/1"
    assert (visit["occurred_at"], visit["duration_minutes"], visit["outcome"]) == (
        "2024-05-31T07:30:00Z",
        42.5,
        "order",
    )
    assert (found.tallies["besuche.csv"].read, found.tallies["besuche.csv"].skipped) == (1, 1)


def test_since_and_until_bring_in_part_of_the_events_and_all_of_the_roster(company: Path) -> None:
    (company / "accounts.csv").write_text("account_id,since\na,2020-01-01\nb,2025-01-01\n")
    (company / "orders.csv").write_text(ORDERS + "".join(f"o{m},a,2024-{m:02d}-01,5,EUR\n" for m in range(1, 13)))
    parts = [
        read_folder(company, until=date(2024, 7, 1)),
        read_folder(company, since=date(2024, 7, 1)),
    ]
    assert [len(list(part.feed.events)) for part in parts] == [6, 6]
    assert [len(list(part.feed.roster)) for part in parts] == [2, 2]
    assert parts[0].tallies["orders.csv"].skipped == 6


def test_later_assignments_take_their_place_in_time_but_never_after_the_last_event(company: Path) -> None:
    found = bring(
        company,
        assignments="account_id,rep_id,valid_from\na,r3,2030-01-01\na,r2,2024-01-15\na,r1,2020-01-01\n",
        orders=ORDERS + "o1,a,2024-01-01,5,EUR\no2,a,2024-02-01,5,EUR\n",
    )
    assert [each["rep_id"] for each in sent(found.feed.roster, "assignments")] == ["r1"]
    events: list[FeedRecord] = list(found.feed.events)
    assert [(each.topic, each.at.date().isoformat()) for each in events] == [
        ("orders", "2024-01-01"), ("assignments", "2024-01-15"), ("assignments", "2024-02-01"), ("orders", "2024-02-01"),
    ]  # fmt: skip


def test_an_assignment_to_nobody_is_allowed(company: Path) -> None:
    found = bring(company, accounts="account_id\na\n", assignments="account_id,rep_id,valid_from\na,,2024-01-01\n")
    assert found.refused == ()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@given(data=st.binary(max_size=600), good_header=st.booleans())
def test_any_bytes_are_counted_and_nothing_raises(target: Target, data: bytes, good_header: bool) -> None:
    outcome = Outcome()
    ledger = Ledger(Span(), {})
    header = (",".join(target.fields) + "\n").encode() if good_header else b""
    FileReader(target, FileMapping(), None, Calendar(), ledger, outcome).read_stream("any.csv", BytesIO(header + data))
    tally = outcome.tallies["any.csv"]
    assert tally.read == tally.accepted + tally.refused
    assert len(outcome.refused) == tally.refused
    ledger.feed(outcome)


CELL = st.one_of(
    st.sampled_from(["a", "o1", "", "5", "-5", "2024-01-01", "2024-01-01T10:00Z", "9999-12-31", "EUR", "x" * 70, "\u00e9", "1e9"]),
    st.text(max_size=8),
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@given(data=st.data())
def test_every_line_is_accepted_or_refused(target: Target, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(target.fields), max_size=len(target.fields)), max_size=5))
    text = "\n".join(",".join(cell.translate({10: None, 13: None, 34: None}) for cell in row) for row in rows)
    stream = BytesIO((",".join(target.fields) + "\n" + text).encode("utf-8", "surrogatepass"))
    outcome, ledger = Outcome(), Ledger(Span(), {})
    FileReader(target, FileMapping(), None, Calendar(), ledger, outcome).read_stream("any.csv", stream)
    filled = sum(1 for line in text.split("\n") if line.strip())
    assert outcome.tally("any.csv").read == filled
    assert len(list(ledger.feed(outcome).events)) <= outcome.tally("any.csv").accepted


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_target_knows_which_names_its_events_carry(target: Target) -> None:
    assert target.names_account == ("account_id" in target.event.model_fields)
    assert target.names_rep == ("rep_id" in target.event.model_fields)


def test_reps_that_no_file_introduces_are_noticed(company: Path) -> None:
    found = bring(company, accounts="account_id\na\n", assignments="account_id,rep_id,valid_from\na,r9,2024-01-01\n")
    assert any("1 reps are named but not in the reps file: r9" in notice for notice in found.notices)


def test_targets_belong_to_the_roster_and_need_not_say_when_they_were_set(company: Path) -> None:
    bring(
        company,
        orders=ORDERS + "o1,a1,2024-01-02T10:00:00Z,10,EUR\n",
        targets="rep_id,month,revenue,visits,occurred_at\n"
        "r1,2024-03-01,165000,,\nr1,2024-03-01,150000,,2024-02-01T09:00:00Z\nr1,2024-03-02,1,,\nr1,2024-04-01,,,\n",
    )
    found = read_folder(company, since=date(2024, 1, 1))
    told = sent(found.feed.roster, "targets")
    assert [(each["revenue"], each["occurred_at"][:10]) for each in told] == [
        ("165000", "2000-01-01"),
        ("150000", "2024-02-01"),
    ]
    assert [(each.line, each.field, each.detail) for each in found.refused] == [
        (4, "month", "2024-03-02 is not the first day of a month (got '2024-03-02')"),
        (5, "", "a target needs revenue, visits or both"),
    ]


def test_two_lines_for_the_same_rep_and_month_contradict_each_other_unless_one_is_later(company: Path) -> None:
    found = bring(company, orders=ORDERS, targets="rep_id,month,visits\nr1,2024-03-01,9\nr1,2024-03-01,8\n")
    assert [each.reason for each in found.refused] == ["contradiction"]


def test_an_answer_without_an_account_or_a_rep_or_with_a_broken_score_is_refused(company: Path) -> None:
    found = bring(
        company, orders=ORDERS, surveys="survey_id,account_id,rep_id,score,occurred_at\n"
        "q1,,,9,2024-01-06\nq2,a1,r1,9,2024-01-06\nq3,a1,,8.5,2024-01-06\nq4,,r1,0,2024-01-06\nq5,a1,,0,2024-01-06\n",
    )  # fmt: skip
    assert [(each.line, each.field) for each in found.refused] == [(2, ""), (3, ""), (4, "score"), (5, "")]
    assert [each["score"] for each in sent(found.feed.events, "surveys")] == [0]
