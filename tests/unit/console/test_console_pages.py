"""Every page, in every language: it is whole, it escapes what comes from outside, and it says so when there is nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from console.access.rights import Sight
from console.deciding.choices import REASONS
from console.pages.today import CONDUCT, FLASH, absent
from console.reading.answers.alerts import Alert, AlertVerdict
from console.reading.answers.suggestions import Suggestion
from console.reading.answers.today import Published
from console.words import LANGUAGES, Words, catalogue, chosen_language
from infra.clickhouse.view_files import base_views, kpis
from schemas.errors import UnavailableError
from schemas.rows import PlanFigures, ScenarioRow, TurningPointRow
from tests.support.console_visitors import ALERT, EFFECT, NOW, SUGGESTION, Visitor, a_console

PAGES = {
    "/": "adam", "/alerts": "omar", "/alerts?state=all&severity=critical": "omar", "/alerts/a1": "omar", "/alerts/a1?said=d1": "omar",
    "/suggestions": "mia", "/suggestions/s1": "mia", "/suggestions/s1?said=d1": "mia", "/territories": "mia", "/what-if": "mia", "/what-if?rep_leaves=R03&market_percent=-30": "ann",
    "/territories?show=potential": "mia", "/territories?show=drift&on=2025-01-01": "mia", "/quality": "ann", "/mine": "rosa", "/audit": "mia", "/audit?subject=letter&since=2026-01-01&until=": "adam", "/crm": "omar", "/quality/letters": "omar", "/quality/letters?state=all&topic=orders": "adam", "/quality/letters/l1": "omar",
    "/sign-in": "", "/nothing": "mia",
}  # fmt: skip
each_page = pytest.mark.parametrize("path", PAGES)
each_language = pytest.mark.parametrize("language", LANGUAGES)
VOID = {"meta", "link", "input", "img", "br"}


class Outline(HTMLParser):
    """What a reader with a screen reader meets, and whether every tag closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.labelled_by: list[str] = []
        self.problems: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if "id" in found:
            self.ids.append(str(found["id"]))
        if "aria-labelledby" in found:
            self.labelled_by.append(str(found["aria-labelledby"]))
        labelled = "label" in self.open or "aria-label" in found
        if tag in ("input", "select") and found.get("type") != "hidden" and not labelled:
            self.problems.append(f"{tag} {found.get('name')} has no label")
        if tag == "img" and "alt" not in found:
            self.problems.append("img without alt")
        if tag == "th" and "scope" not in found:
            self.problems.append("th without scope")
        self.problems += [f"{tag} has {name}" for name in found if name == "style" or name.startswith("on")]
        if tag == "script" and "src" not in found:
            self.problems.append("inline script")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")


@each_language
@each_page
def test_a_page_is_whole_and_can_be_heard(path: str, language: str) -> None:
    app, _, _ = a_console()
    answer = Visitor(app, PAGES[path], language=language).get(path)
    assert answer.status == (404 if path == "/nothing" else 200)
    outline = Outline(answer.text)
    assert outline.problems == []
    assert outline.open == []
    assert outline.headings.count("h1") == 1
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.labelled_by) <= set(outline.ids)
    assert f'<html lang="{language}">' in answer.text


@each_language
@each_page
def test_a_page_with_nothing_to_show_says_so(path: str, language: str) -> None:
    app, reader, _ = a_console()
    reader.empty = True
    answer = Visitor(app, PAGES[path], language=language).get(path)
    assert answer.status == (404 if re.search("/(a1|s1|l1)|nothing", path) else 200)
    assert Outline(answer.text).problems == []


def test_a_suggestion_shows_what_fewer_moves_would_buy_and_what_none_can_beat() -> None:
    app, _, _ = a_console()
    text = Visitor(app, "mia").get("/suggestions/s1").text
    rows = re.findall(
        r'<tr class="stop[^>]*><th scope="row" class="n">(\d+).*?</th><td class="n">([^<]+)</td><td class="n">([^<]+)</td>',
        text,
    )
    assert rows == [("1", "€13k", "€14k"), ("2", "€25k", "€25k")]


