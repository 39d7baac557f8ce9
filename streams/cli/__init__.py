"""The command line: `terradrift --help` teaches it."""

import os

# Small matrices: threads of the linear algebra only get into each other's way. Must be said before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from streams.cli.main import main

__all__ = ["main"]
