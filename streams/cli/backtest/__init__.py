"""`terradrift backtest`: the models of the stream on a history of your own."""

from __future__ import annotations

import click

from streams.cli.backtest.alerts import alerts


@click.group()
def backtest() -> None:
    """Run the stream's own models over a history, without a running system."""


backtest.add_command(alerts)