def test_the_table_of_territories_is_of_the_day_that_the_map_shows() -> None:
    def cell(accounts: str) -> str:
        return f'data-label="Accounts">{accounts}</td>'

    app, _, _ = a_console()
    today, past = (Visitor(app, "mia").get(f"/territories{query}").text for query in ("", "?on=2025-01-01"))
    assert (cell("96") in today, cell("77") in today) == (True, False)
    assert (cell("96") in past, cell("77") in past) == (False, True)
    assert "Drift and load are told for today alone" in past


def test_accounts_of_a_rep_who_has_left_are_told_with_their_potential() -> None:
    app, reader, _ = a_console()
    assert "who has left" not in Visitor(app, "mia").get("/territories").text
    reader.gone = ("R03",)
    assert (
        "2 accounts with €180k of potential are still those of R03, who has left"
        in Visitor(app, "mia").get("/territories").text
    )
    assert "who has left" not in Visitor(app, "mia").get("/territories?on=2025-01-01").text


@pytest.mark.parametrize("person", ["rosa", "mia", "omar", "ann"])
def test_everybody_sees_on_the_front_page_whether_the_feeds_are_well(person: str) -> None:
    app, _, _ = a_console()
    text = Visitor(app, person).get("/").text
    assert 'id="feeds"' in text
    assert "orders" in text


def test_a_suggestion_says_what_would_change_the_advice() -> None:
    app, _, _ = a_console()
    text = Visitor(app, "mia").get("/suggestions/s1").text
    assert "Pays while the potential is above €61k a year, all else as planned." in text
    assert "held: pinned until 31 Dec 2026: key account" in text
    assert "€4,100 a year" in text


def test_a_suggestion_says_between_which_values_its_figures_may_lie() -> None:
    app, reader, _ = a_console()
    reader.suggestion = reader.suggestion.model_copy(update={"effects": (EFFECT,)})
    text = Visitor(app, "mia").get("/suggestions/s1").text
    for said in ("€25k", "€16k to €34k", "1.3%", "1.4% to 5.5%", "€1.20M", "€1.12M to €1.28M", "€941k to €1.08M"):
        assert said in text
    assert "1,4\u00a0% à 5,5\u00a0%" in Visitor(app, "mia", language="fr").get("/suggestions/s1").text
    told = json.loads(Visitor(app, "mia").get("/api/v1/suggestions/s1").text)
    assert told["intervals"][0] == {"figure": "worth_eur", "rep_id": "", "low": 16_400, "high": 33_900}


def test_a_suggestion_draws_each_territory_against_the_corridor_and_says_the_same_in_words() -> None:
    app, reader, _ = a_console()
    reader.suggestion = reader.suggestion.model_copy(update={"effects": (EFFECT,)})
    for language, said in (
        ("en", "Before: +20.0% (+12.1% to +28.4%). After: +0.8% (\u22125.9% to +7.9%)."),
        (
            "fr",
            "Avant: +20,0\u00a0% (+12,1\u00a0% à +28,4\u00a0%). Après: +0,8\u00a0% (\u22125,9\u00a0% à +7,9\u00a0%).",
        ),
    ):
        text = Visitor(app, "mia", language=language).get("/suggestions/s1").text
        assert f'class="spans" viewBox="-60 0 120 24" width="120" height="24" role="img" aria-label="{said}"' in text
        assert re.findall(r'<g class="((?:was|is)[ out]*)">', text) == ["was out", "is"]
    chosen = Visitor(app, "mia").post("/suggestions/s1/simulate?sums_only=true", [("move", "A1042")]).text
    assert "to +28.4%). After: " in chosen
    assert "After: +0.8% (" not in chosen, "the intervals are those of the proposal"


def test_a_suggestion_from_before_intervals_were_told_has_its_figures_alone() -> None:
    app, reader, _ = a_console()
    old = {name: value for name, value in SUGGESTION.items() if name != "intervals"}
    reader.suggestion = Suggestion.model_validate(old)
    text = Visitor(app, "mia").get("/suggestions/s1").text
    assert "1.3%" in text
    assert "8 of 10" not in text
    assert 'class="sub range"' not in text


