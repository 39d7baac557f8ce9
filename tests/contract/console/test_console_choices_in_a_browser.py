"""What a manager or a rep does on a page, in a real browser, over invented answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from console.access.entry import SESSION_COOKIE, new_session
from console.access.seals import Seal
from tests.support.browser import a_browser
from tests.support.console_server import served
from tests.support.console_visitors import KEY, NOW, PEOPLE, InventedReader, KeptDecisions, a_console

pytestmark = [pytest.mark.io, pytest.mark.timeout(200)]
PHONE = {"width": 375, "height": 780}
Console = tuple[FastAPI, InventedReader, KeptDecisions]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def console() -> Console:
    return a_console()


@pytest.fixture(scope="module")
def address(console: Console) -> Iterator[str]:
    with served(console[0]) as url:
        yield url


def somebody(browser: Browser, address: str, name: str, tolerated: str = "", **context: object) -> Page:
    """A page of somebody who has signed in; an error of a script, or a stop by the security policy, fails the test, unless
    it says `tolerated`."""

    def complain(said: ConsoleMessage) -> None:
        if said.type == "error" and not (tolerated and tolerated in said.text):
            pytest.fail(said.text)

    opened = browser.new_context(base_url=address, **context)  # type: ignore[arg-type]
    token = new_session(Seal(KEY), PEOPLE[name], NOW)
    opened.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
    page = opened.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", complain)
    return page


def test_the_slider_ticks_what_remains_and_its_moves_are_accepted(
    browser: Browser, address: str, console: Console
) -> None:
    page = somebody(browser, address, "mia")
    page.goto("/suggestions/s1")
    slider = page.get_by_label("How many moves")
    expect(slider).to_have_value("1")
    expect(page.get_by_role("button", name="Show", exact=True)).to_be_hidden()  # the page follows by itself
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#step-text")).to_contain_text("no plan of so many saves more than €14k")
    expect(slider).to_have_attribute("aria-valuetext", page.locator("#step-text").inner_text())
    assert page.locator("input[name=move]:checked").evaluate_all("boxes => boxes.map(box => box.value)") == ["A1042"]
    expect(page.locator("svg.map .moved.out")).to_have_count(2)
    page.get_by_role("button", name="Accept 1 move").click()
    expect(page.locator(".notice")).to_contain_text("Done")
    decision = console[2].decisions[-1]
    assert (decision.kind, [move.account_id for move in decision.moves]) == ("accept", ["A1042"])
    page.context.close()


def test_another_tick_shows_its_effect_at_once_and_decides_nothing(
    browser: Browser, address: str, console: Console
) -> None:
    page = somebody(browser, address, "mia")
    decided = len(console[2].decisions)
    page.goto("/suggestions/s1")
    page.locator("input[name=move][value=A1077]").uncheck()
    expect(page.locator("[data-effects]")).to_contain_text("Reckoned with 1 move ticked")
    page.get_by_label("How many moves").fill("0")
    page.locator("select[name=to-A1042]").select_option("R03")
    expect(page.locator("[data-effects]")).to_contain_text("Reckoned with 1 move ticked")
    assert len(console[2].decisions) == decided
    page.context.close()


def test_another_choice_is_waited_for_said_in_words_and_shown_beside_the_proposal(
    browser: Browser, address: str
) -> None:
    page = somebody(browser, address, "mia")
    page.goto("/suggestions/s1")
    verdict, beside = page.locator("[data-verdict]"), page.locator("[data-compare]")
    waiting: list[Route] = []
    page.route("**/simulate", lambda route: waiting.append(route))
    page.locator("input[name=move][value=A1077]").uncheck()
    expect(page.locator("[data-effects]")).to_contain_text("Reckoned with 1 move ticked")
    expect(verdict).to_have_text("Reckoning what your choice does …")
    expect(beside).to_have_attribute("aria-busy", "true")
    waiting[0].continue_()
    expect(verdict).to_have_text(
        "Worth, balance and travel are those of the proposal."
    )  # to the invented solver every choice of these is one
    expect(beside.locator("tbody tr")).to_have_count(3)
    expect(beside).not_to_have_attribute("aria-busy", "true")
    page.context.close()


def test_a_choice_that_the_solver_refuses_says_why(browser: Browser, address: str) -> None:
    page = somebody(browser, address, "mia", tolerated="status of 422")
    page.goto("/suggestions/s1")
    page.locator("select[name=to-A1042] option").last.evaluate("option => { option.value = 'R99'; }")
    page.locator("select[name=to-A1042]").select_option("R03")
    page.locator("select[name=to-A1042]").select_option("R99")
    expect(page.locator("[data-verdict]")).to_have_text("What this choice is worth cannot be said: no rep 'R99' <here>")
    expect(page.locator("[data-verdict]")).to_have_class("verdict refused")
    expect(page.locator("[data-effects]")).to_contain_text("Reckoned with")
    page.context.close()


def test_an_answer_that_is_no_page_of_ours_is_told_and_can_be_asked_again(browser: Browser, address: str) -> None:
    page = somebody(browser, address, "mia", tolerated="status of 403")
    page.goto("/suggestions/s1")
    page.route("**/simulate", lambda route: route.fulfill(status=403, body="<main><h1>No</h1><p>Not you</p></main>"))
    page.locator("input[name=move][value=A1077]").uncheck()
    expect(page.locator("[data-verdict]")).to_have_text("The effect could not be reckoned. No. Not you")
    expect(page.get_by_role("button", name="Show the effect")).to_be_visible()
    page.context.close()


def test_a_rep_challenges_a_move_with_a_reason_of_the_list(browser: Browser, address: str, console: Console) -> None:
    page = somebody(browser, address, "rosa", viewport=PHONE, locale="fr")
    page.goto("/mine")
    proposed = page.locator("section[aria-labelledby=proposed]")
    proposed.get_by_text("Contester", exact=True).click()
    proposed.get_by_label("Raison").select_option("deal_running")
    proposed.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".notice")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    decision = console[2].decisions[-1]
    assert (decision.kind, decision.account_id, decision.reason) == ("challenge", "A1042", "deal_running")
    page.context.close()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_suggestion_with_its_slider_fits_a_phone(browser: Browser, address: str, language: str) -> None:
    page = somebody(browser, address, "mia", viewport=PHONE, locale=language)
    page.goto("/suggestions/s1?step=0")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.context.close()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fr", "dark")])
def test_an_alert_shows_the_events_that_reach_it_as_circles_and_fits_a_phone(
    browser: Browser, address: str, language: str, scheme: str
) -> None:
    page = somebody(browser, address, "omar", viewport=PHONE, locale=language, color_scheme=scheme)
    page.goto("/alerts/a1")
    name = {"en": "Map of 2 affected accounts. 1 market event reaches them.",
            "fr": "Carte des 2 comptes concernés. 1 événement du marché les touche."}[language]  # fmt: skip
    drawn = page.get_by_role("img", name=name)
    expect(drawn).to_be_visible()
    circle = drawn.locator("circle.reach.related")
    expect(circle).to_be_visible()
    warn = page.evaluate("getComputedStyle(document.querySelector('.badge.sev-warning')).color")
    assert circle.evaluate("it => getComputedStyle(it).stroke") == warn
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.context.close()
