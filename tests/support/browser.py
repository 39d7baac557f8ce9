"""The system's own Chromium, driven by Playwright; where there is none, tests say so loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Its path. Skips the test without one; fails it where CI=true."""
    found = next((path for name in NAMES if (path := shutil.which(name))), "")
    if not found:
        message = "NOT TESTED in a browser: no Chromium here; install Debian's package chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def a_browser() -> Iterator[Browser]:
    """A headless Chromium. Without a sandbox for root, who cannot have one in a container."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