def test_a_stop_of_the_slider_ticks_its_moves_without_any_script() -> None:
    app, _, _ = a_console()
    visitor = Visitor(app, "mia")
    ticked = re.compile(r'name="move" value="(\w+)"[^>]*checked')
    assert ticked.findall(visitor.get("/suggestions/s1").text) == ["A1042", "A1077"]
    first = visitor.get("/suggestions/s1?step=0").text
    assert ticked.findall(first) == ["A1042"]
    assert "1 move saves €13k a year; no plan of so many saves more than €14k. €77k of cost remain" in first
    assert "data-step-accept>Accept 1 move</button>" in first


def test_a_challenge_stands_beside_its_move_and_on_the_managers_front_page() -> None:
    app, _, _ = a_console()
    for path in ("/", "/suggestions/s1"):
        text = Visitor(app, "mia").get(path).text
        assert "A deal is running: signs &lt;i&gt;in May" in text
        assert "rosa" in text
    assert "Challenged by reps" not in Visitor(app, "omar").get("/").text


def test_a_large_change_says_that_it_waits_for_a_second_person_and_who_was_the_first() -> None:
    app, reader, _ = a_console()
    assert "second person" not in Visitor(app, "mia").get("/suggestions/s1").text
    first = Suggestion.model_validate({**SUGGESTION, "approvals": [
        {"decided_by": "noah", "decided_at": NOW, "decision_id": "d1"}]})  # fmt: skip
    reader.suggestion = first
    assert "noah approved it on 20 Mar 2026" in Visitor(app, "mia").get("/suggestions/s1").text
    assert "Attend une seconde personne" in Visitor(app, "mia", language="fr").get("/suggestions/s1").text


def test_a_suggestion_stands_beside_doing_nothing_and_other_priorities() -> None:
    app, reader, _ = a_console()
    figures = dict.fromkeys(PlanFigures.model_fields, 0.0) | {"move_count": 2, "total_eur": 90_324}
    names = ("nothing", "balanced", "max_fairness", "min_distance")
    shown = {**SUGGESTION, "scenarios": [{**figures, "scenario": name} for name in names]}
    reader.suggestion = Suggestion.model_validate(shown)
    text = Visitor(app, "mia").get("/suggestions/s1").text
    assert re.findall(r'<th scope="row">(Do nothing|This suggestion|Greatest fairness|Shortest travel)</th>', text) == [
        "Do nothing", "This suggestion", "Greatest fairness", "Shortest travel",
    ]  # fmt: skip
    assert Outline(text).problems == []


def test_what_changed_says_from_whom_to_whom_by_whom_why_and_in_which_version() -> None:
    app, _, _ = a_console()
    text = Visitor(app, "mia").get("/suggestions/s1").text
    trail = text[text.index('id="changes"') :]
    for said in ("<td>R03</td><td>R07</td><td>1 Apr 2026</td>", "mia <span", "Not in this season", "settings 3f9a"):
        assert said in trail


def test_a_suggestion_tells_what_was_promised_of_each_move_and_what_came_true() -> None:
    app, _, _ = a_console()
    text = Visitor(app, "mia").get("/suggestions/s1").text
    ledger = text[text.index('id="ledger"') : text.index('id="trail"')]
    for said in (">30</td>", "€100", "€80", ">90</td>", "€300", ">–</td>", "12</td>"):
        assert said in ledger
    told = json.loads(Visitor(app, "mia").get("/api/v1/outcomes?suggestion=s1").text)
    assert [(one["horizon_days"], one["realised_eur"]) for one in told] == [(30, 80), (90, None)]


@pytest.mark.parametrize(("name", "opens"), [("omar", False), ("mia", True), ("ann", True)])
def test_who_handles_an_alert_reads_what_was_made_of_it_and_opens_it_only_with_the_right_to(
    name: str, opens: bool
) -> None:
    app, reader, _ = a_console()
    text = Visitor(app, name).get("/alerts/a1").text
    related = text[text.index('id="related"') : text.index('id="runbook"')]
    assert "2 moves in west" in related
    assert "waiting" in related
    assert ('href="/suggestions/s1"' in related) == opens
    reader.suggestion = reader.suggestion.model_copy(update={"alert_ids": ("another",)})
    assert 'id="related"' not in Visitor(app, name).get("/alerts/a1").text


