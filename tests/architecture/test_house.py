"""The house keeps its shape: imports point one way, and no module is a drawer for everything."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from schemas.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "models", "solvers", "streams", "infra", "console")
DRAWERS = {"utils", "util", "helpers", "helper", "managers", "manager", "common", "misc", "base"}


@pytest.mark.io
def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    outcome = subprocess.run(
        [linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_no_module_is_a_drawer_for_everything() -> None:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    assert files
    assert [str(file.relative_to(ROOT)) for file in files if {file.stem, file.parent.name} & DRAWERS] == []


def test_no_test_folder_is_a_drawer_for_everything() -> None:
    assert [str(file) for file in (ROOT / "tests").rglob("*.py") if file.stem in DRAWERS] == []


def test_every_package_says_that_it_is_typed() -> None:
    assert [package for package in PACKAGES if (ROOT / package / "__init__.py").is_file() and not (ROOT / package / "py.typed").is_file()] == []  # fmt: skip


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if not file.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_no_two_test_files_share_a_name() -> None:
    # without packages in tests/, pytest imports test files by their bare name
    names = [file.stem for file in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_migrations_are_numbered_one_after_the_other() -> None:
    # of two with one number, the order would hang on their names
    numbers = sorted(int(file.name.split("_")[0]) for file in (ROOT / "infra/clickhouse/migrations").glob("*.sql"))
    assert numbers == list(range(1, len(numbers) + 1))


# Declared, but nothing reads them yet. Shorten this list, never extend it.
WITHOUT_EFFECT_YET: set[str] = set()


def test_every_setting_has_an_effect() -> None:
    files = [file for package in PACKAGES for pattern in ("*.py", "*.sql") for file in (ROOT / package).rglob(pattern)]
    source = "".join(file.read_text(encoding="utf-8") for file in files if file.name != "settings.py")
    sections = {key: type(field.default).model_fields for key, field in Settings.model_fields.items()
                if isinstance(field.default, BaseModel)}  # fmt: skip
    unread = {f"{section}.{key}" for section, fields in sections.items() for key in fields
              if not re.search(rf"\.{key}\b|'{key}'", source)}  # fmt: skip
    assert unread == WITHOUT_EFFECT_YET


def test_an_installed_package_has_every_file_it_reads() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    left_out = ROOT / "infra" / "docker"  # read by docker build from the repository only
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*")
             if file.is_file() and file.suffix != ".py" and "__pycache__" not in file.parts
             and left_out not in file.parents]  # fmt: skip
    assert files
    assert [str(file) for file in files if not any(file.match(pattern) for pattern in patterns)] == []
