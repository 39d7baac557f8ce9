"""What a newcomer reads is true: commands, options, targets, files, columns, settings and links in the pages exist."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from infra.importers.targets import TARGETS
from schemas.settings import Settings
from streams.cli.main import commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
# "dead-letters list" -> its command; a group itself only says what is in it
COMMANDS: dict[str, click.Command] = {
    full: command
    for name, top in commands.commands.items()
    for full, command in (
        {f"{name} {sub}": command for sub, command in top.commands.items()}
        if isinstance(top, click.Group)
        else {name: top}
    ).items()
}
each_command = pytest.mark.parametrize("name", sorted(COMMANDS))


def options_of(name: str) -> set[str]:
    """The long options of a command, --help apart."""
    return {option for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)
            for option in (*parameter.opts, *parameter.secondary_opts) if option.startswith("--")}  # fmt: skip


# The numbers marked @@NAME@@ are put in from real runs; until then this test fails on purpose.
@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_every_number_has_been_measured(page: str) -> None:
    assert re.findall(r"@@\w*@*", (ROOT / page).read_text(encoding="utf-8")) == []


def test_the_front_page_has_exactly_two_commands_and_they_exist() -> None:
    block = README.partition("## See it work")[2].partition("```\n")[2].partition("```")[0]
    assert block == "make demo\nmake test\n"
    assert {"demo", "test"} <= MAKE_TARGETS


@each_page
def test_a_page_names_only_targets_that_exist(page: Path) -> None:
    assert set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))) <= MAKE_TARGETS


@pytest.mark.parametrize("target", ["setup", "demo", "test", "lint"])
def test_a_target_that_people_expect_is_there(target: str) -> None:
    assert target in MAKE_TARGETS


@each_command
def test_a_command_is_explained_with_all_its_options(name: str) -> None:
    lines = [line for line in OPERATIONS.splitlines() if f"`terradrift {name}" in line]
    assert lines, f"docs/operations.md does not explain terradrift {name}"
    missing = {option for option in options_of(name) if not any(option in line for line in lines)}
    assert missing == set()


@each_page
def test_a_page_names_only_commands_and_options_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name, rest in re.findall(r"(?:`|^|\n)terradrift ([a-z-]+(?: (?:list|show|replay)\b)?)([^`\n#|]*)", text):
        assert name in COMMANDS or name in commands.commands, f"terradrift {name}"
        if name not in COMMANDS:
            continue
        assert set(re.findall(r"--[a-z-]+", rest)) <= options_of(name) | {"--help"}, f"terradrift {name}{rest}"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_table_of_files_agrees_with_the_importer(target: object) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{target.name}.csv` |"))  # type: ignore[attr-defined]
    columns = re.sub(r"\([^)]*\)", "", row.split("|")[2])
    named = [column.strip() for column in columns.split(",")]
    assert {column.strip("*") for column in named} == set(target.fields)  # type: ignore[attr-defined]
    assert {column.strip("*") for column in named if column.startswith("**")} == set(target.mandatory)  # type: ignore[attr-defined]


@each_page
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    sections = {key: type(field.default).model_fields for key, field in Settings.model_fields.items()
                if isinstance(field.default, BaseModel)}  # fmt: skip
    for section, key in re.findall(
        rf"`({'|'.join(sections)})\.(?!csv`)([a-z_0-9]+)`", page.read_text(encoding="utf-8")
    ):
        assert key in sections[section], f"{section}.{key}"


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def test_every_room_of_the_front_page_exists() -> None:
    rooms = re.findall(r"^\| `([a-z]+)/` \|", README, re.MULTILINE)
    assert rooms
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []


def test_every_decision_is_listed_and_says_what_it_costs() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [int(file.name[:4]) for file in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for file in DECISIONS:
        text = file.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        assert f"- [{title[:4]}]({file.name}) {title[5:]}\n" in index
        assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Context", "Choice", "Cost"]


def test_ci_runs_what_the_front_page_says() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert [line.split()[1] for line in script.read_text().splitlines() if line.startswith("make ")] == [
        "setup",
        "lint",
        "test",
    ]


def test_the_views_of_the_front_page_exist() -> None:
    clickhouse = ROOT / "infra" / "clickhouse"
    views = {f"kpi_{file.stem}" for file in (clickhouse / "kpis").glob("*.sql")}
    views |= {file.stem[3:] for file in (clickhouse / "views").glob("*.sql")}
    paragraph = next(part for part in README.split("\n\n") if part.startswith("**The answers**"))
    named = set(re.findall(r"`(?:SELECT \* FROM terradrift\.)?([a-z_]+)`", paragraph))
    assert named
    assert named <= views
