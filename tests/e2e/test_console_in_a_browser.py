"""A manager's and an operator's day in the console of a running system, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from console_company import PASSWORD, a_company, signed_in
from playwright.sync_api import Browser, Page, Route, expect
from system import System

from console.access.passwords import hashed
from console.access.rights import Person
from console.access.users import save_user
from streams.system.runtime import find
from tests.support.browser import a_browser, chromium

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1_500)]
LANGUAGES = {"en": "Suggestions", "fr": "Propositions"}
PHONE = {"width": 375, "height": 780}
PAGES = (
    "/",
    "/alerts?state=all",
    "/suggestions",
    "/what-if",
    "/territories",
    "/quality",
    "/quality/letters",
    "/audit",
    "/crm",
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    chromium()
    with a_company(tmp_path_factory.mktemp("console") / "company") as running:
        yield running


@pytest.fixture(scope="module")
def base(system: System) -> str:
    url: str = system.status()["console_url"]
    return url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


def complaints(page: Page) -> list[str]:
    """What the browser's console says from now on: errors of scripts, and what the security policy stopped."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def test_the_challenge_of_a_rep_reaches_the_manager(system: System, base: str, browser: Browser) -> None:
    (rep_id, suggestion_id), *_ = system.query(
        "SELECT to_rep, suggestion_id FROM suggestion_moves WHERE status = 'proposed' ORDER BY worth_eur DESC LIMIT 1"
    )
    save_user(system.directory / "users.toml", Person("rita", ("rep",), (), str(rep_id)), hashed(PASSWORD))
    context, page = signed_in(browser, base, "rita", viewport=PHONE)
    found = complaints(page)
    page.goto("/mine")
    proposed = page.locator("section[aria-labelledby=proposed] li").first
    proposed.get_by_text("Challenge", exact=True).click()
    account_id = str(proposed.locator("input[name=account_id]").get_attribute("value"))
    proposed.get_by_label("Reason").select_option("deal_running")
    proposed.get_by_label("Note").fill("signs in May")
    proposed.get_by_role("button", name="Send to my manager").click()
    expect(page.locator(".notice")).to_contain_text("Done")
    expect(page.locator("section[aria-labelledby=proposed]")).to_contain_text("A deal is running: signs in May")
    assert found == []
    context.close()
    context, page = signed_in(browser, base, "mia")
    expect(page.locator("section[aria-labelledby=challenges]")).to_contain_text("signs in May")
    page.goto(f"/suggestions/{suggestion_id}")
    expect(page.locator(f"#move-{account_id}")).to_contain_text("signs in May")
    expect(page.locator(f"#move-{account_id}")).to_contain_text("rita")
    context.close()


def test_a_manager_asks_what_if_a_rep_leaves_keeps_the_answer_and_gives_an_account_away(
    system: System, base: str, browser: Browser
) -> None:
    context, page = signed_in(browser, base, "mia")
    found = complaints(page)
    page.goto("/what-if")
    page.locator("input[name=rep_leaves]").first.check()
    page.get_by_role("button", name="What if?").click(no_wait_after=True)  # the solver compiles at the first question
    expect(page.locator("#answer")).to_contain_text("leaves", timeout=120_000)
    expect(page.locator("section[aria-labelledby=answer] tbody tr")).to_have_count(3)
    page.get_by_label("Name of the scenario").fill("One rep fewer")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("section[aria-labelledby=saved]")).to_contain_text("One rep fewer")
    (account_id, to_rep), *_ = system.query(
        "SELECT account_id, to_rep FROM suggestion_moves WHERE status = 'proposed' ORDER BY worth_eur DESC LIMIT 1"
    )
    page.goto("/what-if")
    page.locator("input[name=given_accounts]").fill(str(account_id))
    page.locator("select[name=given_to]").select_option(str(to_rep))
    page.get_by_role("button", name="What if?").click(no_wait_after=True)
    expect(page.locator("#answer")).to_have_text(f"1 account goes to {to_rep}: {account_id}", timeout=60_000)
    expect(page.locator("section[aria-labelledby=answer]")).to_contain_text(
        "If only accounts without a rep are placed, this"
    )
    assert found == []
    context.close()


