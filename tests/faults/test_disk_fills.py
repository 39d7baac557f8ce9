"""A disk that fills while the system runs: said clearly, nothing lost, nothing twice, and all goes on once there is room."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.embedded.addresses import ClickHouseAddress
from infra.embedded.clickhouse import ClickHouseServer
from infra.embedded.clickhouse_config import KEPT_FREE_BYTES
from infra.embedded.files import read_json
from infra.store.rocks import RocksStore
from schemas.errors import UnavailableError
from tests.faults.outage_system import Load, OutageSystem, require_kafka, running_system
from tests.faults.small_disk import SmallDisk, small_disk
from tests.support.engine import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]
ROOT = Path(__file__).resolve().parents[2]
FULL_SECONDS = 90.0
STAYS_FULL = 40
LEFT_BYTES = KEPT_FREE_BYTES // 2  # full for ClickHouse, which keeps twice as much free
NO_ROOM = "space"
START_SECONDS, STOP_SECONDS = 90.0, 60.0


class ClickHouseOnDisk(ClickHouseServer):
    """The embedded ClickHouse with all it has on a small disk."""

    def __init__(self, disk: SmallDisk) -> None:
        super().__init__(disk.path)
        self._disk = disk

    def start(self) -> ClickHouseAddress:
        ready = self._disk.path.with_suffix(".address")  # beside the disk: all may see it
        command = (sys.executable, "-m", "infra.embedded.clickhouse", "--dir", str(self._disk.path))
        environment = {"PYTHONPATH": str(ROOT)}
        self._process = self._disk.popen((*command, "--ready-file", str(ready)), environment, ROOT)
        wait_until(ready.exists, START_SECONDS)
        self.address = ClickHouseAddress.from_json(read_json(ready) or {})
        return self.address

    def stop(self) -> int | None:
        self._process.terminate()
        return self._process.wait(STOP_SECONDS)


def test_while_the_disk_of_clickhouse_is_full_the_engine_goes_on_and_the_sink_catches_up(tmp_path: Path) -> None:
    require_kafka()
    with (
        small_disk(tmp_path / "disk", "size=700m") as disk,
        running_system(tmp_path, ClickHouseOnDisk(disk)) as system,
    ):
        load = Load(system.broker.bootstrap, "disk-full")
        load.start()
        system.pass_time(3)
        fill_until(disk, lambda: NO_ROOM in system.sink.words(), system)
        lags = system.lags()
        disk.make_room()
        system.pass_time(3)
        system.add(load)
        system.catch_up()
        assert system.stored() == system.sent, f"{lags}\n{system.last_words()}"
        system.assert_nothing_is_stored_twice()
        assert system.worker.exits == system.sink.exits == [], "both wait or go on; neither need end"


def fill_until(disk: SmallDisk, holds: Callable[[], bool], system: OutageSystem) -> None:
    """Keep the disk full (merges of parts make room again), and a while longer once it `holds`."""
    deadline = time.monotonic() + FULL_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"nobody misses room:\n{system.last_words()}"
        disk.fill(LEFT_BYTES)
        system.pass_time(0.2)
    for _ in range(STAYS_FULL):
        disk.fill(LEFT_BYTES)
        system.pass_time(0.2)


def test_a_state_store_whose_disk_fills_names_its_folder_and_what_to_do_and_gives_the_room_back(tmp_path: Path) -> None:
    """RocksDB writes in the background and says so at one of the next writes: the worker ends there, uncommitted."""
    with small_disk(tmp_path / "disk", "size=80m") as disk:
        store, rng = RocksStore(disk.seen / "store"), random.Random(1)
        with pytest.raises(UnavailableError, match=r"store cannot be written: .*No space left.*free the disk"):
            write(store, rng, 400)
        store.close()
        assert not (disk.seen / "store").exists(), "the room is free again for whoever starts next"


def write(store: RocksStore, rng: random.Random, megabytes: int) -> None:
    for number in range(megabytes):
        store.apply({number.to_bytes(4, "big"): rng.randbytes(1_000_000)})
