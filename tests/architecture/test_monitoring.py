"""Alerts and dashboards name only what exists: catalogued metrics, tables and views of ours, runbooks that are written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.metrics import catalogue
from infra.metrics.catalogue import METRICS, series_of
from infra.settings import METRICS_PORTS
from schemas.rows import AlertRow, ModelQualityRow, PotentialRow, SuggestionRow

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "infra" / "prometheus"
RULES_FILE = PROMETHEUS / "rules" / "terradrift.yml"
RULES = [rule for group in yaml.safe_load(RULES_FILE.read_text())["groups"] for rule in group["rules"]]
DASHBOARDS = sorted((ROOT / "infra" / "grafana" / "dashboards").glob("*.json"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

SERIES = {name: metric for metric in METRICS for name in series_of(metric)}
FROM_SCRAPING = {"up": {"job", "instance"}}
SCRAPED_LABELS = {"job", "instance", "le"}
# what the dashboards may read in ClickHouse -> the row whose fields it has; None: a KPI, whose SQL is its own
READABLE: dict[str, type | None] = {
    "potentials_now": PotentialRow, "alerts_now": AlertRow, "suggestions_now": SuggestionRow,
    "model_quality": ModelQualityRow, "territory_potentials": None, "kpi_flash": None, "kpi_territory_index": None,
}  # fmt: skip
SQL_WORDS = {"select", "from", "where", "group", "order", "by", "as", "and", "or", "in", "not", "desc", "limit", "final",
             "distinct", "null", "concat", "round", "sum", "count", "countif", "max", "min", "if", "nullif", "length",
             "region"}  # fmt: skip


# Catalogued, and watched by alerts, but no process reports them yet: an alert on them cannot fire. Shorten this list, never extend it.
NOT_REPORTED_YET: set[str] = set()


def panels(dashboard: Path) -> Iterator[dict[str, Any]]:
    """The panels that ask something."""
    for panel in json.loads(dashboard.read_text())["panels"]:
        if panel["type"] != "row":
            yield panel


def queries(kind: str) -> list[str]:
    """All PromQL (`expr`) or SQL (`rawSql`) of the dashboards."""
    return [
        target[kind] for file in DASHBOARDS for panel in panels(file) for target in panel["targets"] if kind in target
    ]


def metric_names(expression: str) -> set[str]:
    """The series a PromQL expression names."""
    without_strings = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\b(?:terradrift_\w+|up(?=[{\s]))", without_strings))


PROMQL = [(rule["alert"], rule["expr"]) for rule in RULES] + [(expr[:60], expr) for expr in queries("expr")]


@pytest.mark.parametrize("expression", [expr for _, expr in PROMQL], ids=[name for name, _ in PROMQL])
def test_a_query_names_only_catalogued_metrics_and_their_labels(expression: str) -> None:
    names = metric_names(expression)
    assert names, "the expression names no metric"
    assert names <= set(SERIES) | set(FROM_SCRAPING)
    for name, selector in re.findall(r"\b(terradrift_\w+)\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)\s*=", selector)) <= set(SERIES[name].labels) | SCRAPED_LABELS
    known = {label for name in names if name in SERIES for label in SERIES[name].labels} | SCRAPED_LABELS
    for group in re.findall(r"\bby \(([^)]*)\)", expression):
        assert {label.strip() for label in group.split(",")} <= known


def test_every_metric_is_watched_or_shown() -> None:
    seen = {name for _, expr in PROMQL for name in metric_names(expr)}
    unseen = {metric.name for metric in METRICS if not seen & set(series_of(metric))}
    # the position is for finding a record in a runbook, the time of a snapshot for a closer look
    assert unseen == {"terradrift_consumer_position_offset"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_severity_a_summary_and_a_written_runbook(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["summary"]
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert page == "docs/operations.md"
    assert anchor == rule["alert"].lower()
    text = re.search(rf"^### {rule['alert']}\n(.+?)(?=^##|\Z)", OPERATIONS, re.MULTILINE | re.DOTALL)
    assert text is not None
    assert len(text.group(1).split()) > 20, "a runbook says what to do"


def test_no_runbook_is_left_of_an_alert_that_went() -> None:
    assert set(re.findall(r"^### (Terradrift\w+)$", OPERATIONS, re.MULTILINE)) == {rule["alert"] for rule in RULES}


def test_every_alert_has_a_case_that_fires_and_one_that_is_silent() -> None:
    cases = [
        (case["alertname"], bool(case["exp_alerts"]))
        for test in yaml.safe_load((PROMETHEUS / "rules" / "terradrift_test.yml").read_text())["tests"]
        for case in test["alert_rule_test"]
    ]
    assert {name for name, fires in cases if fires} == {rule["alert"] for rule in RULES}
    silent = {name for name, fires in cases if not fires}
    # the dead letters' firing case holds two silent feeds beside the loud one
    assert silent | {"TerradriftDeadLetters"} == {rule["alert"] for rule in RULES}


def test_suppressed_alerts_exist() -> None:
    config = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())
    named = {
        name
        for rule in config["inhibit_rules"]
        for side in rule.values()
        for text in side
        for name in re.findall(r"Terradrift\w+", text)
    }
    assert named <= {rule["alert"] for rule in RULES}


def test_prometheus_reads_every_role_on_its_port() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    scraped = {job["job_name"]: job["dns_sd_configs"][0] for job in config["scrape_configs"]}
    assert {name: place["port"] for name, place in scraped.items()} == dict(METRICS_PORTS)
    assert all(place["names"] == [name] for name, place in scraped.items())


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_is_whole(dashboard: Path) -> None:
    content = json.loads(dashboard.read_text())
    sources = yaml.safe_load((ROOT / "infra/grafana/provisioning/datasources/terradrift.yml").read_text())[
        "datasources"
    ]
    known = {(source["type"], source["uid"]) for source in sources}
    ids = [panel["id"] for panel in content["panels"]]
    assert len(ids) == len(set(ids))
    for panel in panels(dashboard):
        assert panel["title"]
        assert panel["description"]
        for target in panel["targets"]:
            assert (target["datasource"]["type"], target["datasource"]["uid"]) in known


@pytest.mark.parametrize("sql", queries("rawSql"), ids=lambda sql: str(sql)[:60])
def test_a_dashboard_reads_only_known_views_and_their_columns(sql: str) -> None:
    views = set(re.findall(r"\bFROM (\w+)", sql))
    assert views
    assert views <= set(READABLE)
    rows = [READABLE[view] for view in views]
    if all(rows):
        columns = {field for row in rows if row for field in row.model_fields}  # type: ignore[attr-defined]
        aliases = set(re.findall(r"\bAS (\w+)", sql))
        words = set(re.findall(r"\b[a-z_]\w*", re.sub(r"'[^']*'|\$\{[^}]*\}", "", sql))) - aliases - views
        assert {word for word in words if word.lower() not in SQL_WORDS} <= columns


def test_every_metric_is_reported_by_a_process() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "streams").rglob("*.py"))
    metering = (ROOT / "streams" / "metering.py").read_text(encoding="utf-8")
    counted = set(re.findall(r'(?:count\(|gauges\[)"([a-z_]+)"', sources.replace(metering, "")))
    reported = set()
    for name, metric in ((name, metric) for name, metric in vars(catalogue).items() if metric in METRICS):
        # a number that handlers give by name comes through a case of the meter; all others are set where they arise
        cases = re.findall(rf'case ((?:"[a-z_]+"(?: \| )?)+):(?:(?!case ).)*?\bm\.{name}\b', metering, re.DOTALL)
        given = {word for case in cases for word in re.findall(r"[a-z_]+", case)}
        set_directly = re.search(rf"\b(?:catalogue|m)\.{name}\b", sources) is not None and not cases
        if given & counted or set_directly:
            reported.add(metric.name)
    assert {metric.name for metric in METRICS} - reported == NOT_REPORTED_YET


def promtool() -> str:
    """The tool; skips loudly where it is absent, fails in CI."""
    tool = shutil.which("promtool")
    if tool is None:
        message = "PROMTOOL ABSENT: the Debian package prometheus has it; alert rules are not tested"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return tool


@pytest.mark.io
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "rules", "rules/terradrift.yml"],
        ["check", "config", "--syntax-only", "prometheus.yml"],
        ["test", "rules", "rules/terradrift_test.yml"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_promtool_agrees(arguments: list[str]) -> None:
    outcome = subprocess.run(
        [promtool(), *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=300, check=False
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
