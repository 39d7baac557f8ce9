"""`terradrift dead-letters list|show|replay`: what was refused, why, and how it is sent again."""

from __future__ import annotations

import click

from streams.cli.dead_letters.listing import list_letters
from streams.cli.dead_letters.replay import replay_letters
from streams.cli.dead_letters.show import show_letter


@click.group(name="dead-letters")
def dead_letters() -> None:
    """Messages that could not be applied: look at them, mend them, send them again.

    \b
    What was refused, and why:     terradrift dead-letters list
    Only what is still open:       terradrift dead-letters list --open --since 2026-03-01
    One letter, with a hint:       terradrift dead-letters show 3f9c01
    Its message into a file:       terradrift dead-letters show 3f9c01 --payload > fixed.json
    Mended in that file:           terradrift dead-letters replay 3f9c01 --file fixed.json
    Mended in one field:           terradrift dead-letters replay 3f9c01 --edit amount=12.50
    Which of many would pass now:  terradrift dead-letters replay --reason unknown_account --dry-run
    Send those that would:         terradrift dead-letters replay --reason unknown_account

    Without a system in the directory, TERRADRIFT_KAFKA, TERRADRIFT_CLICKHOUSE_URL and the other variables of a worker
    say where to look.
    """


for command in (list_letters, show_letter, replay_letters):
    dead_letters.add_command(command)
