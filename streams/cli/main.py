"""The commands, and what becomes of an error: a sentence for the person, never a traceback."""

from __future__ import annotations

import logging
import sys

import click

import infra
from schemas.errors import TerradriftError
from streams.cli.dead_letters import dead_letters
from streams.cli.demo import demo
from streams.cli.design import design
from streams.cli.processes import provision, sink, worker
from streams.cli.replay import replay
from streams.cli.status import status
from streams.cli.up import up


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(infra.VERSION, prog_name="terradrift")
def commands() -> None:
    """Keeps a field-sales company's territories in step with its market, continuously.

    \b
    See it work:            terradrift demo
    Run it:                 terradrift up
    Bring your own data:    terradrift replay FOLDER --wait
    First territories:      terradrift design --reps 12
    How is it doing:        terradrift status
    What was refused:       terradrift dead-letters list
    """


for command in (demo, up, status, replay, design, dead_letters, worker, sink, provision):
    commands.add_command(command)


def main() -> int:
    """Run a command; the exit status. 0 done, 1 a stated error, 2 a misused command, 130 Ctrl-C."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what matters of it comes as an error of ours
    try:
        return int(commands(standalone_mode=False) or 0)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return 130
    except click.ClickException as misuse:
        misuse.show(sys.stderr)
        return misuse.exit_code
    except TerradriftError as error:
        click.echo(f"terradrift: {error}", err=True)
        return 1
