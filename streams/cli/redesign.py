"""`terradrift redesign`: territories from scratch, and the way there in stages."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from infra.feeds.publish import publish as publish_feed
from schemas.errors import TerradriftError
from schemas.settings import Change
from solvers.budget import Budget
from solvers.redesign import Redesign, Stage
from solvers.redesign import redesign as stages_to
from streams.cli.options import directory_option, json_option
from streams.cli.territory_file import weights_option
from streams.cli.what_if import situation_of_file, situation_of_system
from streams.system.greenfield import stage_feed
from streams.system.reach import reach


@click.command()
@click.option("--region", help="Region of the running system; needless where there is only one.")
@click.option("--instance", "file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A territory file (.npz) instead of a running system.")  # fmt: skip
@click.option("--stage-moves", type=click.IntRange(min=1), help="Accounts that may move in one stage; without it change.max_moves of the settings.")  # fmt: skip
@click.option("--stage-share", type=click.FloatRange(0, 1, min_open=True), help="Share of the potential that may move in one stage; without it change.budget_share_90_days.")  # fmt: skip
@weights_option
@click.option(
    "--seconds", default=120.0, show_default=True, help="Emergency stop of each solve; reported if it struck."
)
@click.option("--dry-run/--publish", "dry_run", default=True, help="Show only (the default), or publish the first stage as assignments.")  # fmt: skip
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="First day of the published stage; without it tomorrow.")  # fmt: skip
@directory_option
@json_option
def redesign(
    region: str | None, file: Path | None, stage_moves: int | None, stage_share: float | None, weights_file: Path | None,
    seconds: float, dry_run: bool, valid_from: datetime | None, directory: Path, as_json: bool,
) -> None:  # fmt: skip
    """Design the territories of a region from scratch, for the reps there are, and show the stages to them.

    From scratch means that no relation counts. Each stage moves few accounts, keeps every rule (pins, cool-downs, open deals,
    skills), and leaves the region cheaper to run than the stage before; what its changes cost once stands beside it. A stage
    is meant for a quarter: after each, ask again, because potentials move meanwhile. Nothing is published unless told.
    """
    if file is not None and not dry_run:
        raise TerradriftError("a territory file has nowhere to publish to; leave --publish out")
    if file is not None:
        situation, change = situation_of_file(file, weights_file), Change()
    else:
        situation, change = situation_of_system(directory, region), reach(directory).settings.change
    share = change.budget_share_90_days if stage_share is None else stage_share
    most_eur = round(share * float(situation.problem.potential.sum()), 2)
    found = stages_to(situation, stage_moves or change.max_moves, most_eur, Budget(seconds=seconds))
    if not dry_run and found.stages:
        start = valid_from.date() if valid_from else (situation.as_of or datetime.now(UTC).date()) + timedelta(days=1)
        way = reach(directory)
        publish_feed(stage_feed(found.stages[0], start), way.kafka, closing_tick=False, options=dict(way.options))
    if as_json:
        click.echo(json.dumps(_as_json(found, published=not dry_run), indent=1))
    else:
        _show(found, situation.currency)
        if not dry_run and found.stages:
            click.echo(f"published the {len(found.stages[0].moves)} moves of stage 1")


def _as_json(found: Redesign, published: bool) -> dict[str, Any]:
    told = {name: value for name, value in asdict(found).items() if name not in ("today", "target", "stages")}
    told |= {"today": found.today.model_dump(), "target": found.target.model_dump(), "published": published}
    return told | {"stages": [_stage(stage) for stage in found.stages]}


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "number": stage.number,
        "change_eur": stage.change_eur,
        "potential_moved_eur": stage.potential_moved_eur,
        "figures": stage.figures.model_dump(),
        "moves": [move.model_dump() for move in stage.moves],
    }


def _show(found: Redesign, currency: str) -> None:
    click.echo(f"{found.region_id}: running cost in {currency} a year, without the price of change\n")
    click.echo(f"{'':10}{'cost':>12}{'km':>12}{'std %':>8}{'largest %':>11}{'moves':>7}{'change costs once':>19}")
    rows = [("today", found.today, "", "")]
    rows += [(f"stage {s.number}", s.figures, f"{len(s.moves)}", f"{s.change_eur:,.0f}") for s in found.stages]
    rows.append(("design", found.target, "", ""))
    for name, f, moves, once in rows:
        click.echo(
            f"{name:10}{f.total_eur:>12,.0f}{f.travel_km:>12,.0f}{100 * f.spread:>8.1f}{100 * f.max_deviation:>11.1f}{moves:>7}{once:>19}"
        )
    click.echo(
        f"\nno territories of these reps cost less to run than {found.bound_eur:,.0f} (the design: at most {100 * found.gap_share:.1f} % more)"
    )
    for note in found.notes:
        click.echo(f"note: {note}")
    if found.left_out:
        click.echo(
            f"{len(found.left_out)} accounts of the design stay where they are: no stage that moves them is cheaper to run"
        )
