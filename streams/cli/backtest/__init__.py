"""`terradrift backtest`: what the models would have said of a company's own history, day by day, and how right they were."""

from __future__ import annotations

import click

from streams.cli.backtest.alerts import alerts
from streams.cli.backtest.potential import potential


@click.group()
def backtest() -> None:
    """Play a history of orders through the models, without looking ahead, and compare with what came."""


backtest.add_command(potential)
backtest.add_command(alerts)
