"""`terradrift dead-letters replay`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import connect
from infra.clickhouse.letters import LetterFilter, LetterLine, newest_letters
from schemas.mending import Fate, Mend
from streams.cli.dead_letters.choosing import SHORT, filter_options, in_utc, whole_id
from streams.cli.options import directory_option, json_option
from streams.system.reach import reach
from streams.system.replaying import Replay

NOT_DONE = 3
WAIT_SECONDS = 30.0
AT_THE_TERMINAL = "terminal"


@click.command("replay")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@filter_options
@click.option("--file", "file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Send the content of this file instead; for one letter.")  # fmt: skip
@click.option("--edit", "edits", multiple=True, metavar="FIELD=VALUE", help="Set a field of the message; FIELD:=JSON for null, lists and the like.")  # fmt: skip
@click.option("--drop", "dropped", multiple=True, metavar="FIELD", help="Take a field out of the message.")
@click.option("--dry-run", is_flag=True, help="Only say which would pass; nothing is sent or recorded.")
@click.option("--again", is_flag=True, help="Also letters that were sent again before.")
@click.option("--wait", "wait_seconds", default=WAIT_SECONDS, show_default=True, type=click.FloatRange(min=0), help="Seconds to wait for the outcome; 0: only send.")  # fmt: skip
@directory_option
@json_option
def replay_letters(
    ids: tuple[str, ...],
    reasons: tuple[str, ...],
    topics: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    file: Path | None,
    edits: tuple[str, ...],
    dropped: tuple[str, ...],
    dry_run: bool,
    again: bool,
    wait_seconds: float,
    directory: Path,
    as_json: bool,
) -> int:
    """Send letters again to the topic they came from, as they were or mended, and say what became of each.

    A message that would be refused again is not sent. A letter is sent once; --again sends it once more. A message that
    was accepted before changes nothing when it comes again, for its event_id is known.

    \b
    As it was (the account is known now):  terradrift dead-letters replay 3f9c01
    Mended in a file:                      terradrift dead-letters replay 3f9c01 --file fixed.json
    Mended in fields:                      terradrift dead-letters replay 3f9c01 --edit amount=12.50 --drop colour
    A field without a value:               terradrift dead-letters replay 3f9c01 --edit rep_id:=null
    All open letters of a reason:          terradrift dead-letters replay --reason unknown_account --dry-run
    The same mend for all of a feed:       terradrift dead-letters replay --reason unknown_field --drop colour

    Exit status 3 when a letter was not sent or was refused again.
    """
    _check(ids, (*reasons, *topics, since, until), file)
    mend = _mend(file, edits, dropped)
    wanted = LetterFilter((), reasons, topics, in_utc(since), in_utc(until), None if again else False)
    place = reach(directory)
    client = connect(place.access)
    try:
        lines = _chosen(client, ids, wanted)
        tell = (lambda _: None) if as_json else _tell
        fates = Replay(client, place, mend, again, tell, AT_THE_TERMINAL).run(lines, dry_run, wait_seconds)
    finally:
        client.close()
    counts = Counter(fate.outcome for fate in fates)
    if as_json:
        click.echo(json.dumps({"counts": counts, "letters": [asdict(fate) for fate in fates]}, indent=2))
    else:
        click.echo(
            ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(counts.items())) or "no letters of that kind are open"
        )
    return NOT_DONE if counts["not sent"] or counts["refused"] else 0


def _check(ids: Sequence[str], conditions: Sequence[object], file: Path | None) -> None:
    """Raise UsageError unless it is clear what is asked for."""
    if bool(ids) == any(conditions):
        raise click.UsageError(
            "name letters by their ids, or by --reason, --topic, --since, --until (one way, not both)"
        )
    if file is not None and len(ids) != 1:
        raise click.UsageError("--file is the message of one letter: name exactly one id")


def _chosen(client: Client, ids: Sequence[str], wanted: LetterFilter) -> list[LetterLine]:
    if ids:
        wanted = LetterFilter(ids=tuple(whole_id(client, start) for start in dict.fromkeys(ids)))
    return newest_letters(client, wanted, limit=0)


def _mend(file: Path | None, edits: Sequence[str], dropped: Sequence[str]) -> Mend:
    values: list[tuple[str, str]] = []
    as_json: list[tuple[str, str]] = []
    for edit in edits:
        name, equals, value = edit.partition("=")
        if not equals or not name.rstrip(":"):
            raise click.UsageError(f"--edit {edit!r}: write FIELD=VALUE")
        (as_json if name.endswith(":") else values).append((name.rstrip(":"), value))
    if file is not None and (values or as_json or dropped):
        raise click.UsageError("--file is the whole message: it goes without --edit and --drop")
    return Mend(file.read_bytes() if file else None, tuple(values), tuple(as_json), tuple(dropped))


def _tell(fate: Fate) -> None:
    place = "" if fate.offset is None else f" at {fate.topic}/{fate.partition}/{fate.offset}"
    click.echo(f"{fate.dead_letter_id[:SHORT]}  {fate.outcome}{place}" + (f": {fate.detail}" if fate.detail else ""))
