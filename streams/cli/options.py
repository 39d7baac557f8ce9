"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from streams.system.supervisor import default_directory

directory_option = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_directory,
    show_default=".terradrift, or TERRADRIFT_DIR",
    help="Directory of the system: data, logs, addresses.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="For machines: one JSON object on standard output.")
config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="terradrift.toml; without it every setting has its default (see examples/terradrift.toml).",
)
