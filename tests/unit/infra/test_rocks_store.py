"""The store on disk keeps what it is given, says the same as the one in memory, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.store.rocks import RocksStore
from schemas.errors import UnavailableError
from schemas.settings import Company, Settings
from schemas.topics import ACCOUNTS, ORDERS, VISIT_REPORTS
from streams.handlers.activity.stage import ActivityStage
from streams.ports import MemoryStore, Store
from streams.table import Table
from tests.support.bench import Bench
from tests.support.events import a_tick, a_visit, an_account, an_order


def test_a_batch_writes_and_takes_away(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "store")
    store.apply({b"a": b"1", b"b": b"2"})
    store.apply({b"a": None, b"b": b"3", b"never": None})
    assert [store.get(key) for key in (b"a", b"b", b"never")] == [None, b"3", None]
    assert store.find([b"b", b"a", b"b"]) == [b"3", None, b"3"]
    store.close()
    assert not (tmp_path / "store").exists()


def test_what_a_crash_left_in_the_folder_is_not_read(tmp_path: Path) -> None:
    left = RocksStore(tmp_path / "store")
    left.apply({b"a": b"1"})
    left._database.close()  # as after a crash: closed by the system, not removed
    assert RocksStore(tmp_path / "store").get(b"a") is None


def test_a_folder_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be opened"):
        RocksStore(tmp_path / "file" / "store")


def test_the_activity_stage_says_and_keeps_the_same_with_any_store(tmp_path: Path) -> None:
    said = [story(store) for store in (MemoryStore(), Table(), RocksStore(tmp_path / "store"))]
    assert said[0].emits == said[1].emits == said[2].emits
    assert said[0].counts == said[1].counts == said[2].counts
    assert dict(said[0].store.items()) == dict(said[1].store.items()) == dict(said[2].store.items())


def story(store: Store) -> Bench:
    """Accounts, orders, a repetition, a conflict, a return, visits, a move, closings."""
    bench = Bench(ActivityStage(Settings(company=Company(unknown_accounts="create")), "log"), store)
    bench.feed(ACCOUNTS, *(an_account(f"a{i}") for i in range(5)))
    for week in range(8):
        when = f"2026-{3 + week // 4:02d}-{1 + 7 * (week % 4):02d}"
        bench.feed(ORDERS, *(an_order(f"o{week}-{i}", "12.50", when, account_id=f"a{i % 7}") for i in range(30)))
        bench.feed(ORDERS, an_order(f"o{week}-1", "12.50", when), an_order(f"o{week}-2", "99.00", when))
        bench.feed(ORDERS, an_order(f"r{week}", "2.50", when, status="returned"))
        bench.feed(VISIT_REPORTS, *(a_visit(f"v{week}-{i}", when=when) for i in range(4)), a_tick(when))
    bench.feed(ACCOUNTS, an_account("a1", when="2026-04-28", region_id="west"))
    return bench