def test_a_manager_changes_a_move_and_sees_at_once_what_it_does(base: str, browser: Browser) -> None:
    context, page = signed_in(browser, base, "mia")
    found = complaints(page)
    page.goto("/suggestions?status=proposed")
    page.locator(".inbox h2 a").first.click()
    verdict, beside = page.locator("[data-verdict]"), page.locator("[data-compare]")
    waiting: list[Route] = []
    page.route("**/simulate", lambda route: waiting.append(route))
    page.locator("input[name=move]").first.uncheck()
    expect(page.locator("[data-effects]")).to_contain_text("Reckoned with", timeout=30_000)
    expect(verdict).to_contain_text("Reckoning")
    expect(beside).to_have_attribute("aria-busy", "true")
    waiting[0].fulfill(status=403, body="<main><h1>Not allowed</h1><p>Your role forbids it</p></main>")
    page.unroute("**/simulate")
    expect(verdict).to_have_text("The effect could not be reckoned. Not allowed. Your role forbids it")
    expect(beside).to_have_attribute("aria-busy", "false")
    assert [each for each in found if "403" not in each] == []
    found.clear()
    page.locator("input[name=move]").first.check()
    same = "Worth, balance and travel are those of the proposal."
    expect(verdict).to_have_text(same, timeout=120_000)  # the solver compiles at the first question
    target = page.locator("li.move select").first
    other = target.locator("option:not([selected])").first.get_attribute("value")
    target.select_option(other)
    expect(verdict).to_contain_text("Against the proposal: ", timeout=60_000)
    expect(beside.locator("tbody tr")).to_have_count(3)
    assert found == []
    context.close()


def test_a_manager_accepts_some_moves_sees_the_territories_change_and_undoes_it(
    system: System, base: str, browser: Browser
) -> None:
    context, page = signed_in(browser, base, "mia")
    found = complaints(page)
    page.goto("/suggestions?status=proposed")
    page.locator(".inbox h2 a").first.click()
    suggestion_id = page.url.rsplit("/", 1)[1]
    boxes = page.locator("input[name=move]")
    expect(page.locator("svg.map")).to_have_count(2)
    proposed = boxes.count()
    chosen = [str(boxes.nth(n).get_attribute("value")) for n in range(min(2, proposed))]
    page.get_by_role("button", name="Tick or untick all").click()
    for account in chosen:
        page.locator(f"input[name=move][value={account}]").check()
    today = _watermark_day(system)
    page.locator("#decide input[name=effective_from]").fill(today.isoformat())
    page.get_by_role("button", name="Accept the ticked ones").click()
    expect(page.locator(".notice")).to_contain_text("Done")
    expect(page.locator(".badge.status-approved")).to_be_visible()
    moved = _until(
        system,
        f"SELECT account_id, to_rep FROM assignment_changes FINAL WHERE suggestion_id = '{suggestion_id}' ORDER BY 1",
        len(chosen),
    )
    assert sorted(account for account, _ in moved) == sorted(chosen)
    now = _until(
        system,
        f"SELECT account_id, rep_id FROM assignments_now WHERE account_id IN ({_texts(chosen)}) AND source = 'decision' ORDER BY 1",
        len(chosen),
    )
    assert sorted(now) == sorted(moved)

    page.locator("input[name=effective_from]").fill((today + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_contain_text("Done")
    expect(page.locator(".badge.status-rolled_back")).to_be_visible()
    back = _until(
        system,
        f"SELECT account_id FROM assignment_changes FINAL WHERE suggestion_id = '{suggestion_id}' AND kind = 'undo'",
        len(chosen),
    )
    assert sorted(account for (account,) in back) == sorted(chosen)
    assert found == []
    context.close()


def test_an_operator_acknowledges_an_alert_and_marks_it_false(system: System, base: str, browser: Browser) -> None:
    context, page = signed_in(browser, base, "omar")
    found = complaints(page)
    page.goto("/alerts?state=all")
    page.locator("tbody th a").first.click()
    alert_id = page.url.rsplit("/", 1)[1]
    expect(page.locator("svg.chart")).to_be_visible()
    expect(page.locator("svg.map .territory").first).to_be_attached()
    expect(page.get_by_role("img", name="affected account")).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".facts")).to_contain_text("acknowledged by omar")
    page.locator("fieldset input[name=reason]").fill("a holiday")
    page.get_by_role("button", name="false alarm").click()
    expect(page.locator(".facts")).to_contain_text("judged false alarm")
    assert system.query(f"SELECT acknowledged_by, verdict FROM alerts_now WHERE alert_id = '{alert_id}'") == [
        ("omar", "false")
    ]
    feedback = page.locator("section[aria-labelledby=feedback]")
    told = r"stands at \d+% of the settings; without this mark as a false alarm it would be \d+%"
    expect(feedback).to_contain_text(re.compile(told))
    page.get_by_role("button", name="useful").click()
    expect(page.locator(".facts")).to_contain_text("judged useful")
    expect(feedback).to_contain_text("this mark as useful")
    assert found == []
    context.close()


