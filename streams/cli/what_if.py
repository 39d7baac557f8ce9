"""`terradrift what-if`: what a change would mean, without touching anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from pydantic import TypeAdapter, ValidationError

from infra.clickhouse.client import connect
from infra.clickhouse.region_now import known_regions
from schemas.errors import TerradriftError
from schemas.rows import PlanFigures
from schemas.settings import Corridor
from schemas.what_if import (
    AccountCloses,
    AccountsMove,
    Change,
    MarketShift,
    OtherCorridor,
    OtherLimit,
    OtherWeights,
    RepJoins,
    RepLeaves,
    WhatIfAnswer,
    WhatIfRefusedError,
    WhatIfRequest,
)
from solvers.budget import Budget
from solvers.places import Places
from solvers.situation import Situation
from solvers.what_if import what_if as answer_to
from streams.cli.options import directory_option, json_option
from streams.cli.rebalance_told import counted
from streams.cli.territory_file import problem_from, read_arrays, weights_from, weights_option
from streams.system.reach import reach
from streams.system.region_now import situation_now

SHOWN_MOVES = 10
_CHANGES: TypeAdapter[tuple[Change, ...]] = TypeAdapter(tuple[Change, ...])


@click.command("what-if")
@click.option("--region", help="Region of the running system; needless where there is only one.")
@click.option("--instance", "file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A territory file (.npz) instead of a running system.")  # fmt: skip
@click.option("--rep-leaves", metavar="REP", multiple=True, help="A rep leaves; may be repeated, as all of these.")
@click.option("--rep-joins", metavar="LAT,LON[,HOURS[,NAME]]", multiple=True, help="A rep more, from that home; 35 hours a week unless told.")  # fmt: skip
@click.option("--account-closes", metavar="ACCOUNT", multiple=True, help="An account is no longer there.")
@click.option("--accounts-move", metavar="ACCOUNT[,ACCOUNT...]@REP", multiple=True, help="These accounts are that rep's, who may be one that joins; the plan answers with other moves. Handing them over is priced and no part of --max-moves.")  # fmt: skip
@click.option("--market", metavar="EFFECT[@WHERE]", multiple=True, help="Potential changes by a share, as -0.3 or +20%; WHERE is LAT,LON,KM or an account; without it the whole region.")  # fmt: skip
@click.option("--weight", metavar="NAME=VALUE", multiple=True, help="Another price of [weights] in terradrift.toml, as travel_per_km=1.5 or balance_slopes=0.1,0.2,0.5.")  # fmt: skip
@click.option("--corridor", type=click.FloatRange(0, 1), help="Another tolerated deviation from the fair share: 0.1 is 10 %.")  # fmt: skip
@click.option("--max-moves", type=click.IntRange(min=0), help="Another number of accounts that may change their rep.")
@click.option("--changes", "changes_file", type=click.File("r", encoding="utf-8"), help='More changes, as a JSON list of {"kind": ...}; "-": standard input.')  # fmt: skip
@weights_option
@click.option("--seconds", default=60.0, show_default=True, help="Emergency stop; reported if it struck.")
@directory_option
@json_option
def what_if(
    region: str | None, file: Path | None, rep_leaves: Sequence[str], rep_joins: Sequence[str],
    account_closes: Sequence[str], accounts_move: Sequence[str], market: Sequence[str], weight: Sequence[str],
    corridor: float | None, max_moves: int | None, changes_file: Any, weights_file: Path | None, seconds: float,
    directory: Path, as_json: bool,
) -> None:  # fmt: skip
    """Say what a change would mean: the region today, doing nothing about it, and the best plan. Nothing is touched.

    \b
    A rep leaves:            terradrift what-if --region north --rep-leaves R07
    ... and another comes:   terradrift what-if --region north --rep-leaves R07 --rep-joins 48.1,-1.7
    Accounts become R12's:   terradrift what-if --accounts-move A1042,A1077@R12
    A competitor opens:      terradrift what-if --market -30%@47.2,-1.55,25
    Fairness dearer:         terradrift what-if --weight balance_slopes=0.2,0.4,1.0 --max-moves 40
    A territory file:        terradrift what-if --instance FILE.npz --rep-leaves R003

    The changes are made in the order of the options above, then those of --changes. Pins, cool-downs, open deals, skills and
    the settings of the running system hold, as they would for a suggestion.
    """
    changes = [
        *(RepLeaves(rep_id=rep) for rep in rep_leaves),
        *_each("--rep-joins", rep_joins, _joining),
        *(AccountCloses(account_id=account) for account in account_closes),
        *_each("--accounts-move", accounts_move, _given),
        *_each("--market", market, _shift),
        *_each("--weight", weight, _weight),
        *([] if corridor is None else [OtherCorridor(tolerance=corridor)]),
        *([] if max_moves is None else [OtherLimit(max_moves=max_moves)]),
        *([] if changes_file is None else _read_changes(changes_file.read(), changes_file.name)),
    ]
    situation = situation_of_file(file, weights_file) if file is not None else situation_of_system(directory, region)
    request = WhatIfRequest(region_id=situation.region_id, changes=tuple(changes))
    answer = answer_to(situation, request.changes, Budget(seconds=seconds))
    if as_json:
        click.echo(answer.model_dump_json(indent=1))
    else:
        _show(answer, situation.currency)


def situation_of_system(directory: Path, region: str | None) -> Situation:
    """The region of the running system; the only one where none is named."""
    way = reach(directory)
    client = connect(way.access)
    try:
        if region is None:
            known = known_regions(client)
            if len(known) != 1:
                raise WhatIfRefusedError((f"name one with --region; known are: {', '.join(known) or 'none yet'}",))
            region = known[0]
        return situation_now(client, region, way.settings)
    finally:
        client.close()


def situation_of_file(file: Path, weights_file: Path | None) -> Situation:
    """A territory file. Raises TerradriftError when it is none."""
    arrays = read_arrays(file)
    problem = problem_from(arrays, file, None, weights_from(weights_file), "off")
    alive = np.flatnonzero(arrays["alive"])
    where = Places(arrays["xy"], arrays["home"][alive], geographic=False)
    return Situation(file.stem, problem, Corridor().tolerance, places=where)


def _each(option: str, given: Sequence[str], read: Callable[[str], Change]) -> Iterator[Change]:
    """Raises click.BadParameter naming the option and the bound."""
    for text in given:
        try:
            yield read(text)
        except ValidationError as error:
            why = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise click.BadParameter(f"{text!r}: {why}", param_hint=option) from None
        except ValueError as error:
            raise click.BadParameter(f"{text!r}: {error}", param_hint=option) from None


def _joining(text: str) -> RepJoins:
    parts = text.split(",")
    if not 2 <= len(parts) <= 4:
        raise ValueError("is not LAT,LON or LAT,LON,HOURS or LAT,LON,HOURS,NAME")
    values: dict[str, Any] = {"home_lat": float(parts[0]), "home_lon": float(parts[1])}
    if len(parts) > 2:
        values["weekly_hours"] = float(parts[2])
    if len(parts) > 3:
        values["rep_id"] = parts[3]
    return RepJoins(**values)


def _given(text: str) -> AccountsMove:
    accounts, at, rep = text.rpartition("@")
    if not at:
        raise ValueError("is not ACCOUNT@REP or ACCOUNT,ACCOUNT@REP")
    return AccountsMove(rep_id=rep, account_ids=tuple(accounts.split(",")))


def _shift(text: str) -> MarketShift:
    share, _, where = text.partition("@")
    effect = float(share[:-1]) / 100 if share.endswith("%") else float(share)
    if not where:
        return MarketShift(effect=effect)
    parts = where.split(",")
    if len(parts) == 3:
        lat, lon, radius = (float(part) for part in parts)
        return MarketShift(effect=effect, lat=lat, lon=lon, radius_km=radius)
    return MarketShift(effect=effect, account_ids=tuple(parts))


def _weight(text: str) -> OtherWeights:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError("is not NAME=VALUE")
    numbers = tuple(float(part) for part in value.split(","))
    return OtherWeights(weights={name.strip(): numbers[0] if len(numbers) == 1 else numbers})


def _read_changes(text: str, name: str) -> tuple[Change, ...]:
    try:
        return _CHANGES.validate_python(json.loads(text))
    except (ValidationError, ValueError) as error:
        raise TerradriftError(f"{name}: no list of changes: {error}") from None


def _show(answer: WhatIfAnswer, currency: str) -> None:
    day = f" on {answer.as_of}" if answer.as_of else ""
    click.echo(f"{answer.region_id}{day}" + "".join(f"\n  if {sentence}" for sentence in answer.told))
    click.echo(f"\n{'':34}{'today':>14}{'doing nothing':>16}{'best plan':>14}")
    for name, unit, read in _LINES:
        values = [read(figures) for figures in (answer.today, answer.nothing, answer.plan)]
        label = f"{name}, {unit.replace('EUR', currency)}"
        click.echo(f"{label:34}{values[0]:>14}{values[1]:>16}{values[2]:>14}")
    if answer.cost_eur is not None and answer.told:
        word = "costs" if answer.cost_eur >= 0 else "saves"
        click.echo(
            f"\nthis {word} {abs(answer.cost_eur):,.0f} {currency} a year if only accounts without a rep are placed;",
            nl=False,
        )
    inside = "inside" if answer.within_corridor else "still outside"
    click.echo(
        f"\n{counted(answer.moves)} are worth {answer.worth_eur:,.0f} {currency} a year and bring the region {inside} the corridor;\n"
        f"no plan costs less than {answer.bound_eur:,.0f} (at most {100 * answer.gap_share:.1f} % above the best)"
        + ("" if answer.stopped_by == "converged" else f"; stopped by: {answer.stopped_by}")
    )
    for note in answer.notes:
        click.echo(f"note: {note}")
    for move in answer.moves[:SHOWN_MOVES]:
        click.echo(f"  {move.account_id} {move.from_rep or '(nobody)'} -> {move.to_rep}: {move.reason}")
    if len(answer.moves) > SHOWN_MOVES:
        click.echo(f"  ... and {len(answer.moves) - SHOWN_MOVES} more: --json tells all")


_LINES: tuple[tuple[str, str, Callable[[PlanFigures], str]], ...] = (
    ("cost", "EUR a year", lambda f: f"{f.total_eur:,.0f}"),
    ("travel", "km a year", lambda f: f"{f.travel_km:,.0f}"),
    ("travel per client", "h a year", lambda f: f"{f.travel_hours_per_client:.2f}"),
    ("spread of potential", "std %", lambda f: f"{100 * f.spread:.1f}"),
    ("largest deviation", "%", lambda f: f"{100 * f.max_deviation:.1f}"),
    ("work beyond free hours", "h a year", lambda f: f"{f.overtime_hours:,.0f}"),
    ("accounts that change rep", "number", lambda f: f"{f.move_count}"),
    ("potential that changes rep", "EUR", lambda f: f"{f.potential_moved_eur:,.0f}"),
)
