"""`make check-superset`: the KPI views used from a real Apache Superset by the BI user, over HTTP as a BI team does.

Not collected by pytest: installing and preparing Superset takes minutes. Ends with 1 when anything differs.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from small_company import two_regions, write_rows
from superset_client import RefusedError, Superset
from superset_server import PreparationError, a_superset
from test_clickhouse_bi_user import FORBIDDEN

from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate
from infra.clickhouse.view_files import kpis
from infra.embedded.clickhouse import ClickHouseServer
from schemas.errors import TerradriftError
from schemas.settings import Privacy, Settings

IN_CLICKHOUSE = re.compile(r"Code: \d+\. DB::Exception")
COVERAGE = "SUM(numerator) / SUM(denominator)"
QUARTER = {"window_days": 90}


class DiffersError(Exception):
    """Superset shows something else than it should."""


def main(programs: Path) -> int:
    """Every check in order; the first that differs ends them. `programs` is the bin folder of Superset's environment."""
    log = programs.parent / "superset.log"
    try:
        with tempfile.TemporaryDirectory() as folder, a_superset(programs, Path(folder) / "superset", log) as superset:
            with a_clickhouse(Path(folder) / "company") as (owner, bi):
                migrate(owner)
                write_rows(owner, two_regions(), Settings(privacy=Privacy(k_anonymity=1, individual_kpis=True)))
                database, datasets = check_whole_company(superset, bi)
            with a_clickhouse(Path(folder) / "company", regions="south") as (_, bi):
                superset.change_database(database, uri(bi))
                check_one_region(superset, bi, database, datasets)
    except (DiffersError, RefusedError, PreparationError, TerradriftError) as error:
        say(f"FAILED  {error}\nSuperset's log is {log}.")
        return 1
    say("The KPI views work from Superset.")
    return 0


@contextmanager
def a_clickhouse(directory: Path, regions: str = "") -> Iterator[tuple[Access, Access]]:
    """The embedded ClickHouse, for its owner and for the BI user of these regions ("": of all)."""
    os.environ["TERRADRIFT_BI_REGIONS"] = regions
    server = ClickHouseServer(directory)
    address = server.start()
    try:
        owner, bi = (Access(address.url, login.user, login.password) for login in (address.owner, address.bi))
        yield owner, bi
    finally:
        server.stop()


def check_whole_company(superset: Superset, bi: Access) -> tuple[int, dict[str, int]]:
    """What a BI user for every region can and cannot do; the database and the datasets that were made, by name."""
    superset.test_connection(uri(bi))
    database = superset.add_database("terradrift", uri(bi))
    done("connects as bi")
    expect_refused("a wrong password", lambda: superset.test_connection(uri(bi, password="wrong")))

    listed = superset.tables(database, bi.database)
    expect("lists every KPI view", {view.name for view in kpis()} - listed, set())
    expect("does not list what bi may not read", {"names", "visits", "activity_windows"} & listed, set())

    datasets = {
        name: superset.add_dataset(database, bi.database, name) for name in ("kpi_coverage", "kpi_revenue", "orders")
    }
    check_coverage(superset, bi, datasets["kpi_coverage"])
    check_revenue(superset, bi, datasets["kpi_revenue"])

    rows = superset.sql_lab(database, bi.database, "SELECT count() AS figures FROM kpi_flash")
    expect("SQL Lab runs a SELECT", rows, [{"figures": 8}])
    for text in FORBIDDEN:
        expect_refused(text, partial(superset.sql_lab, database, bi.database, text))
    return database, datasets


def check_coverage(superset: Superset, bi: Access, dataset: int) -> None:
    """A ratio of sums in a chart is the ratio of the sums that clickhouse-connect reads."""
    shown = superset.chart(dataset, ["region_id"], {"coverage": COVERAGE}, QUARTER | {"grain": "region"})
    read = rows_of(bi, "SELECT region_id, numerator, denominator FROM kpi_coverage", "grain = 'region'")
    expect(
        "a chart of kpi_coverage shows what clickhouse-connect reads",
        {row["region_id"]: row["coverage"] for row in shown},
        {region: numerator / denominator for region, numerator, denominator in read},
    )
    expect("of both regions", {row["region_id"] for row in shown}, {"north", "south"})


def check_revenue(superset: Superset, bi: Access, dataset: int) -> None:
    """As-was and as-is of each territory, which differ where accounts changed hands."""
    metrics = {"was": "SUM(revenue_as_was)", "now": "SUM(revenue_as_is)"}
    shown = superset.chart(dataset, ["region_id", "rep_id"], metrics, QUARTER | {"grain": "territory"})
    columns = "region_id, rep_id, revenue_as_was, revenue_as_is"
    read = rows_of(bi, f"SELECT {columns} FROM kpi_revenue", "grain = 'territory'")
    expect(
        "a chart of kpi_revenue shows what clickhouse-connect reads, as-was and as-is",
        sorted((row["region_id"], row["rep_id"], row["was"], row["now"]) for row in shown),
        sorted(tuple(row) for row in read),
    )
    expect("in which as-was and as-is differ", any(was != now for *_, was, now in read), True)


def check_one_region(superset: Superset, bi: Access, database: int, datasets: dict[str, int]) -> None:
    """What the same connection, datasets and charts show once the BI user may see the south alone."""
    for name, dataset in datasets.items():
        regions = {row["region_id"] for row in superset.chart(dataset, ["region_id"], {"rows": "COUNT(*)"})}
        expect(f"bi of the south sees the south alone in {name}", regions, {"south"})
    rows = superset.sql_lab(database, bi.database, "SELECT DISTINCT region_id FROM accounts_now")
    expect("and in SQL Lab", rows, [{"region_id": "south"}])
    company = "SELECT * FROM kpi_flash"
    expect_refused(f"to bi of the south {company}", partial(superset.sql_lab, database, bi.database, company))


def uri(bi: Access, password: str = "") -> str:
    """What a BI team types into Superset."""
    return f"clickhousedb://{bi.user}:{password or bi.password}@{bi.host}:{bi.port}/{bi.database}"


def rows_of(bi: Access, select: str, condition: str) -> list[Sequence[Any]]:
    client = connect(bi)
    try:
        return list(client.query(f"{select} WHERE {condition} AND window_days = {QUARTER['window_days']}").result_rows)
    finally:
        client.close()


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise DiffersError(f"{what}: found {found!r}, expected {wanted!r}")
    done(what)


def expect_refused(what: str, act: Callable[[], object]) -> None:
    """Refused by ClickHouse itself, not by Superset before it was asked."""
    try:
        act()
    except RefusedError as error:
        if not IN_CLICKHOUSE.search(str(error)):
            raise DiffersError(f"{what}: refused, but not by ClickHouse: {error}") from error
        done(f"ClickHouse refuses {what}")
    else:
        raise DiffersError(f"{what}: was not refused")


def done(what: str) -> None:
    say(f"ok      {what}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
