"""The example settings file says everything and changes nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from infra.reference.settings import setting_lines, settings_file
from schemas.errors import SettingsError
from schemas.settings import Notify, Recipient, Settings, Share, load_settings


def keys() -> dict[str, FieldInfo]:
    """`section.key` -> declaration, for every setting."""
    found: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, BaseModel):
            found |= {f"{name}.{key}": inner for key, inner in type(field.default).model_fields.items()}
        else:
            found[name] = field
    return found


def test_the_example_file_loads_to_exactly_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "terradrift.toml"
    file.write_text(settings_file())
    assert load_settings(file) == Settings()


def test_the_example_file_has_every_key() -> None:
    parsed = tomllib.loads(settings_file())
    flat = {
        f"{name}.{key}" if isinstance(value, dict) else name
        for name, value in parsed.items()
        for key in (value if isinstance(value, dict) else [""])
    }
    unset = {key for key, field in keys().items() if field.default is None}
    tables = {"notify.recipients", "rules.barriers"}
    assert flat == set(keys()) - unset - tables
    for key in unset:
        assert f"# {key.rpartition('.')[2]} is not set\n" in settings_file()


def test_a_list_of_tables_is_added_to_the_example_file_by_taking_away_the_signs_before_its_lines(
    tmp_path: Path,
) -> None:
    head, sign, table = settings_file().partition("# [[notify.recipients]]")
    own = (sign + table).replace("\n# ", "\n").removeprefix("# ").replace('name = ""', 'name = "north"')
    file = tmp_path / "terradrift.toml"
    file.write_text(head + own)
    assert load_settings(file).notify == Notify(recipients=(Recipient(name="north"),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('contiguity = "soft"', "[rules.contiguity] Input should be 'off', 'preferred' or 'hard'"),
        ("least_accounts = 9\nmost_accounts = 8", "[rules] Value error, least_accounts 9 is above most_accounts 8"),
        (
            '[[rules.barriers]]\nname = "Loire"\none_side = ["35"]\nother_side = ["postal 44"]',
            "[rules.barriers.0.one_side.0] Value error, '35' names no area: write \"postal 35\"",
        ),
        (
            '[[rules.barriers]]\nname = "Loire"\none_side = ["cell 35"]\nother_side = ["postal 44"]',
            "[rules.barriers.0.one_side.0] Value error, '35' is no cell of H3",
        ),
        (
            '[[rules.barriers]]\nname = "Loire"\none_side = ["postal 35"]',
            "barrier 'Loire': each side must name an area",
        ),
        (
            '[[rules.barriers]]\nname = "Loire"\none_side = ["postal 35"]\nother_side = ["postal 35"]',
            "barrier 'Loire': on both sides: postal 35",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_place_and_the_reason(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "terradrift.toml"
    file.write_text(f"[rules]\n{text}\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(file)
    assert said in str(refused.value)


def test_every_setting_has_a_meaning() -> None:
    assert [key for key, field in keys().items() if not field.description] == []


def test_bounds_stand_beside_the_default() -> None:
    assert "# tolerated deviation of a territory from its fair share (>= 0, <= 1)\ntolerance = 0.15" in settings_file()
    assert '("refuse" or "create")' in settings_file()
    assert "# deviations at which the slope rises (>= 0, <= 1)\n" in settings_file()


def test_a_setting_without_a_default_value_is_named_but_not_set() -> None:
    class Targets(BaseModel):
        coverage: Share | None = Field(None, description="share visited")

    lines = list(setting_lines("coverage", Targets.model_fields["coverage"]))
    assert lines == ["# share visited (>= 0, <= 1)", "# coverage is not set"]
