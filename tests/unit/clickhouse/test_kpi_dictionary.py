"""The dictionary of KPIs and the headers it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.clickhouse.dictionary import PAGE, page
from infra.clickhouse.view_files import ViewFileError, all_views, read


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


def test_a_long_text_goes_on_in_an_indented_line(tmp_path: Path) -> None:
    file = tmp_path / "k.sql"
    file.write_text("-- about: one\n--   two\n-- column x: it's\nSELECT 1 AS x\n")
    view = read("k", file, ("about",))
    assert view.header == {"about": "one two"}
    assert view.comment_statement(["x", "y"], {}) == "ALTER TABLE k COMMENT COLUMN x 'it\\'s'"