def test_a_rep_sees_the_own_accounts_and_nothing_else(system: System, base: str, browser: Browser) -> None:
    context, page = signed_in(browser, base, "rosa")
    page.goto("/mine")
    owned = system.query("SELECT count() FROM account_plan WHERE rep_id = 'R01'")[0][0]
    expect(page.locator("#accounts")).to_have_text(f"Accounts ({owned})")
    answer = page.goto("/suggestions")
    assert answer is not None
    assert answer.status == 403
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_speaks(base: str, browser: Browser, language: str) -> None:
    context, page = signed_in(browser, base, "mia", locale=language)
    page.goto("/suggestions")
    expect(page.locator("h1")).to_have_text(LANGUAGES[language])
    context.close()


def test_every_page_fits_a_phone_and_breaks_no_rule_of_the_browser(base: str, browser: Browser) -> None:
    context, page = signed_in(browser, base, "adam", viewport=PHONE, color_scheme="dark")
    found = complaints(page)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    assert found == []
    context.close()


def test_a_page_hears_of_news_without_being_loaded_again(system: System, base: str, browser: Browser) -> None:
    context, page = signed_in(browser, base, "omar")
    page.goto("/alerts?state=all")
    expect(page.locator("#live")).to_have_class("on")
    path = str(page.locator("tbody tr").last.locator("a").get_attribute("href"))
    other_context, other = signed_in(browser, base, "adam")
    other.goto(path)
    other.locator("input[name=assignee]").fill("the night shift")
    other.get_by_role("button", name="Assign").click()
    expect(page.locator(f"tr:has(a[href='{path}'])")).to_contain_text("the night shift", timeout=30_000)
    other_context.close()
    context.close()


def test_a_link_from_the_command_line_signs_in_once(system: System, base: str, browser: Browser) -> None:
    link = system.run("console", "link", "--user", "adam").stdout.strip()
    assert link.startswith(f"{base}/sign-in/link?token=")
    first = browser.new_page()
    first.goto(link)
    expect(first.locator("h1")).to_have_text("Today")
    answer = browser.new_context().new_page().goto(link)
    assert answer is not None
    assert answer.status == 401
    first.close()


def _watermark_day(system: System) -> date:
    day: date = system.query("SELECT toDate(as_of) FROM watermark")[0][0]
    return day


def _texts(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _until(system: System, text: str, rows: int, seconds: float = 60) -> list[tuple[str, ...]]:
    """The rows of a query once there are so many."""
    client = find(system.directory).connect_reader()
    deadline = time.monotonic() + seconds
    while True:
        found = [tuple(row) for row in client.query(text).result_rows]
        if len(found) >= rows:
            client.close()
            return found
        assert time.monotonic() < deadline, f"{len(found)} of {rows} rows after {seconds} s: {text}"
        time.sleep(0.3)
