"""What is hidden must not follow from what is shown: the company less the regions shown speaks of k reps, or of nobody."""

from __future__ import annotations

from typing import Any, Final

import pytest
from clickhouse_connect.driver.client import Client
from small_company import a_rep, a_target, a_visit, an_account, an_answer, an_assignment, write_rows

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access
from infra.clickhouse.snapshots import refresh_snapshots
from schemas.settings import Privacy, Settings

pytestmark = pytest.mark.io
REPS: Final = {"a": 1, "b": 3, "c": 4, "d": 5}
"""Region -> its reps: 13 in all. Each makes a visit; in c one has a plan, a quota and an opinion, in d all five."""


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    rows: list[Any] = []
    for region, count in REPS.items():
        for rep in (f"{region}{number}" for number in range(count)):
            rows += [
                a_rep(rep, 40).model_copy(update={"region_id": region}),
                an_account(f"at-{rep}", "A").model_copy(update={"region_id": region}),
                an_assignment(f"at-{rep}", rep, "2025-01-01").model_copy(update={"region_id": region}),
                a_visit(f"v-{rep}", "2026-06-20T09:00", f"at-{rep}", rep, 60, 30, 20, region_id=region),
            ]
            if region == "d" or rep == "c0":
                rows += [a_target(rep, "2026-05-01", "1000", 4), an_answer(f"q-{rep}", "2026-06-10", 8, rep=rep)]
    # somebody left long ago: of that region no window tells
    rows.append(a_rep("gone", 40).model_copy(update={"region_id": "e", "active_to": "2024-01-31"}))
    write_rows(access, sorted(rows, key=lambda row: row.offset), Settings())


def publish(client: Client, privacy: Privacy) -> None:
    publish_settings(client, Settings(privacy=privacy))
    refresh_snapshots(client)


def shown(client: Client, kpi: str) -> dict[str, float]:
    """Region -> denominator over 90 days; "" is the company."""
    rows = client.query(f"SELECT region_id, denominator FROM kpi_{kpi} WHERE window_days = 90 AND grain != 'territory'")
    return dict(rows.result_rows)


@pytest.mark.parametrize(("k", "regions"), [(1, "abcd"), (2, "cd"), (3, "cd"), (4, "cd"), (5, "d"), (6, ""), (13, "")])
def test_the_company_less_the_regions_shown_speaks_of_k_reps_or_of_nobody(client: Client, k: int, regions: str) -> None:
    """At 2 and 3, region a is too small and b is hidden with it; at 4 both are too small, and large enough together."""
    publish(client, Privacy(k_anonymity=k))
    visits = shown(client, "cost_per_visit")
    assert visits == {"": 13} | {region: REPS[region] for region in regions}
    hidden = visits.pop("") - sum(visits.values())
    assert hidden == 0 or hidden >= k
    assert all(count >= k for count in visits.values())


def test_a_company_of_fewer_reps_than_k_is_hidden_as_a_region_is(client: Client) -> None:
    publish(client, Privacy(k_anonymity=14))
    assert shown(client, "cost_per_visit") == {}


@pytest.mark.parametrize("kpi", ["plan_kept", "quota_attainment", "satisfaction"])
def test_where_fewer_reps_are_counted_what_is_hidden_speaks_of_k_of_those(client: Client, kpi: str) -> None:
    """Six are counted, one of them in c. If d were shown, the company less d would be that one."""
    told = {}
    for k in (1, 3, 6, 7):
        publish(client, Privacy(k_anonymity=k))
        told[k] = set(shown(client, kpi))
    assert told == {1: {"", "c", "d"}, 3: {""}, 6: {""}, 7: set()}


def test_where_the_settings_allow_kpis_of_single_reps_nothing_is_hidden(client: Client) -> None:
    publish(client, Privacy(k_anonymity=14, individual_kpis=True))
    assert shown(client, "cost_per_visit") == {"": 13, **REPS}
    assert set(shown(client, "satisfaction")) == {"", "c", "d"}
