"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import click

from schemas.errors import TerradriftError
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


def place_for(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    """The file that an answer shall go to, "-" or none. Raises TerradriftError where it cannot be written: said before
    anything is reckoned, not after the answer is there and has nowhere to go."""
    if file is None or str(file) == "-":
        return file
    if not file.parent.is_dir():
        raise TerradriftError(f"{file} cannot be written: there is no folder {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise TerradriftError(f"{file} cannot be written: not allowed")
    return file
