"""What the BI user may read: KPIs, results and facts about accounts, but no names, no homes, no visits of single reps, nothing
people said or decided, and no bytes of refused messages. The same list serves the embedded engine and the file for a server.

Which rep has an account is not told beside what the account bought, or by account: sales of single reps would be one join away
whatever `privacy.individual_kpis` says. `orders_owned` tells it where the settings allow it.

Views run with the rights of who made them, so a KPI may be read without the tables it is made of. A user for some regions
sees the rows of these regions alone, also of KPIs, and none of the company.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import Final
from xml.sax.saxutils import escape

from pydantic import BaseModel

from infra.clickhouse.view_files import kpis
from schemas import rows
from schemas.errors import SettingsError

BY_REGION: Final = (
    "orders", "potentials", "alerts", "suggestions", "assignment_changes", "model_quality",
    "accounts_now", "potentials_now", "alerts_now", "suggestions_now", "suggestion_moves", "suggestion_frontier",
    "suggestion_scenarios", "account_plan", "territories", "move_outcomes",
    "territory_potentials",
)  # fmt: skip
"""Tables and views with a region_id in every row."""
OF_THE_COMPANY: Final = ("market_events", "opportunities", "orders_owned")
OF_NOBODY: Final = ("watermark", "kpi_windows", "business")


def _fields(row: type[BaseModel], without: str, more: str = "") -> str:
    """Columns of the table of `row` but those of `without`, and `more` that a view adds."""
    withheld = without.split()
    return ", ".join([*(name for name in row.model_fields if name not in withheld), *more.split()])


_SAID_OF_SUGGESTIONS: Final = (
    "decided_by decision_reason approvals challenges blocked verdicts"  # the last two quote why accounts are pinned
)
_SALES_OF_SCOPES: Final = "observed_eur expected_eur"  # of an alert about a territory these are what a rep sells
COLUMNS: Final = {
    "reps_now": "rep_id, region_id, active, weekly_hours, seniority, active_from, active_to",
    "dead_letters": "dead_letter_id, topic, partition, offset, received_at, reason, field, payload_bytes",
    "account_plan": "account_id, region_id, kind, active, segment, potential_eur, visits_per_year, visit_minutes, lat, lon, city",
    "potentials": _fields(rows.PotentialRow, "rep_id"),
    "potentials_now": _fields(rows.PotentialRow, "rep_id"),
    "suggestions": _fields(rows.SuggestionRow, _SAID_OF_SUGGESTIONS),
    "suggestions_now": _fields(rows.SuggestionRow, _SAID_OF_SUGGESTIONS),
    "opportunities": _fields(rows.OpportunityRow, "rep_id"),
    "alerts": _fields(rows.AlertRow, _SALES_OF_SCOPES),
    "alerts_now": _fields(rows.AlertRow, _SALES_OF_SCOPES, "acknowledged_at silenced_until verdict"),
}
"""Of these only the columns named; everything else that is granted is granted whole."""
KPIS_OF_THE_COMPANY: Final = ("kpi_flash", "kpi_dead_letters", "kpi_list_lengths", "kpi_acquisition_by_source")
PROFILE: Final = """\
<bi>
  <readonly>2</readonly> <!-- settings of a query may be set, as drivers do; data may not be changed -->
  <max_execution_time>60</max_execution_time>
  <max_memory_usage>2000000000</max_memory_usage>
  <constraints> <!-- 0 would be no limit -->
    <max_execution_time><min>1</min><max>300</max></max_execution_time>
    <max_memory_usage><min>1</min><max>2000000000</max></max_memory_usage>
  </constraints>
