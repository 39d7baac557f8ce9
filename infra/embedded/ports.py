"""Loopback ports: free, and the same again after a restart, so that bookmarks and BI connections survive."""

from __future__ import annotations

import secrets
import socket

LOOPBACK = "127.0.0.1"
# Below the range from which systems hand out ports for outgoing connections: a remembered port stays free meanwhile.
LOWEST, HIGHEST = 20_000, 30_000
ATTEMPTS = 100


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now (connections of a former server do not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port if it is free, else a random free one. Raises OSError when none is found."""
    if preferred is not None and is_free(preferred):
        return preferred
    for _ in range(ATTEMPTS):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if is_free(port):
            return port
    raise OSError(f"no free port found between {LOWEST} and {HIGHEST}")
