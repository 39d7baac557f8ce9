"""Every page for who uses no mouse or sees little: focus reaches and shows on every control, and text stands out from its ground."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page

from console.access.entry import SESSION_COOKIE, new_session
from console.access.seals import Seal
from tests.support.browser import a_browser
from tests.support.console_server import served
from tests.support.console_visitors import EFFECT, KEY, NOW, PEOPLE, a_console

pytestmark = [pytest.mark.io, pytest.mark.timeout(200)]
CONTRAST = (Path(__file__).resolve().parents[2] / "support" / "contrast.js").read_text(encoding="utf-8")
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
PAGES = {
    "/": "adam", "/alerts?state=all": "omar", "/alerts/a1": "omar", "/suggestions": "mia", "/suggestions/s1": "mia",
    "/what-if?rep_leaves=R03": "mia", "/territories": "mia", "/quality": "omar", "/quality/letters": "omar",
    "/quality/letters/l1": "omar", "/audit": "mia", "/crm": "omar", "/mine": "rosa", "/sign-in": "", "/nothing": "mia",
}  # fmt: skip
PHONE = {"width": 375, "height": 780}
# Of a group of radio buttons Tab reaches one; what is folded away in <details> is reached once that is open.
CONTROLS = """() => {
  document.querySelectorAll('details').forEach((each) => { each.open = true; });
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, pre[tabindex]')];
  const seen = all.filter((each) => each.checkVisibility() && !each.disabled && each.tabIndex >= 0 && each.type !== 'radio');
  seen.forEach((each, number) => { each.dataset.number = number; });
  return seen.length;
}"""
FOCUSED = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return { number: each.dataset.number ?? '', shown: inside && ringed, what: each.outerHTML.slice(0, 90) };
}"""
each_page = pytest.mark.parametrize("path", PAGES)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app, reader, _ = a_console()
    reader.suggestion = reader.suggestion.model_copy(update={"effects": (EFFECT,)})
    with served(app) as url:
        yield url


@pytest.fixture
def opened(browser: Browser, address: str, path: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page of that path, for somebody who may see it, in the looks that the test names."""
    looks: dict[str, Any] = getattr(request, "param", {})
    context = browser.new_context(base_url=address, reduced_motion="reduce", **looks)
    if name := PAGES[path]:
        token = new_session(Seal(KEY), PEOPLE[name], NOW)
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
    page = context.new_page()
    page.goto(path)
    yield page
    context.close()


@each_page
def test_the_tab_key_reaches_every_control_and_shows_where_it_is(opened: Page, path: str) -> None:
    controls = opened.evaluate(CONTROLS)
    assert controls > 0
    reached: set[str] = set()
    for _ in range(2 * controls + 20):  # a field of a date has several stops
        opened.keyboard.press("Tab")
        focused = opened.evaluate(FOCUSED)
        if focused["number"]:
            assert focused["shown"], focused["what"]
            reached.add(focused["number"])
    missed = opened.evaluate("() => [...document.querySelectorAll('[data-number]')].map((e) => [e.dataset.number, e.outerHTML.slice(0, 90)])")  # fmt: skip
    assert [what for number, what in missed if number not in reached] == []


@each_page
@pytest.mark.parametrize(
    "opened", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True, ids=["light", "dark"]
)
def test_text_stands_out_from_its_ground(opened: Page, path: str) -> None:
    assert opened.evaluate(CONTRAST) == []


@each_page
@pytest.mark.parametrize(
    "opened",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE, "locale": "fr"}],
    indirect=True, ids=["light", "dark", "phone"],
)  # fmt: skip
def test_axe_finds_no_serious_fault(opened: Page, path: str) -> None:
    assert violations(opened) == []


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<title>x</title><main><h1>x</h1><img src='data:,'><input></main>")
    assert {rule for rule, _ in violations(page)} == {"html-has-lang", "image-alt", "label"}
    page.close()


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Serious and critical ones, by rule of axe-core, each with the elements. Folded parts are opened before."""
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run()")["violations"]
    return [
        (one["id"], [f"{node['html'][:120]}: {node['failureSummary'][:160]}" for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_text_that_is_too_faint_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<body style='background:#fff'><p style='color:#777'>faint</p><p style='color:#767676'>well</p></body>"
    )
    assert [(one["text"], one["ratio"]) for one in page.evaluate(CONTRAST)] == [("faint", 4.48)]
    page.close()


@each_page
@pytest.mark.parametrize("opened", [{"viewport": PHONE}], indirect=True, ids=["phone"])
def test_no_page_scrolls_sideways_on_a_phone(opened: Page, path: str) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    wide = "() => [...document.querySelectorAll('.cards')].filter((e) => e.scrollWidth > e.parentElement.clientWidth).length"
    assert opened.evaluate(wide) == 0
