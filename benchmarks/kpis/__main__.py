"""`python -m benchmarks.kpis`: every KPI and every query of the dashboards on a large company; into RESULTS.md with --write.

Times are those of a client over HTTP on loopback; beside them the CPU time that ClickHouse says the query took. A question
that has no rows for an answer was not asked of anything: the bench then fails, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clickhouse_connect.driver.client import Client

from benchmarks.kpis.company import Size, fill
from benchmarks.results import conditions, write_section
from benchmarks.streams.latency import percentile
from benchmarks.streams.progress import say
from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate
from infra.clickhouse.snapshots import refresh_snapshots, refreshers
from infra.clickhouse.view_files import EVERY_SECONDS, PACES, all_views, kpis
from infra.embedded.clickhouse import ClickHouseServer
from schemas.settings import Privacy, Settings

DASHBOARDS = Path(__file__).resolve().parents[2] / "infra" / "grafana" / "dashboards"
TRENDS = Path(__file__).resolve().parents[2] / "console" / "reading" / "queries" / "trends.sql"
GOAL_MS = 200.0
REGION = "${region:singlequote}"


@dataclass(frozen=True, slots=True)
class Answer:
    """How long one question takes, milliseconds: by the clock, and CPU of ClickHouse."""

    name: str
    rows: int
    median: float
    p95: float
    cpu: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kpis", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000_000, help="size of the company (default 10,000,000)")
    parser.add_argument("--runs", type=int, default=21, help="askings of each question (default 21)")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = ClickHouseServer(Path(folder))
        address = server.start()
        try:
            client = _large_company(Access(address.url, address.owner.user, address.owner.password), arguments.orders)
            made = {name: _making(client, name) for name in refreshers()}
            answers = [_answer(client, name, text, arguments.runs) for name, text in questions()]
            text = _table(arguments.orders, answers, made, arguments.runs)
        finally:
            server.stop()
    sys.stdout.write(text + "\n")
    if empty := unanswered(answers):
        sys.stderr.write(f"no rows: {', '.join(empty)}; give the company of the bench what they ask for\n")
        return 1
    if arguments.write:
        write_section("kpis", text)
    return 0


def unanswered(answers: Iterable[Answer]) -> list[str]:
    """Names of the questions whose times say nothing, because the company has nothing of the kind."""
    return [answer.name for answer in answers if answer.rows == 0]


def questions() -> Iterator[tuple[str, str]]:
    """(name, SQL): all of every KPI, what the dashboards ask, for two regions, and the trends of the console's Today."""
    for view in kpis():
        yield view.name, f"SELECT * FROM {view.name}"
    for file in sorted(DASHBOARDS.glob("*.json")):
        dashboard = json.loads(file.read_text(encoding="utf-8"))
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                if "rawSql" in target:
                    yield f"panel {panel['title']!r}", target["rawSql"].replace(REGION, "'region0', 'region1'")
    yield "Today, trends", TRENDS.read_text(encoding="utf-8")


def _large_company(access: Access, orders: int) -> Client:
    migrate(access)
    client = connect(access)
    publish_settings(client, Settings(privacy=Privacy(individual_kpis=True)))
    say(f"writing {orders:,} orders ...")
    fill(client, Size(orders))
    say("making the snapshots for the first time ...")
    refresh_snapshots(client)
    return client


def _making(client: Client, refresher: str) -> float:
    """Seconds one making of a snapshot takes."""
    began = time.monotonic()
    client.command(f"SYSTEM REFRESH VIEW {refresher}")
    client.command(f"SYSTEM WAIT VIEW {refresher}")
    took = time.monotonic() - began
    say(f"{refresher}: made in {took:.2f} s")
    return took


def _a_minute(made: Mapping[str, float]) -> float:
    """Seconds of making in a minute, when each snapshot is made as often as its view says."""
    pace = {f"{view.name}_made": PACES[view.header["made"]] for view in all_views() if view.is_made}
    return sum(seconds * EVERY_SECONDS / pace.get(name, EVERY_SECONDS) for name, seconds in made.items())


def _answer(client: Client, name: str, text: str, runs: int) -> Answer:
    took, rows = [], 0
    for _ in range(runs):
        began = time.perf_counter()
        rows = len(client.query(text, settings={"log_comment": name}).result_rows)
        took.append(1000 * (time.perf_counter() - began))
    client.command("SYSTEM FLUSH LOGS query_log")
    cpu = client.query(
        "SELECT median(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']) / 1000 "
        "FROM system.query_log WHERE type = 'QueryFinish' AND log_comment = {name:String}",
        parameters={"name": name},
    ).result_rows[0][0]
    say(f"{name}: {percentile(took, 95):.0f} ms (p95)")
    return Answer(name, rows, percentile(took, 50), percentile(took, 95), float(cpu))


def _table(orders: int, answers: list[Answer], made: Mapping[str, float], runs: int) -> str:
    size = Size(orders)
    told = (
        f"{orders:,} orders, {size.accounts:,} accounts, {size.reps} reps, {size.visits:,} visits, three years; {runs} askings "
        f"each. Making all snapshots anew took {sum(made.values()):.1f} s; each at its own pace, {_a_minute(made):.1f} s a minute."
    )
    lines = [
        conditions("terradrift", "chdb-core", "clickhouse-connect"), "",
        told, "",
        "| question | rows | median ms | p95 ms | goal | CPU ms |", "|---|---:|---:|---:|---|---:|",
    ]  # fmt: skip
    for answer in answers:
        verdict = f"≤ {GOAL_MS:.0f}" + ("" if answer.p95 <= GOAL_MS else " **missed**")
        lines.append(
            f"| `{answer.name}` | {answer.rows:,} | {answer.median:.0f} | {answer.p95:.0f} | {verdict} | {answer.cpu:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
