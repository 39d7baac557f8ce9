"""kill -9 changes nothing: every order counts once, and the same alerts and suggestions arise, row by row."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import moments

from infra.simulator.company import Company
from streams.system.processes import RoleProcess
from tests.faults.small_disk import small_disk
from tests.support.engine import Engine, kill, pause, wait_until
from tests.support.truth import Outcome, Truth, assert_exact, assert_said_once, assert_same_results, outcome_of

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]
KILLS = 20
KILLS_ON_DISK = 5
FULL_AT, READ_ONLY_AT = 1, 3
END_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and its log."""

    status: int | None
    words: str


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A run with the state on disk, and what workers said whose disk would not have it."""

    outcome: Outcome
    said: dict[str, Ended]


def test_a_worker_killed_twenty_times_counts_everything_once_and_says_the_same(
    company: Company, truth: Truth, undisturbed: Outcome, tmp_path: Path
) -> None:
    with Engine(tmp_path) as engine:
        outcome = after_kills(engine, company, moments(truth, KILLS, seed=20))
    assert_exact(outcome, truth)
    assert_same_results(outcome, undisturbed)


@pytest.fixture(scope="module")
def on_disk(company: Company, truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    """A killed worker whose disk is full, then read-only, when it comes back; each time there is room again in the end."""
    folder = tmp_path_factory.mktemp("on-disk")
    with small_disk(folder / "disk", "size=1g") as disk, small_disk(folder / "readonly", "ro") as readonly:
        kept = {"TERRADRIFT_STORE": "rocksdb", "TERRADRIFT_STORE_FOLDER": str(disk.seen / "store")}
        with Engine(folder, kept) as engine:
            worker = engine.process("worker")
            engine.process("sink")
            load = engine.load(company.feed(), moments(truth, KILLS_ON_DISK, seed=22))
            said: dict[str, Ended] = {}
            rng = random.Random(23)
            for step in load.wait_for_moments():
                pause(rng.uniform(0, 0.5))
                kill(worker)
                if step == FULL_AT:
                    shutil.rmtree(disk.seen / "store")  # what the killed one left would be room enough for the next
                    disk.fill()
                    worker.start()
                    said["full"] = end_of(worker)
                    disk.make_room()
                if step == READ_ONLY_AT:
                    elsewhere = {"TERRADRIFT_STORE_FOLDER": str(readonly.seen / "store")}
                    stranger = engine.process("worker", "read-only", elsewhere)
                    engine.may_fall.add(stranger)
                    said["read-only"] = end_of(stranger)
                worker.start()
            load.finish()
            engine.wait_until_done()
            assert any((disk.seen / "store").iterdir())
            return OnDisk(outcome_of(engine.client, engine.bootstrap), said)


def end_of(process: RoleProcess) -> Ended:
    wait_until(lambda: not process.alive(), END_SECONDS)
    return Ended(process.exit_code, process.log.read_text(encoding="utf-8", errors="replace"))


def test_a_worker_that_keeps_its_state_on_disk_is_as_exact_when_killed(
    on_disk: OnDisk, truth: Truth, undisturbed: Outcome
) -> None:
    """What a killed worker leaves in its folder is a cache of the changelog, and is never read again."""
    assert_exact(on_disk.outcome, truth)
    assert_same_results(on_disk.outcome, undisturbed)


@pytest.mark.parametrize(
    ("trouble", "sentence"), [("full", "No space left on device"), ("read-only", "Read-only file system")]
)
def test_a_worker_whose_store_finds_no_room_names_the_folder_and_ends(
    on_disk: OnDisk, trouble: str, sentence: str
) -> None:
    ended = on_disk.said[trouble]
    assert ended.status == 1, ended.words[-3000:]
    last = ended.words.strip().splitlines()[-1]
    assert "the state store in " in last, ended.words[-3000:]
    assert sentence in last, ended.words[-3000:]


def after_kills(engine: Engine, company: Company, faults: Sequence[int]) -> Outcome:
    worker = engine.process("worker")
    engine.process("sink")
    load = engine.load(company.feed(), faults)
    rng = random.Random(21)
    for _ in load.wait_for_moments():
        pause(rng.uniform(0, 0.5))
        kill(worker)
        worker.start()
    load.finish()
    engine.wait_until_done()
    return outcome_of(engine.client, engine.bootstrap)


def test_the_undisturbed_run_is_exact_too(truth: Truth, undisturbed: Outcome) -> None:
    assert_exact(undisturbed, truth)
    assert_said_once(undisturbed)
