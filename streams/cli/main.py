"""The commands, and what becomes of an error: a sentence for the person, never a traceback."""

from __future__ import annotations

import errno
import logging
import sys

import click

import infra
from schemas.errors import TerradriftError
from streams.cli.backtest import backtest
from streams.cli.console import console
from streams.cli.crm import crm
from streams.cli.dead_letters import dead_letters
from streams.cli.demo import demo
from streams.cli.design import design
from streams.cli.erasing import erase, held
from streams.cli.notify import notify
from streams.cli.processes import provision, sink, worker
from streams.cli.rebalance import rebalance
from streams.cli.redesign import redesign
from streams.cli.replay import replay
from streams.cli.status import status
from streams.cli.up import up
from streams.cli.what_if import what_if

UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})
"""What a disk may say that no program can help: full, over its quota, read-only, not ours, broken."""
GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
"""And of a place that was taken away meanwhile."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(infra.VERSION, prog_name="terradrift")
def commands() -> None:
    """Keeps a field-sales company's territories in step with its market, continuously.

    \b
    See it work:            terradrift demo
    Run it:                 terradrift up
    Bring your own data:    terradrift replay FOLDER --wait
    First territories:      terradrift design --reps 12
    A territory file:       terradrift rebalance --instance FILE.npz
    What would happen if:   terradrift what-if --help
    Once a year, anew:      terradrift redesign
    How is it doing:        terradrift status
    What was refused:       terradrift dead-letters list
    Who is told:            terradrift notify --dry-run
    Changes to the CRM:     terradrift crm --help
    What is held of whom:   terradrift held account ID
    Would it have worked:   terradrift backtest --help
    """


for command in (
    demo,
    up,
    status,
    replay,
    design,
    rebalance,
    what_if,
    redesign,
    backtest,
    dead_letters,
    console,
    notify,
    crm,
    erase,
    held,
    worker,
    sink,
    provision,
):
    commands.add_command(command)


def main() -> int:
    """Run a command; the exit status. 0 done, 1 a stated error, 2 a misused command, 130 Ctrl-C."""
    for library in ("kafka", "clickhouse_connect", "urllib3"):  # what matters of them comes as an error of ours
        logging.getLogger(library).setLevel(logging.CRITICAL)
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
    except OSError as error:
        if error.errno not in UNWRITABLE | GONE:
            raise
        what = "is not there" if error.errno in GONE else "cannot be written"
        click.echo(f"terradrift: {error.filename or 'a file'} {what}: {error.strerror}", err=True)
        return 1
