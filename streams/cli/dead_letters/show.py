"""`terradrift dead-letters show`."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from infra.clickhouse.client import connect
from infra.clickhouse.letters import Letter, replays_of
from schemas.errors import TerradriftError
from schemas.rows import DeadLetterReplayRow
from streams.cli.dead_letters.choosing import one_letter
from streams.cli.options import directory_option, json_option
from streams.handlers.mending import hint, original, topic_of
from streams.system.reach import reach
from streams.system.replaying import present_outcomes

SHOWN_BYTES = 4_000


@click.command("show")
@click.argument("letter_id", metavar="ID")
@click.option("--payload", is_flag=True, help="Only the original message, byte for byte, to be mended in a file.")
@directory_option
@json_option
def show_letter(letter_id: str, payload: bool, directory: Path, as_json: bool) -> None:
    """Everything about one letter: the place, the reason, the message, what was done about it, and how to mend it.

    ID is any unambiguous beginning of the letter's id.

    \b
    terradrift dead-letters show 3f9c01
    terradrift dead-letters show 3f9c01 --payload > fixed.json
    """
    client = connect(reach(directory).access)
    try:
        letter = one_letter(client, letter_id)
        attempts = present_outcomes(client, replays_of(client, letter.dead_letter_id))
    finally:
        client.close()
    if payload:
        click.echo(original(letter), nl=False)
    elif as_json:
        click.echo(json.dumps(_as_json(letter, attempts), indent=2, ensure_ascii=False))
    else:
        _show(letter, attempts)


def _as_json(letter: Letter, attempts: Sequence[DeadLetterReplayRow]) -> dict[str, Any]:
    return {
        **letter.model_dump(mode="json"),
        "payload": _text(letter),
        "can_be_replayed": _obstacle(letter) == "",
        "obstacle": _obstacle(letter),
        "hint": hint(letter),
        "attempts": [attempt.model_dump(mode="json") for attempt in attempts],
    }


def _show(letter: Letter, attempts: Sequence[DeadLetterReplayRow]) -> None:
    cut = len(b64decode(letter.payload_base64))
    size = f"{letter.payload_bytes:,} bytes" + (f", the first {cut:,} kept" if cut < letter.payload_bytes else "")
    lines = [
        ("letter", letter.dead_letter_id),
        ("received", f"{letter.received_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("place", f"topic {letter.topic}, partition {letter.partition}, offset {letter.offset} (log {letter.log_id})"),
        ("key", letter.key or "none"),
        ("reason", letter.reason),
        ("field", letter.field or "the whole message"),
        ("detail", letter.detail),
        ("hint", hint(letter)),
        ("state", "open" if not attempts else f"sent again {len(attempts)} time{'s' if len(attempts) > 1 else ''}"),
    ]
    lines += [("attempt", _attempt(attempt)) for attempt in attempts]
    if obstacle := _obstacle(letter):
        lines.append(("replay", obstacle))
    for name, text in lines:
        click.echo(f"{name:<10}{text}")
    click.echo(f"message   {size}\n")
    click.echo(_message(letter))


def _message(letter: Letter) -> str:
    """The beginning of the payload, as text where it is text."""
    text = _text(letter)
    if text is None:
        return f"(not text) {b64decode(letter.payload_base64)[:SHOWN_BYTES].hex(' ', 4)}"
    more = f"\n... {len(text) - SHOWN_BYTES:,} characters more" if len(text) > SHOWN_BYTES else ""
    return text[:SHOWN_BYTES] + more


def _attempt(attempt: DeadLetterReplayRow) -> str:
    place = "" if attempt.offset is None else f", to {attempt.topic}/{attempt.partition}/{attempt.offset}"
    changed = "mended" if attempt.mended else "as it was"
    meaning = "it was interrupted: perhaps sent" if attempt.outcome == "sending" else attempt.outcome
    return f"{attempt.started_at:%Y-%m-%d %H:%M:%S} UTC, {changed}{place}: {meaning}" + (
        f" ({attempt.detail})" if attempt.detail else ""
    )


def _obstacle(letter: Letter) -> str:
    """Why the letter cannot be sent again by itself, "" if it can."""
    try:
        topic_of(letter)
        original(letter)
    except TerradriftError as error:
        return str(error)
    return ""


def _text(letter: Letter) -> str | None:
    """The payload as far as it was kept, where it is text; a character cut in the middle at the end is left out."""
    kept = b64decode(letter.payload_base64)
    for end in range(4 if len(kept) < letter.payload_bytes else 1):
        try:
            return kept[: len(kept) - end].decode()
        except UnicodeDecodeError:
            continue
    return None
