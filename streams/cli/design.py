"""`terradrift design`: first territories where a company has none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from infra.clickhouse.greenfield import PlacedAccount, newest_week, placed_accounts
from infra.feeds.publish import publish, wait_until_done
from schemas.errors import TerradriftError
from schemas.settings import load_settings
from streams.cli.options import directory_option, json_option
from streams.system.greenfield import Territories, design_region, feed_of
from streams.system.runtime import Runtime, find


@click.command()
@click.option("--reps", type=click.IntRange(min=1), required=True, help="Territories per region.")
@click.option("--region", help="Only this region; without it every region gets as many territories.")
@click.option("--weekly-hours", default=35.0, show_default=True, help="Field hours of each rep.")
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="First day; without it the day after the newest closed week.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show the territories, publish nothing.")
@directory_option
@json_option
def design(
    reps: int,
    region: str | None,
    weekly_hours: float,
    valid_from: datetime | None,
    dry_run: bool,
    directory: Path,
    as_json: bool,
) -> None:
    """Make balanced, compact first territories and publish them as reps and assignments."""
    runtime = find(directory)
    accounts, start = _known(runtime, valid_from.date() if valid_from else None)
    settings = load_settings(Path(runtime.config) if runtime.config else None)
    by_region = {key: list(group) for key, group in groupby(accounts, key=lambda account: account.region_id)}
    if region is not None:
        by_region = {key: group for key, group in by_region.items() if key == region}
    if not by_region:
        raise TerradriftError(
            f"no active accounts{f' in region {region}' if region else ''}; bring them in with: terradrift replay"
        )
    designed = [design_region(key, group, reps, settings) for key, group in by_region.items()]
    if not dry_run:
        for territories in designed:
            feed = feed_of(territories, start, weekly_hours)
            publish(feed, runtime.kafka, closing_tick=False, options=runtime.kafka_options())
        wait_until_done(runtime.kafka, is_quiet=lambda: runtime.solves_running() == 0, options=runtime.kafka_options())
    _show(designed, start, dry_run, as_json)


def _known(runtime: Runtime, asked: date | None) -> tuple[list[PlacedAccount], date]:
    client = runtime.connect_reader()
    try:
        week = newest_week(client)
        start = asked or (week + timedelta(days=7) if week else datetime.now(UTC).date())
        return placed_accounts(client), start
    finally:
        client.close()


def _show(designed: Iterable[Territories], start: date, dry_run: bool, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "region_id": one.region_id,
            "reps": len(one.rep_ids),
            "accounts": len(one.accounts),
            "potential_std_percent": round(one.design.quality.std_percent, 2),
            "max_deviation_percent": round(one.design.quality.max_deviation_percent, 2),
            "travel_km_a_year": round(one.design.quality.travel_km),
            "valid_from": start.isoformat(),
            "published": not dry_run,
        }
        for one in designed
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['region_id']}: {row['reps']} territories for {row['accounts']:,} accounts from {row['valid_from']}; "
            f"largest deviation from the fair share {row['max_deviation_percent']} %, "
            f"about {row['travel_km_a_year']:,} km a year" + (" (not published)" if dry_run else "")
        )
