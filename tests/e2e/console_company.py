"""A running system with a small company in it, and people who may sign in to its console."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page
from system import System

from console.access.passwords import hashed
from console.access.rights import Person
from console.access.users import save_user
from infra.feeds.publish import publish, wait_until_done
from infra.simulator.company import build
from infra.simulator.size import DemoSize
from streams.system.runtime import Runtime, find, refresh_kpis

PASSWORD = "only for these tests"
START_SECONDS = 400.0
SIZE = DemoSize(accounts=300, reps_per_region=4, history_weeks=44, live_weeks=34, opportunities=40)
PEOPLE = (
    Person("mia", ("manager",), ("*",)), Person("omar", ("operator",), ("*",)), Person("rosa", ("rep",), (), "R01"),
    Person("adam", ("admin",)),
)  # fmt: skip


@contextmanager
def a_company(directory: Path, size: DemoSize = SIZE) -> Iterator[System]:
    """`terradrift up` with the life of a demo company. TERRADRIFT_TEST_SYSTEM names one that runs already, to save minutes."""
    running = os.environ.get("TERRADRIFT_TEST_SYSTEM")
    system = System(Path(running) if running else directory)
    try:
        if not running:
            system.start(START_SECONDS)
        runtime = find(system.directory)
        for person in PEOPLE:
            save_user(system.directory / "users.toml", person, hashed(PASSWORD))
        if not running:
            _live(runtime, size)
        yield system
    finally:
        if not running:
            system.stop()


def _live(runtime: Runtime, size: DemoSize) -> None:
    publish(build(size).feed(), runtime.kafka)
    wait_until_done(runtime.kafka, is_quiet=lambda: runtime.solves_running() == 0)
    refresh_kpis(runtime)


def signed_in(browser: Browser, base: str, name: str, **context: object) -> tuple[BrowserContext, Page]:
    """Somebody in front of the console, past the sign-in page. The page fails the test on any error of a script."""
    opened = browser.new_context(base_url=base, **context)  # type: ignore[arg-type]
    page = opened.new_page()
    page.set_default_timeout(30_000)
    page.goto("/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return opened, page
