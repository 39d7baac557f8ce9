"""Figures of conduct are published neither of single reps nor of small groups, unless the settings allow it."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.client import Client
from small_company import written_through_the_sink

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access
from infra.clickhouse.snapshots import refresh_snapshots
from schemas.settings import Privacy, Settings

pytestmark = pytest.mark.io


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    written_through_the_sink(access, Settings())


def grains(client: Client, view: str) -> set[str]:
    return {grain for (grain,) in client.query(f"SELECT DISTINCT grain FROM {view}").result_rows}


def test_by_default_no_figure_of_conduct_speaks_of_a_single_rep(client: Client) -> None:
    assert grains(client, "kpi_travel_per_client") == {"company", "region"}
    assert grains(client, "kpi_revenue") == {"company", "region"}


@pytest.mark.parametrize("view", ["kpi_quota_attainment", "kpi_plan_kept"])
def test_a_region_is_measured_by_targets_only_where_k_reps_have_some(client: Client, view: str) -> None:
    """Two of the three reps have; k is 3 unless the settings say otherwise."""
    assert grains(client, view) == {"company"}
    publish_settings(client, Settings(privacy=Privacy(k_anonymity=2)))
    refresh_snapshots(client)
    assert grains(client, view) == {"company", "region"}
    publish_settings(client, Settings())
    refresh_snapshots(client)


def test_how_content_reps_are_is_shown_only_where_k_of_them_answered(client: Client) -> None:
    """Two of the three reps did."""
    assert grains(client, "kpi_nps") == {"company", "region"}
    assert grains(client, "kpi_satisfaction") == set()
    publish_settings(client, Settings(privacy=Privacy(k_anonymity=2)))
    refresh_snapshots(client)
    assert grains(client, "kpi_satisfaction") == {"company", "region"}
    publish_settings(client, Settings())
    refresh_snapshots(client)


def test_plan_figures_of_a_territory_stay_visible(client: Client) -> None:
    assert grains(client, "kpi_territory_index") == {"territory"}
    assert "territory" in grains(client, "kpi_load_ratio")


def test_a_region_with_fewer_reps_than_k_is_hidden(client: Client) -> None:
    publish_settings(client, Settings(privacy=Privacy(k_anonymity=4)))
    refresh_snapshots(client)
    assert grains(client, "kpi_travel_per_client") == {"company"}
    publish_settings(client, Settings())
    refresh_snapshots(client)
