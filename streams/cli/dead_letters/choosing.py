"""Which letters: the options that `list` and `replay` share, and ids as people type them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from clickhouse_connect.driver.client import Client

from infra.clickhouse.letters import Letter, LetterFilter, letters_of, newest_letters
from schemas.errors import TerradriftError

SHORT = 12
"""Characters of an id that are shown; any unambiguous beginning will do."""
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
F = TypeVar("F", bound=Callable[..., Any])


def filter_options(command: F) -> F:
    """--reason, --topic, --since, --until."""
    options = (
        click.option(
            "--reason", "reasons", multiple=True, help="Only letters of this reason; may be given several times."
        ),
        click.option(
            "--topic", "topics", multiple=True, help="Only messages of this topic; may be given several times."
        ),
        click.option(
            "--since",
            type=click.DateTime(TIMES),
            metavar="DAY|TIME",
            help="Only what was received from this time on (UTC).",
        ),
        click.option(
            "--until",
            type=click.DateTime(TIMES),
            metavar="DAY|TIME",
            help="Only what was received before this time (UTC).",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def one_letter(client: Client, start: str) -> Letter:
    """The letter whose id begins so. Raises TerradriftError when there is none, or more than one."""
    (letter,) = letters_of(client, [whole_id(client, start)])
    return letter


def whole_id(client: Client, start: str) -> str:
    """The id that begins so. Raises TerradriftError when there is none, or more than one."""
    found = newest_letters(client, LetterFilter(ids=(start,)), limit=3) if start else []
    if not found:
        raise TerradriftError(f"there is no dead letter {start!r}; see them with: terradrift dead-letters list")
    if len(found) > 1:
        raise TerradriftError(f"several dead letters begin with {start!r}: {_some(found)}; give more of the id")
    return found[0].dead_letter_id


def _some(found: Sequence[Any]) -> str:
    return ", ".join(letter.dead_letter_id[: SHORT + 4] for letter in found)
