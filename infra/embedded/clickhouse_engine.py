"""The process that is the embedded ClickHouse: `clickhouse-local`, inside the chdb-core wheel, with its own listeners.

The listeners live while one query text runs, and that text blocks on a FIFO; closing the FIFO ends it and the server
shuts down cleanly. The engine is entered by `chdb._chdb.query`, a private binding: hence the pinned version and ping.
"""

from __future__ import annotations

import http.client
import importlib
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from infra.clickhouse.bi_access import queries_of, regions_of
from infra.embedded.addresses import DATABASE, ClickHouseAddress
from infra.embedded.clickhouse_config import RUN_FIFO, claim_address, write_configuration
from infra.embedded.files import FileLock, write_private_json

LOCK_PATIENCE_SECONDS = 20.0
PING_SECONDS = 60.0
STOP_SECONDS = 15.0
TICK_SECONDS = 0.2
PING_EVERY_SECONDS = 0.05
STUCK = 70
DEFAULT_FORMAT = "TabSeparated"  # of queries over HTTP that name none, as on a server


class Engine:
    """The query text in a thread of its own, and the descriptor whose closing ends it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fifo_opened = threading.Event()
        self._fifo: int | None = None
        self.ended = threading.Event()
        self.error: BaseException | None = None

    def start(self) -> None:
        os.environ["TZ"] = "UTC"  # a time zone in config.xml is not heeded here
        time.tzset()
        # Importing chdb opens a connection, which would read our config.xml if it lay in the working directory.
        chdb = importlib.import_module("chdb._chdb")

        fifo = self._folder / RUN_FIFO
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo, mode=0o600)
        os.chdir(self._folder)
        chdb.set_signal_handlers_enabled(0)  # Python handles our signals
        statements = _statements(fifo)

        def run() -> None:
            try:
                chdb.query(statements, DEFAULT_FORMAT, path=str(self._folder / "data"))
            except BaseException as error:  # whatever it was, the main thread ends the process with it
                self.error = error
            finally:
                self.ended.set()

        def hold_open() -> None:
            self._fifo = os.open(fifo, os.O_WRONLY)
            self._fifo_opened.set()

        threading.Thread(target=run, daemon=True).start()
        threading.Thread(target=hold_open, daemon=True).start()

    def stop(self) -> None:
        """Let the blocking query reach its end of file; `ended` is set once the server is down."""
        if self._fifo_opened.wait(STOP_SECONDS) and self._fifo is not None:
            os.close(self._fifo)
            self._fifo = None


def _statements(fifo: Path) -> str:
    quoted = str(fifo).replace("\\", "\\\\").replace("'", "\\'")
    return f"""
        CREATE DATABASE IF NOT EXISTS {DATABASE};
        SYSTEM START LISTEN HTTP;
        SYSTEM START LISTEN TCP;
        SELECT * FROM file('{quoted}', 'LineAsString', 'line String') FORMAT Null;
        SYSTEM STOP LISTEN HTTP;
        SYSTEM STOP LISTEN TCP;
    """  # noqa: S608  a path of our own, quoted


def answers(address: ClickHouseAddress) -> bool:
    """Whether the server answers /ping now."""
    connection = http.client.HTTPConnection(address.host, address.http_port, timeout=2)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def serve(folder: Path, logs: Path, ready_file: Path, patience_seconds: float = LOCK_PATIENCE_SECONDS) -> int:
    """Run the server of `folder` until SIGTERM or SIGINT; returns the exit code.

    `ready_file` is written (the address, private) once the server answers. Raises HeldError when another process has
    the folder and does not leave it within `patience_seconds` (a predecessor may be on its way out).
    """
    lock = FileLock(folder / "lock").acquire(patience_seconds)
    address = claim_address(folder)
    bi_regions = regions_of(os.environ.get("TERRADRIFT_BI_REGIONS", ""))
    write_configuration(folder, logs, address, bi_regions, queries_of(os.environ.get("TERRADRIFT_BI_QUERIES", "")))
    stop_asked = _stop_signals()
    engine = Engine(folder)
    engine.start()

    def running() -> bool:
        return not stop_asked.is_set() and not engine.ended.is_set()

    deadline = time.monotonic() + PING_SECONDS
    while running() and not answers(address):
        if time.monotonic() > deadline:
            _leave(f"ClickHouse did not answer {address.url}/ping within {PING_SECONDS:g} s")
        time.sleep(PING_EVERY_SECONDS)
    if running():
        write_private_json(ready_file, address.as_json())
    while running():
        engine.ended.wait(TICK_SECONDS)  # short: a signal handler only runs between two steps of the main thread
    if stop_asked.is_set():
        engine.stop()
    if not engine.ended.wait(STOP_SECONDS):
        _leave(f"ClickHouse did not stop within {STOP_SECONDS:g} s")
    lock.release()
    if engine.error is None and stop_asked.is_set():
        return 0
    sys.stderr.write(f"ClickHouse ended: {engine.error or 'nobody asked it to'}\n")
    return 1


def _stop_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop_asked = threading.Event()

    def ask_stop(_number: int, _frame: FrameType | None) -> None:
        stop_asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_stop)
    return stop_asked


def _leave(reason: str) -> NoReturn:
    """End at once, past threads that would never join."""
    sys.stderr.write(f"{reason}\n")
    sys.stderr.flush()
    os._exit(STUCK)
