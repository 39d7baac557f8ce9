"""The dictionary of KPIs and the headers it is made of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.clickhouse.dictionary import PAGE, page
from infra.clickhouse.view_files import ViewFileError, all_views, kpis, read
from schemas.topics import FACTS

DONE_BY_REPS = re.compile(
    r"\b(?:FROM|JOIN) (?:orders|visits|visits_owned|orders_owned|opportunities|activity_windows|plan_windows|target_months"
    r"|activity_sides|plan_sides|held_windows|deals_owned)\b"
)
OF_NO_CONDUCT = {
    "kpi_dead_letters": "counts messages",
    "kpi_pipeline_delay": "times messages",
    "kpi_data_quality": "counts accounts; of orders it takes whether a customer had any",
    "kpi_list_lengths": "counts the entries of lists",
    "kpi_load_ratio": "the plan of a territory; of visits it takes the mean travel to an account",
}


def test_the_dictionary_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m infra.clickhouse.dictionary"


def test_a_view_comes_after_the_views_it_reads() -> None:
    names = [view.name for view in all_views()]
    for position, view in enumerate(all_views()):
        later = [name for name in names[position:] if name != view.name and f" {name} " in f"{view.select} "]
        assert not later, f"{view.name} reads {later}"


def test_a_kpi_without_an_owner_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "k.sql"
    file.write_text("-- name: K\n-- question: Why?\nSELECT 1\n")
    with pytest.raises(ViewFileError, match="owner"):
        read("kpi_k", file, ("name", "owner"))


def test_a_kpi_of_a_subject_nobody_knows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "k.sql"
    file.write_text("-- subject: weather\nSELECT 1\n")
    with pytest.raises(ViewFileError, match="'weather' is no subject"):
        read("kpi_k", file, ())


def test_a_kpi_that_counts_what_reps_did_or_sold_declares_conduct() -> None:
    """And one of conduct asks of whom it may be told."""
    found = {view.name: view for view in kpis()}
    counting = {name for name, view in found.items() if DONE_BY_REPS.search(view.select)}
    declared = {name for name, view in found.items() if view.header["subject"] == "conduct"}
    assert counting - declared == OF_NO_CONDUCT.keys()
    assert {name for name in declared if "shown_scopes" not in found[name].select} == set()


@pytest.mark.parametrize("kpi", ["kpi_dead_letters", "kpi_pipeline_delay"])
def test_what_counts_or_times_messages_does_so_for_every_feed(kpi: str) -> None:
    """A feed that is left out would show its first bad message as 100 % dead."""
    (view,) = (each for each in kpis() if each.name == kpi)
    feeds = FACTS.row_types.keys() - {"names"}  # beside their account or rep, of the same message
    assert {table for table in feeds if not re.search(rf"\bFROM {table}\b", view.select)} == set()


def test_a_long_text_goes_on_in_an_indented_line(tmp_path: Path) -> None:
    file = tmp_path / "k.sql"
    file.write_text("-- about: one\n--   two\n-- column x: it's\nSELECT 1 AS x\n")
    view = read("k", file, ("about",))
    assert view.header == {"about": "one two"}
    assert view.comment_statement(["x", "y"], {}) == "ALTER TABLE k COMMENT COLUMN x 'it\\'s'"