@pytest.mark.parametrize(("language", "said"), [("en", "comes back by itself"), ("fr", "revient d’elle-même")])
def test_a_snoozed_suggestion_is_decided_on_early_and_says_that_it_comes_back(language: str, said: str) -> None:
    app, reader, _ = a_console()
    assert said not in Visitor(app, "mia", language=language).get("/suggestions/s1").text
    reader.suggestion = reader.suggestion.model_copy(update={"status": "snoozed"})
    text = Visitor(app, "mia", language=language).get("/suggestions/s1").text
    assert said in text
    for kind in ("all", "some", "reject"):
        assert f'name="kind" value="{kind}"' in text
    assert 'value="snooze"' not in text
    assert Outline(text).problems == []


def test_pins_are_listed_with_their_owner_reason_and_end_and_can_be_freed() -> None:
    app, _, decisions = a_console()
    text = Visitor(app, "mia").get("/territories").text
    pins = text[text.index('id="pins"') :]
    for said in ("A1042", "Not in this season", "mia", "1 Sep 2026"):
        assert said in pins
    assert "/pins/A1042/free" not in Visitor(app, "ann").get("/territories").text
    assert Visitor(app, "mia").post("/territories/pins/A1042/free").status == 303
    assert Visitor(app, "mia").post("/territories/pins/A9/free").status == 404
    assert [(d.kind, d.account_id) for d in decisions.decisions] == [("unpin", "A1042")]


def test_a_potential_tells_its_reasons_in_eur_and_in_the_readers_language() -> None:
    app, _, _ = a_console()
    english = Visitor(app, "mia").get("/suggestions/s1").text
    assert "Potential €96k: €90k in the past year" in english
    assert "+€8,000: orders rose 9 % against its peers since &lt;November&gt; 2025" in english
    french = Visitor(app, "mia", language="fr").get("/suggestions/s1").text
    assert "ses commandes ont augmenté de 9\u00a0% par rapport à ses pairs depuis le 3 nov" in french
    assert "\u22122\u202f000\u00a0€: le marché autour de lui recule, 2\u00a0%" in french


def test_an_older_suggestion_without_the_moves_of_its_frontier_has_no_slider() -> None:
    app, reader, _ = a_console()
    reader.suggestion = reader.suggestion.model_copy(update={"frontier_moves": ()})
    text = Visitor(app, "mia").get("/suggestions/s1").text
    assert 'type="range"' not in text
    assert "€13k" in text


@pytest.mark.parametrize(("path", "name"), [("/alerts/a1", "omar"), ("/suggestions/s1", "mia"), ("/quality", "ann")])
def test_what_comes_from_outside_is_text_and_never_markup(path: str, name: str) -> None:
    app, _, _ = a_console()
    text = Visitor(app, name).get(path).text
    for mark in ("<script>", "<b>and", "Café <Nord>"):
        assert mark not in text


def test_every_language_has_the_same_keys_and_the_same_places_for_values() -> None:
    english = catalogue("en")
    for language in LANGUAGES:
        texts = catalogue(language)
        assert list(texts) == list(english)
        for key, text in texts.items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", english[key])), key
            assert text.strip(), key


def test_there_are_at_most_twenty_reasons_and_each_has_words() -> None:
    assert len(REASONS) <= 20
    assert all(f"reason.{reason}" in catalogue("fr") for reason in REASONS)


def test_the_browser_chooses_the_language_until_somebody_does() -> None:
    assert chosen_language(None, "de-DE,fr;q=0.8,en;q=0.5") == "fr"
    assert chosen_language("en", "fr") == "en"
    assert chosen_language("xx", "") == "en"


@pytest.mark.parametrize(
    ("amount", "english", "french"),
    [(985.4, "€985", "985\u00a0€"), (-9885, "\u2212€9,885", "\u22129\u202f885\u00a0€"), (42_300, "€42k", "42\u00a0k€"),
     (1_062_000, "€1.06M", "1,06\u00a0M€"), (-0.2, "€0", "0\u00a0€"), (None, "–", "–")],
)  # fmt: skip
def test_money_is_written_as_people_of_the_language_write_it(amount: float, english: str, french: str) -> None:
    assert (Words("en").money(amount), Words("fr").money(amount)) == (english, french)


