"""`terradrift dead-letters list`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.clickhouse.client import connect
from infra.clickhouse.letters import LetterFilter, LetterLine, ReasonGroup, newest_letters, reason_groups
from streams.cli.dead_letters.choosing import SHORT, filter_options, in_utc
from streams.cli.options import directory_option, json_option
from streams.system.reach import reach

SHOWN_DETAIL = 120


@click.command("list")
@filter_options
@click.option("--replayed/--open", "replayed", default=None, help="Only letters sent again, or only those not yet.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0), help="Letters shown; 0: all.")
@directory_option
@json_option
def list_letters(
    reasons: tuple[str, ...],
    topics: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    replayed: bool | None,
    limit: int,
    directory: Path,
    as_json: bool,
) -> None:
    """How many were refused for which reason, then the newest letters.

    \b
    Everything:            terradrift dead-letters list
    One reason, still open: terradrift dead-letters list --reason unknown_account --open
    The orders of a day:   terradrift dead-letters list --topic orders --since 2026-03-01 --until 2026-03-02
    """
    wanted = LetterFilter((), reasons, topics, in_utc(since), in_utc(until), replayed)
    client = connect(reach(directory).access)
    try:
        groups = reason_groups(client, wanted)
        letters = newest_letters(client, wanted, limit)
    finally:
        client.close()
    if as_json:
        click.echo(_as_json(groups, letters))
    else:
        _show(groups, letters)


def _as_json(groups: Sequence[ReasonGroup], letters: Sequence[LetterLine]) -> str:
    answer = {
        "total": sum(group.letters for group in groups),
        "open": sum(group.still_open for group in groups),
        "groups": [asdict(group) for group in groups],
        "letters": [letter.model_dump(mode="json", exclude={"payload_base64"}) for letter in letters],
    }
    return json.dumps(answer, indent=2, default=str)


def _show(groups: Sequence[ReasonGroup], letters: Sequence[LetterLine]) -> None:
    console = Console(highlight=False)
    if not groups:
        console.print("no dead letters")
        return
    total, still_open = sum(group.letters for group in groups), sum(group.still_open for group in groups)
    console.print(f"{total:,} dead letters, {still_open:,} open")
    table = Table(
        "letters", "open", "topic", "reason", "field", "latest (UTC)", "for example", box=None, padding=(0, 2, 0, 0)
    )
    for group in groups:
        table.add_row(
            f"{group.letters:,}", f"{group.still_open:,}", group.topic, group.reason, group.field or "-",
            f"{group.latest:%Y-%m-%d %H:%M}", _plain(group.example),
        )  # fmt: skip
    console.print(table)
    console.print()
    newest = Table(
        "id", "received (UTC)", "topic/partition/offset", "reason", "state", "detail", box=None, padding=(0, 2, 0, 0)
    )
    for letter in letters:
        newest.add_row(
            Text(letter.dead_letter_id[:SHORT], no_wrap=True), f"{letter.received_at:%Y-%m-%d %H:%M:%S}",
            f"{letter.topic}/{letter.partition}/{letter.offset}", letter.reason, letter.replay_outcome or "open",
            _plain(letter.detail),
        )  # fmt: skip
    console.print(newest)
    if len(letters) < total:
        console.print(f"the newest {len(letters):,} of {total:,}; --limit 0 shows all")
    console.print("more of one: terradrift dead-letters show ID")


def _plain(text: str) -> Text:
    """What came with a message is shown as it is, never read as markup."""
    return Text(text if len(text) <= SHOWN_DETAIL else text[: SHOWN_DETAIL - 1] + "…")