</bi>"""
"""Seconds and bytes of a query of the BI user, and how far the query itself may raise them."""
QUERIES_PER_HOUR: Final = 20_000
_REGION = re.compile(r"^[^\x00-\x1f\x7f]{1,64}$")


def bi_grants(database: str, regions: Sequence[str] = ()) -> list[str]:
    """GRANT statements of the BI user; with `regions` only of what can be told apart by region."""
    kpi_names = [view.name for view in kpis()]
    whole = [*BY_REGION, *OF_NOBODY, *(name for name in kpi_names if name not in KPIS_OF_THE_COMPANY)]
    parts = {
        name: columns
        for name, columns in COLUMNS.items()
        if not regions or name not in ("dead_letters", "opportunities")
    }
    if not regions:
        whole += [*OF_THE_COMPANY, *KPIS_OF_THE_COMPANY]
    return [f"GRANT SELECT ON {database}.{name}" for name in sorted({*whole} - COLUMNS.keys())] + [
        f"GRANT SELECT({columns}) ON {database}.{name}" for name, columns in sorted(parts.items())
    ]


def bi_filters(regions: Sequence[str]) -> dict[str, str]:
    """Table or view -> the condition its rows must meet; none without regions. Raises SettingsError for a region that is none."""
    if not regions:
        return {}
    for region in regions:
        if not _REGION.match(region):
            raise SettingsError(f"TERRADRIFT_BI_REGIONS: {region!r} is not the name of a region")
    quoted = ", ".join("'" + region.replace("\\", "\\\\").replace("'", "\\'") + "'" for region in regions)
    names = [*BY_REGION, "reps_now", *(view.name for view in kpis() if view.name not in KPIS_OF_THE_COMPANY)]
    return dict.fromkeys(sorted(names), f"region_id IN ({quoted})")


def regions_of(text: str) -> tuple[str, ...]:
    """Names separated by commas; "" is every region."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def queries_of(text: str) -> int:
    """Queries an hour; "" is what is usual. Raises SettingsError for what is no number above zero."""
    if text and not (text.isascii() and text.isdigit() and int(text)):
        raise SettingsError(f"TERRADRIFT_BI_QUERIES: {text!r} is not a number of queries an hour")
    return int(text or QUERIES_PER_HOUR)


def quota_xml(queries: int = QUERIES_PER_HOUR) -> str:
    """The quota of the BI user: queries of an hour, and the seconds of all of them together."""
    interval = f"<duration>3600</duration><queries>{queries}</queries><execution_time>3600</execution_time>"
    return f"<bi><interval>{interval}</interval></bi>"


def grants_xml(database: str, regions: Sequence[str] = ()) -> str:
    """The elements `grants` and `databases` of a user in users.xml."""
    grants = "".join(f"<query>{escape(grant)}</query>" for grant in bi_grants(database, regions))
    return f"<grants>{grants}</grants>{_policies(database, bi_filters(regions).items())}"


def server_file(database: str, regions: Sequence[str] = ()) -> str:
    """A users.d file for a ClickHouse server; the password comes from the environment of the server."""
    return f"""<!-- The user of dashboards and BI. Made by python -m infra.clickhouse.bi_access [REGION ...]; do not edit. -->
<clickhouse>
  <profiles>
{indent(PROFILE, "    ")}
  </profiles>
  <quotas>
    {quota_xml()}
  </quotas>
  <users>
    <bi>
      <password from_env="CLICKHOUSE_BI_PASSWORD"/>
      <networks><ip>::/0</ip></networks>
      <profile>bi</profile>
      <quota>bi</quota>
      {grants_xml(database, regions).replace("<query>", chr(10) + "        <query>").replace("</grants>", chr(10) + "      </grants>")}
    </bi>
  </users>
</clickhouse>
"""


def _policies(database: str, filters: Iterable[tuple[str, str]]) -> str:
    tables = "".join(f"<{name}><filter>{escape(condition)}</filter></{name}>" for name, condition in filters)
    return f"<databases><{database}>{tables}</{database}></databases>" if tables else ""


if __name__ == "__main__":
    sys.stdout.write(server_file("terradrift", sys.argv[1:]))