def test_a_company_with_another_currency_sees_that() -> None:
    assert Words("en", "USD").money(12_000) == "$12k"
    assert Words("en", "CHF").money(500) == "CHF 500"


def test_clickhouse_away_is_a_page_that_says_that_nothing_is_lost() -> None:
    app, reader, _ = a_console()

    def away(*_: object) -> list[Alert]:
        raise UnavailableError("ClickHouse at http://ch does not answer")

    reader.alerts = away  # type: ignore[method-assign]
    page = Visitor(app, "omar").get("/alerts")
    assert page.status == 503
    assert "nothing is lost" in page.text
    problem = Visitor(app, "omar", bearer=True).get("/api/v1/alerts")
    assert problem.headers["content-type"] == "application/problem+json"
    assert json.loads(problem.text)["status"] == 503


def test_the_filters_of_the_list_are_those_of_the_address() -> None:
    app, reader, _ = a_console()
    Visitor(app, "omar").get("/alerts?state=firing&severity=critical&cause=data_fault&scope=zone&region=west")
    asked = reader.asked[-1]
    assert (asked.state, asked.severity, asked.cause_class, asked.scope, asked.region) == (
        "firing",
        "critical",
        "data_fault",
        "zone",
        "west",
    )


def test_the_api_describes_itself_with_examples() -> None:
    app, _, _ = a_console()
    described = json.loads(Visitor(app).get("/api/v1/openapi.json").text)
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    names = ("SuggestionDecision", "AlertDecision", "Pin", "MoveChallenge")
    bodies = [described["components"]["schemas"][name] for name in names]
    assert all(body["examples"] for body in bodies)


@pytest.mark.parametrize(
    ("person", "value", "own"),
    [("mia", "1", True), ("eve", "0", True), ("ruth", "1", True), ("ann", "7", False), ("adam", "7", False), ("omar", "7", False), ("rosa", "7", False)],
)  # fmt: skip
def test_suggestions_waiting_are_those_that_the_list_beside_them_has(person: str, value: str, own: bool) -> None:
    """Counted anew, and in the regions of who may see them; whoever sees all, or none, is told the figure of the company."""
    app, reader, _ = a_console()
    figure = reader.flash()[0].model_copy(
        update={"name": "Suggestions waiting", "unit": "count", "value": 99, "target": None}
    )
    company = reader.standing().model_copy(update={"waiting": 7})
    reader.flash = lambda: [figure]  # type: ignore[method-assign]
    reader.standing = lambda: company  # type: ignore[method-assign]
    reader.trends = lambda: {figure.name: [(NOW.date() - timedelta(days=n), 9 - n) for n in (56, 28, 0)]}  # type: ignore[method-assign]
    text = Visitor(app, person).get("/").text
    (shown,) = re.findall(r'<p class="value">\s*(\S+)\s*</p>', text)
    assert shown == value
    # the past of the number is that of the company
    assert ("in your regions" in text, 'class="spark"' in text) == (own, not own)
    assert "These are figures of the whole company." in text


@pytest.mark.parametrize(
    ("conduct", "language", "said"),
    [
        (True, "en", ["No data yet: Spread of potential · Travel per client · Visits held to plan · "]),
        (False, "en", ["Held back, though there may be data: Travel per client · Visits held to plan · Opportunities won · Cost per visit.",
                       "What reps did is told of 4 reps or more", "No data yet: Spread of potential · Changed relations, 90 days · Suggestions waiting."]),
        (False, "fr", ["Retenus, même s’il y a des données : Trajet par client · ", "à partir de 4 commerciaux", "Pas encore de données : Dispersion du potentiel · "]),
    ],
)  # fmt: skip
def test_figures_that_are_held_back_are_told_from_those_that_have_no_data_yet(
    conduct: bool, language: str, said: list[str]
) -> None:
    app, reader, _ = a_console()
    reader.told = Published(conduct=conduct, fewest=4)
    text = Visitor(app, "mia", language=language).get("/").text
    assert [sentence for sentence in said if sentence not in text] == []
    assert ("Held back" in text or "Retenus" in text) != conduct


