"""The command line: `terradrift --help` teaches it."""

from streams.cli.main import main

__all__ = ["main"]
