"""Figures of conduct are published neither of single reps nor of small groups, unless the settings allow it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from clickhouse_connect.driver.client import Client
from small_company import written_through_the_sink

from console.pages.today import CONDUCT, absent
from console.reading.reader import ClickHouseReader
from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access
from infra.clickhouse.snapshots import refresh_snapshots
from infra.clickhouse.view_files import kpis
from schemas.settings import Privacy, Settings

pytestmark = pytest.mark.io
SHOWN_OF_THREE = {
    f"kpi_{name}"
    for name in (
        "response_rate", "access_time", "opportunity_cost", "acquisition_cost", "effort_per_win", "overlap", "opportunities",
        "revenue_balance", "segment_profitability", "lifetime_revenue", "coverage", "revenue", "travel_per_client",
    )
}  # fmt: skip
"""Figures of conduct for which the small company has rows of its region."""


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    written_through_the_sink(access, Settings())


def names(client: Client, view: str) -> set[str]:
    return {name for (name,) in client.query(f"SELECT DISTINCT name FROM {view}").result_rows}


def grains(client: Client, view: str) -> set[str]:
    return {grain for (grain,) in client.query(f"SELECT DISTINCT grain FROM {view}").result_rows}


def test_by_default_no_figure_of_conduct_speaks_of_a_single_rep(client: Client) -> None:
    assert grains(client, "kpi_travel_per_client") == {"company", "region"}
    assert grains(client, "kpi_revenue") == {"company", "region"}


@pytest.mark.parametrize("view", ["kpi_quota_attainment", "kpi_plan_kept"])
def test_reps_are_measured_by_targets_only_where_k_of_them_have_some(client: Client, view: str) -> None:
    """Two of the three reps have; k is 3 unless the settings say otherwise."""
    assert grains(client, view) == set()
    with published(client, Privacy(k_anonymity=2)):
        assert grains(client, view) == {"company", "region"}


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


def test_where_fewer_reps_than_k_work_every_figure_of_conduct_is_hidden(client: Client) -> None:
    """The company and its region have three reps: they are told at k = 3 and not at k = 4, and a territory at neither."""
    conduct = [view.name for view in kpis() if view.header["subject"] == "conduct"]
    shown = {view for view in conduct if "region" in grains(client, view)}
    assert shown >= SHOWN_OF_THREE
    with published(client, Privacy(k_anonymity=4)):
        assert {view: found for view in conduct if (found := grains(client, view))} == {}
        assert names(client, "flash_trends") <= names(client, "kpi_flash")
    assert {view for view in conduct if "region" in grains(client, view)} == shown
    assert {view for view in conduct if "territory" in grains(client, view)} == set()


def test_the_console_knows_that_figures_are_held_back_and_which(client: Client) -> None:
    """Three reps: at k = 4 exactly the figures of conduct are missing on the flash page, and for that reason."""
    reader = ClickHouseReader(client)
    assert (reader.published().hides, reader.published().fewest, absent(reader.flash(), reader.published()).hidden) == (
        False,
        3,
        (),
    )
    with published(client, Privacy(k_anonymity=4)):
        found = absent(reader.flash(), reader.published())
        assert (found.hidden, found.unknown, found.fewest) == (CONDUCT, (), 4)


def test_figures_of_conduct_are_told_of_single_reps_where_the_settings_allow_it(client: Client) -> None:
    with published(client, Privacy(k_anonymity=4, individual_kpis=True)):
        assert grains(client, "kpi_coverage") == {"company", "region", "territory"}
        assert grains(client, "kpi_response_rate") == {"company", "region"}


@contextmanager
def published(client: Client, privacy: Privacy) -> Iterator[None]:
    """These settings inside, and afterwards the usual ones."""
    publish_settings(client, Settings(privacy=privacy))
    refresh_snapshots(client)
    try:
        yield
    finally:
        publish_settings(client, Settings())
        refresh_snapshots(client)
