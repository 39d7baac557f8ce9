"""The example settings file says everything and changes nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel

from infra.reference.settings import UNSAID, meaning_of, settings_file
from schemas.settings import Settings, load_settings


def keys() -> dict[str, object]:
    """`section.key` -> declaration, for every setting."""
    found: dict[str, object] = {}
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
    assert flat == set(keys())


def test_every_setting_has_a_meaning() -> None:
    assert [key for key, field in keys().items() if not meaning_of(key, field)] == []  # type: ignore[arg-type]


def test_a_meaning_is_said_once() -> None:
    said = {key for key, field in keys().items() if getattr(field, "description", None)}
    assert set(UNSAID) & said == set(), "its declaration speaks for itself now: take it out of UNSAID"
    assert set(UNSAID) <= set(keys())


def test_bounds_stand_beside_the_default() -> None:
    assert "# tolerated deviation of a territory from its fair share (>= 0, <= 1)\ntolerance = 0.15" in settings_file()
    assert '("refuse" or "create")' in settings_file()