def test_without_settings_nothing_is_said_to_be_held_back() -> None:
    assert absent([], Published(conduct=False, fewest=0)).hidden == ()
    assert absent([], Published(conduct=False, fewest=3)).hidden == CONDUCT


def test_the_page_knows_which_figures_the_flash_page_has_and_which_of_them_are_of_conduct() -> None:
    """The names are said in the view; of whom a KPI speaks, its own header says."""
    (view,) = (each for each in base_views() if each.name == "flash_figures_live")
    subjects = {kpi.name: kpi.header["subject"] for kpi in kpis()}
    made_of = re.findall(r"'([A-Z][^']+)' AS name.*?FROM (kpi_\w+)", view.select, re.DOTALL)
    assert tuple(name for name, _ in made_of) == FLASH
    assert {name for name, kpi in made_of if subjects[kpi] == "conduct"} == set(CONDUCT)


@pytest.mark.parametrize(
    ("minutes", "language", "said"),
    [
        (30, "en", "Lines and tendencies: made 20 Mar 2026, 08:30, of what had come up to 20 Mar 2026, 09:00."),
        (30, "fr", "Courbes et tendances : établies le 20 mars 2026, 08:30"),
        (31, "en", "<strong>The lines and tendencies stand still.</strong> They were last made 20 Mar 2026, 08:29"),
        (
            31,
            "fr",
            "<strong>Les courbes et tendances n’avancent plus.</strong> Établies pour la dernière fois le 20 mars",
        ),
        (None, "en", "They have not been made since ClickHouse was started"),
        (None, "fr", "Elles n’ont pas été établies depuis le démarrage de ClickHouse"),
    ],
)
def test_today_says_when_the_lines_were_made_and_warns_when_they_stand_still(
    minutes: int | None, language: str, said: str
) -> None:
    app, reader, _ = a_console()
    made_at = None if minutes is None else NOW - timedelta(minutes=minutes)
    reader.made = reader.made.model_copy(update={"made_at": made_at})
    text = Visitor(app, "rosa", language=language).get("/").text
    assert said in text
    assert ("notice refused" in text) == (minutes != 30)


@pytest.mark.parametrize(
    ("scope", "scope_id", "evidence", "where"),
    [
        ("zone", "8418467ffffffff", '{"town": "Vannes"}', "Vannes"),
        ("zone", "postal 560", "{}", "postal 560"),
        ("zone", "8418467ffffffff", "broken {", "8418467ffffffff"),
        ("territory", "R07", '{"town": "Vannes"}', "R07"),
        ("region", "", "[]", "west"),
    ],
)
def test_an_alert_says_where_in_words_people_know(scope: str, scope_id: str, evidence: str, where: str) -> None:
    said = {**ALERT, "scope": scope, "scope_id": scope_id, "evidence": evidence}
    assert Alert.model_validate(said).where == where


@pytest.mark.parametrize(
    ("earlier", "verdict", "said"),
    [
        ("false", "", "The false-alarm budget for territories in west stands at 80% of the settings."),
        ("false", "false", "stands at 64% of the settings; without this mark as a false alarm it would be 80%."),
        ("false", "useful", "stands at 100% of the settings; without this mark as useful it would be 80%."),
        ("useful", "useful", "It does not rise above the settings, so this mark as useful changed nothing."),
        ("false", "expected", "What was expected was right to be said once: this mark changes nothing."),
    ],
)
def test_an_alert_says_what_its_mark_does_to_the_false_alarm_budget_of_its_kind(
    earlier: str, verdict: str, said: str
) -> None:
    app, reader, _ = a_console()
    reader.alert = reader.alert.model_copy(update={"verdict": verdict})
    reader.verdicts = [AlertVerdict(alert_id="a0", verdict=earlier), AlertVerdict(alert_id="a1", verdict=verdict)]
    assert said in Visitor(app, "omar").get("/alerts/a1").text
    assert Outline(Visitor(app, "omar", language="fr").get("/alerts/a1").text).problems == []


