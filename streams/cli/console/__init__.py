"""`terradrift console`: serve the web console, add users, print sign-in links."""

from __future__ import annotations

import click

from streams.cli.console.serving import link, serve_console
from streams.cli.console.users import add_user


@click.group("console")
def console() -> None:
    """The web console and its HTTP API. `terradrift up` starts one by itself."""


for command in (serve_console, add_user, link):
    console.add_command(command)
