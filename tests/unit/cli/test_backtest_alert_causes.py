"""`terradrift backtest alerts` with what a company tells beside its orders: market events, visits, reps and assignments."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from schemas.errors import SettingsError
from streams.cli.backtest import backtest

MONDAY = date(2022, 1, 3)
ACCOUNTS, TOWNS, WEEKS, CHANGE = 96, 8, 60, 46
OPENED = MONDAY + timedelta(weeks=CHANGE)


def a_company(folder: Path, lost: float = 0.0, town: int = 3) -> Path:
    """Twelve accounts in each of eight towns, each a territory; those of one town lose a share from a Monday on."""
    rng = np.random.default_rng(5)
    orders = ["account_id,occurred_at,amount,currency"]
    for week in range(WEEKS):
        for i in range(ACCOUNTS):
            fallen = 1 - lost * (i % TOWNS == town and week >= CHANGE)
            eur = 300 * fallen * np.exp(rng.normal(0, 0.2))
            orders.append(f"a{i},{MONDAY + timedelta(days=7 * week + i % 5)},{eur:.2f},EUR")
    accounts = [f"a{i},T{i % TOWNS},{45 + i % TOWNS},{2 + i / 1000:.3f}" for i in range(ACCOUNTS)]
    written(folder, "orders", orders)
    written(folder, "accounts", ["account_id,territory_id,lat,lon", *accounts])
    return folder


def written(folder: Path, name: str, lines: list[str]) -> None:
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def an_opening(folder: Path, lat: float = 48.0) -> None:
    header = "market_event_id,kind,occurred_at,lat,lon,radius_km,expected_effect,note"
    written(folder, "market_events", [header, f"m1,competitor_opened,{OPENED},{lat},2.0,20,-0.3,Lidl"])


def alerts_of(folder: Path, *files: str) -> list[dict[str, str]]:
    out = folder / "alerts.csv"
    given = [part for name in ("orders", "accounts", *files) for part in (f"--{name.replace('_', '-')}", str(folder / f"{name}.csv"))]  # fmt: skip
    result = CliRunner().invoke(backtest, ["alerts", *given, "--out", str(out), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["refused"] == 0
    with out.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def of_events(alerts: list[dict[str, str]]) -> list[dict[str, str]]:
    return [one for one in alerts if one["state"] != "found"]


def test_a_competitor_who_opens_is_told_on_the_day_and_confirmed_when_the_accounts_around_buy_less(
    tmp_path: Path,
) -> None:
    an_opening(a_company(tmp_path, lost=0.35))
    alerts = alerts_of(tmp_path, "market_events")
    (one,) = of_events(alerts)
    assert (one["scope"], one["direction"], one["state"]) == ("zone", "drop", "confirmed")
    assert one["detected_on"] == one["started_on"] == str(OPENED)
    assert date.fromisoformat(one["decided_on"]) <= OPENED + timedelta(days=35)
    assert one["cause_class"] == "demand_shift"
    assert "competitor opened: Lidl, 12 accounts in reach; -30% expected" in one["evidence"]
    assert float(one["magnitude"]) == pytest.approx(-0.33, abs=0.06)


def test_an_opening_that_took_nothing_is_withdrawn(tmp_path: Path) -> None:
    an_opening(a_company(tmp_path))
    (one,) = of_events(alerts_of(tmp_path, "market_events"))
    assert (one["state"], one["detected_on"]) == ("withdrawn", str(OPENED))
    assert date.fromisoformat(one["decided_on"]) <= OPENED + timedelta(days=42)


def test_an_opening_in_the_base_region_reaches_accounts_that_name_no_region(tmp_path: Path) -> None:
    header = "market_event_id,kind,occurred_at,lat,lon,radius_km,expected_effect,note,region_id"
    written(
        a_company(tmp_path, lost=0.35),
        "market_events",
        [header, f"m1,competitor_opened,{OPENED},48.0,2.0,20,-0.3,Lidl,main"],
    )
    assert [one["state"] for one in of_events(alerts_of(tmp_path, "market_events"))] == ["confirmed"]


def prospects_of_that_town(folder: Path, number: int, first_order: date) -> None:
    """They are in the list of accounts from the beginning, as a list of today is, and order once, late."""
    header, *known = (folder / "accounts.csv").read_text(encoding="utf-8").splitlines()
    new = [f"new{i},T3,48.0,2.001,prospect" for i in range(number)]
    written(folder, "accounts", [f"{header},kind", *(f"{one},customer" for one in known), *new])
    with (folder / "orders.csv").open("a", encoding="utf-8") as orders:
        orders.writelines(f"new{i},{first_order},300.00,EUR\n" for i in range(number))


def test_an_opening_reaches_nobody_who_orders_for_the_first_time_after_it(tmp_path: Path) -> None:
    an_opening(a_company(tmp_path, lost=0.35))
    prospects_of_that_town(tmp_path, 5, OPENED + timedelta(days=30))
    (one,) = of_events(alerts_of(tmp_path, "market_events"))
    assert "12 accounts in reach" in one["evidence"]


def test_visits_are_due_to_nobody_who_has_not_ordered_yet(tmp_path: Path) -> None:
    a_company(tmp_path, lost=0.4)
    prospects_of_that_town(tmp_path, 60, MONDAY + timedelta(weeks=WEEKS, days=-1))
    made = [
        f"a{i},R{i % TOWNS},{MONDAY + timedelta(days=7 * week + i % 5)}T10:00:00Z,40"
        for week in range(0, WEEKS, 4)
        for i in range(ACCOUNTS)
    ]
    written(tmp_path, "visits", ["account_id,rep_id,started_at,duration_minutes", *made])
    drops = [one for one in alerts_of(tmp_path, "visits") if one["scope_id"] == "T3" and one["direction"] == "drop"]
    assert {one["cause_class"] for one in drops} == {"demand_shift"}


def test_an_opening_far_from_everybody_says_nothing(tmp_path: Path) -> None:
    an_opening(a_company(tmp_path), lat=60.0)
    assert of_events(alerts_of(tmp_path, "market_events")) == []


@pytest.mark.parametrize(("kept", "cause"), [(False, "execution_gap"), (True, "demand_shift")])
def test_a_drop_after_visits_that_were_not_made_is_an_execution_gap(tmp_path: Path, kept: bool, cause: str) -> None:
    """C accounts are due three visits a year."""
    a_company(tmp_path, lost=0.4)
    made = [
        f"a{i},R{i % TOWNS},{MONDAY + timedelta(days=7 * week + i % 5)}T10:00:00Z,40"
        for week in range(0, WEEKS, 4)
        for i in range(ACCOUNTS)
        if kept or i % TOWNS != 3 or week < 16
    ]
    written(tmp_path, "visits", ["account_id,rep_id,started_at,duration_minutes", *made])
    found = [one for one in alerts_of(tmp_path, "visits") if one["scope"] == "territory" and one["scope_id"] == "T3"]
    (one,) = [one for one in found if one["direction"] == "drop"]
    assert one["cause_class"] == cause
    assert ("of the visits due were made" in one["evidence"]) is not kept


def test_a_rep_who_leaves_is_known_at_once_and_explains_what_the_territory_loses(tmp_path: Path) -> None:
    a_company(tmp_path, lost=0.4)
    last_day = OPENED - timedelta(days=1)
    reps = [f"T{town},north,{45 + town},2.0,{last_day if town == 3 else ''}" for town in range(TOWNS)]
    written(tmp_path, "reps", ["rep_id,region_id,home_lat,home_lon,active_to", *reps])
    alerts = alerts_of(tmp_path, "reps")
    (known,) = of_events(alerts)
    assert (known["scope_id"], known["cause_class"], known["state"]) == ("T3", "capacity_change", "known")
    assert known["detected_on"] == str(OPENED)
    drops = [one for one in alerts if (one["scope_id"], one["state"]) == ("T3", "found")]
    assert {one["cause_class"] for one in drops} == {"capacity_change"}


def test_an_account_belongs_to_the_territory_it_is_assigned_to(tmp_path: Path) -> None:
    a_company(tmp_path, lost=0.4)
    moved = [f"a{i},S{i % TOWNS},{MONDAY}" for i in range(ACCOUNTS)]
    written(tmp_path, "assignments", ["account_id,rep_id,valid_from", *moved])
    territories = {one["scope_id"] for one in alerts_of(tmp_path, "assignments") if one["scope"] == "territory"}
    assert "S3" in territories
    assert all(name.startswith("S") for name in territories)


def test_a_file_of_which_no_line_can_be_used_is_refused_with_the_reason(tmp_path: Path) -> None:
    written(a_company(tmp_path), "visits", ["account_id,rep_id,started_at,duration_minutes", "a1,R1,some day,40"])
    with pytest.raises(SettingsError, match=r"visits.csv: not one line could be used(.|\n)*started_at"):
        alerts_of(tmp_path, "visits")


def test_an_empty_file_is_refused_beside_a_good_one_of_the_same_name(tmp_path: Path) -> None:
    an_opening(a_company(tmp_path))
    (tmp_path / "other").mkdir()
    reps = tmp_path / "other" / "market_events.csv"
    reps.write_text("rep_id,region_id\n", encoding="utf-8")
    given = [
        f"--orders={tmp_path}/orders.csv",
        f"--market-events={tmp_path}/market_events.csv",
        f"--reps={reps}",
        f"--out={tmp_path}/a.csv",
    ]
    with pytest.raises(SettingsError, match="not one line could be used"):
        CliRunner().invoke(backtest, ["alerts", *given], catch_exceptions=False)