def test_a_mark_on_an_alert_that_its_region_has_forgotten_says_that_it_no_longer_counts() -> None:
    app, reader, _ = a_console()
    reader.alert = reader.alert.model_copy(update={"verdict": "false"})
    reader.verdicts = []
    assert "its mark no longer counts" in Visitor(app, "omar").get("/alerts/a1").text


def test_an_alert_is_on_a_map_with_the_events_near_it_and_none_far_away() -> None:
    app, reader, _ = a_console()
    (event,) = reader.market_events(Sight(every_region=True), "west", NOW.date(), NOW.date())
    far = event.model_copy(update={"market_event_id": "m2", "lat": 43.3, "lon": 5.4, "note": "in another town"})
    close = event.model_copy(update={"market_event_id": "m3", "radius_km": None, "note": "round the <corner>"})
    reader.news = [event, far, close]
    text = Visitor(app, "omar").get("/alerts/a1").text
    assert re.findall(r'<circle class="([^"]+)"[^>]* data-event="(\w+)"', text) == [
        ("reach related", "m1"),
        ("reach", "m3"),
    ]
    assert 'aria-label="Map of 2 affected accounts. 2 market events reach them."' in text
    assert "round the &lt;corner&gt;" in text
    assert "in another town" not in text
    assert "Carte des 2 comptes concernés" in Visitor(app, "omar", language="fr").get("/alerts/a1").text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Its worth is made of: travel +€255 (\u2212250 km a year) · handover and relation at risk \u2212€2,070 · balance +€12k (\u221214.2 points of deviation)</p>"),
        ("fr", "Sa valeur se compose de : route +255\u00a0€ (\u2212250 km par an) · passation et risque de relation \u22122\u202f070\u00a0€ · équilibre +12\u00a0k€ (\u221214,2 points d’écart)</p>"),
    ],
)  # fmt: skip
def test_a_move_tells_what_its_worth_is_made_of_in_money_and_in_units(language: str, said: str) -> None:
    app, _, _ = a_console()
    assert said in Visitor(app, "mia", language=language).get("/suggestions/s1").text


def test_a_move_of_before_its_shares_had_units_says_nothing_in_brackets() -> None:
    app, reader, _ = a_console()
    moves = [move.model_copy(update={"deviation_points": 0.0}) for move in reader.suggestion.moves]
    reader.suggestion = reader.suggestion.model_copy(update={"moves": tuple(moves)})
    assert "balance +€12k</p>" in Visitor(app, "mia").get("/suggestions/s1").text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Work beyond free hours"), ("fr", "Travail au-delà des heures libres")]
)
def test_work_that_is_priced_is_told_as_work_beyond_free_hours(language: str, said: str) -> None:
    app, reader, _ = a_console()
    figures = {name: 12 if field.annotation is int else 12.0 for name, field in PlanFigures.model_fields.items()}
    plan = ScenarioRow(scenario="nothing", **figures)
    reader.suggestion = reader.suggestion.model_copy(update={"scenarios": (plan,)})
    assert said in Visitor(app, "mia", language=language).get("/suggestions/s1").text


@pytest.mark.parametrize(
    ("from_rep", "said"),
    [
        ("R03", "coûte 24\u00a0€ par an à lui seul, et d’autres mouvements en dépendent."),
        ("", "coûte 24\u00a0€ par an de plus que le meilleur autre commercial, qu’une règle écarte."),
    ],
)
def test_a_move_that_costs_by_itself_says_why_it_is_proposed_and_not_when_it_pays(from_rep: str, said: str) -> None:
    app, reader, _ = a_console()
    move = reader.suggestion.moves[0].model_copy(update={"worth_eur": -24.0, "from_rep": from_rep})
    turning = (TurningPointRow(account_id=move.account_id, pays_from_eur=None, pays_to_eur=None),)
    reader.suggestion = reader.suggestion.model_copy(update={"moves": (move,), "turning_points": turning})
    text = Visitor(app, "mia", language="fr").get("/suggestions/s1").text
    assert said in text
    assert Words("fr")("turning.always") not in text
    assert Words("fr")("turning.always").replace("'", "&#39;") not in text
