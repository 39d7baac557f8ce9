"""Pictures of every page for the README: `make screenshots` (minutes: it lives through a small company first)."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from console_company import a_company, signed_in
from kafka import KafkaProducer
from playwright.sync_api import Browser, Page
from system import System

from infra.feeds.connection import client_options
from schemas.topics import ORDERS
from streams.system.runtime import find
from tests.support.browser import a_browser

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDE = {"width": 1200, "height": 800}
PHONE = {"width": 375, "height": 720}
REFUSED = {"event_id": "e1", "occurred_at": "2025-06-27T10:00:00Z", "order_id": "SO-10492", "account_id": "A00005",
           "amount": "1.250,00", "currency": "EUR"}  # fmt: skip


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, a_company(Path(folder) / "company") as system, a_browser() as browser:
        base = system.status()["console_url"]
        manager(browser, base)
        operator(browser, base)
        others(browser, base)
        afterwards(browser, base, system)


def manager(browser: Browser, base: str) -> None:
    context, page = signed_in(browser, base, "adam", viewport=WIDE)
    take(page, "/", "today")
    take(page, "/suggestions", "suggestions")
    if page.locator(".inbox h2 a").count():
        take(page, str(page.locator(".inbox h2 a").first.get_attribute("href")), "suggestion")
        page.evaluate("document.getElementById('effects').scrollIntoView()")
        save(page, "suggestion-effects")
        page.locator("#moves").scroll_into_view_if_needed()
        page.evaluate("document.getElementById('moves').scrollIntoView()")
        save(page, "suggestion-moves")
        page.evaluate("document.getElementById('scenarios')?.scrollIntoView()")
        save(page, "suggestion-frontier")
    page.goto("/what-if")
    rep = page.locator("input[name=rep_leaves]").first.get_attribute("value")
    take(page, f"/what-if?rep_leaves={rep}&market_percent=-10", "what-if", seen="#answer")
    take(page, "/territories", "territories")
    context.close()
    context, page = signed_in(browser, base, "mia", viewport=PHONE, locale="fr", color_scheme="dark")
    take(page, "/suggestions", "phone-suggestions-fr")
    if page.locator(".inbox h2 a").count():
        take(page, str(page.locator(".inbox h2 a").first.get_attribute("href")), "phone-suggestion-fr")
    context.close()


def operator(browser: Browser, base: str) -> None:
    context, page = signed_in(browser, base, "omar", viewport=WIDE, color_scheme="dark")
    take(page, "/alerts?state=all", "alerts")
    take(page, str(page.locator("tbody th a").first.get_attribute("href")), "alert")
    take(page, "/quality", "quality")
    context.close()


def afterwards(browser: Browser, base: str, system: System) -> None:
    """What a decision and a refused order leave behind: taken last, since both change the other pages."""
    producer = KafkaProducer(**client_options(find(system.directory).kafka))
    producer.send(ORDERS.name, key=b"A00005", value=json.dumps(REFUSED).encode())
    producer.close()
    context, page = signed_in(browser, base, "adam", viewport=WIDE)
    page.goto("/suggestions?status=proposed")
    if page.locator(".inbox h2 a").count():
        page.locator(".inbox h2 a").first.click()
        page.locator("#decide button[value=all]").click()
        page.locator(".badge.status-approved").wait_for(timeout=60_000)
    for _ in range(60):
        page.goto("/quality/letters")
        if page.locator("tbody th a").count():
            break
        page.wait_for_timeout(1_000)
    take(page, str(page.locator("tbody th a").first.get_attribute("href")), "letter")
    take(page, "/audit", "audit")
    take(page, "/crm", "crm")
    context.close()


def others(browser: Browser, base: str) -> None:
    context, page = signed_in(browser, base, "rosa", viewport=PHONE)
    take(page, "/mine", "phone-mine")
    context.close()
    page = browser.new_page(viewport=WIDE)
    page.goto(f"{base}/sign-in")
    save(page, "sign-in")


def take(page: Page, path: str, name: str, seen: str = "h1") -> None:
    """The page from `seen` on."""
    page.goto(path, timeout=120_000)
    page.locator(seen).evaluate("place => place.closest('section')?.scrollIntoView()")
    save(page, name)


def save(page: Page, name: str) -> None:
    page.wait_for_timeout(400)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
