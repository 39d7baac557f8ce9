"""The mapping file and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.importers.mapping import load_mapping
from schemas.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[order]\nfile = 'x'", "order"),
        ("[orders]\ncolumns = { a = 'ammount' }", r"no field ammount; it has .*amount"),
        ("[orders]\nencoding = 'utf-16'", "line by line"),
        ("[orders]\nencoding = 'klingon'", "unknown encoding"),
        ("timezone = 'Mars/Olympus'", "not a time zone"),
        ("[orders]\ntemplates = { order_id = 'no columns' }", "must name source columns"),
        ("[orders]\ntemplates = { order_id = '{a' }", "orders"),
        ("[orders]\nseparator = ';;'", "separator"),
        ("[orders", "not a TOML file"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_mapping(path)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: No such file"):
        load_mapping(tmp_path / "nowhere.toml")
