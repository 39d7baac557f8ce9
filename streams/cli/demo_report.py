"""The demo on screen: a live view while it runs, and what was planted against what was found at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table

from console.access.rights import Person
from infra.clickhouse.read import FlashFigure
from infra.feeds.publish import Progress
from schemas.rows import SuggestionRow
from streams.cli.demo_people import Invitation
from streams.system.findings import Finding
from streams.system.runtime import Runtime

SHOWN_MOVES = 5
WORDS = {
    "competitor_opened": "a competitor opens",
    "account_closed": "a large account closes",
    "rep_left": "a rep leaves",
    "slow_decline": "a slow decline",
    "boom": "a boom",
}


@dataclass(slots=True)
class Seen:
    """What the live view shows. `total` is the number of dated events, about."""

    total: int
    progress: Progress | None = None
    alerts: int = 0
    suggestions: int = 0
    looks: int = 0


def live_view(seen: Seen) -> RenderableType:
    sent = seen.progress.sent if seen.progress else 0
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_row("events", f"{sent:,} of about {seen.total:,}", ProgressBar(total=seen.total, completed=sent))
    day = f"{seen.progress.at:%d %B %Y}" if seen.progress and seen.progress.at else ""
    table.add_row("day", day)
    table.add_row("behind", f"{seen.progress.lag if seen.progress else 0:,} records")
    table.add_row("alerts open", str(seen.alerts))
    table.add_row("suggestions", f"{seen.suggestions} waiting")
    return Panel(table, title="the demo company lives", border_style="cyan")


def show(
    console: Console,
    findings: Sequence[Finding],
    suggestions: Sequence[SuggestionRow],
    flash: Sequence[FlashFigure],
    rows: Mapping[str, int],
) -> None:
    """Planted against found, the best suggestion, the flash page."""
    _planted(console, findings)
    best = max(suggestions, key=lambda one: one.worth_eur, default=None)
    if best is None:
        console.print("No suggestion was needed.")
    else:
        _suggestion(console, best, len(suggestions))
    console.print(_flash(flash))
    console.print(f"In ClickHouse: {', '.join(f'{name} {n:,}' for name, n in rows.items() if n)}")


def where_next(console: Console, runtime: Runtime, directory: Path, invited: Sequence[Invitation]) -> None:
    console.print(
        "\n[bold]Where to look next[/]\n"
        f"{_console_lines(invited, directory)}"
        f"  SQL in the browser   {runtime.clickhouse_url}/play  (user {runtime.reader[0]}; password: "
        f"terradrift status --dir {directory} --json)\n"
        "  look at              the views kpi_flash, alerts_now, suggestions_now, suggestion_moves\n"
        f"  how it is doing      terradrift status --dir {directory}\n"
        "  your own data        terradrift up, then terradrift replay FOLDER --wait",
        soft_wrap=True,
    )


def _console_lines(invited: Sequence[Invitation], directory: Path) -> str:
    if not invited:
        return ""
    lines = ["  the console          a link for each, once, within the hour; each in a private window of its own:\n"]
    lines += [f"    {_as_whom(one.person):<18} {one.link}\n" for one in invited]
    lines.append(f"  another link         terradrift console link --dir {directory} --user manager\n")
    return "".join(lines)


def _as_whom(person: Person) -> str:
    return f"{person.name} (is {person.rep_id})" if person.rep_id else person.name


def _planted(console: Console, findings: Sequence[Finding]) -> None:
    console.print("\n[bold]What was planted, and what was found[/]")
    for one in findings:
        shock, alert = one.shock, one.alert
        size = f"{shock.effect:+.0%}, " if shock.effect else ""
        console.print(
            f"  {WORDS[shock.kind]} [dim]({shock.region_id}, from {shock.starts_on}, {size}{len(shock.account_ids)} accounts)[/]"
        )
        if alert is None:
            console.print("    [red]not found[/]")
        else:
            cause = alert.cause_class.replace("_", " ")
            console.print(
                f"    [green]found after {one.days} days[/]: {alert.title} [dim]({cause}, {alert.severity})[/]"
            )


def _suggestion(console: Console, best: SuggestionRow, among: int) -> None:
    console.print(f"\n[bold]The best of {among} suggestions[/] ({best.region_id}, {best.created_on}, {best.status})")
    console.print(f"  {best.reason}.")
    console.print(
        f"  Certificate: no plan can be more than {best.gap_share:.1%} better (bound {best.bound_eur:,.0f}); "
        f"it earns more than it costs in {best.probability_positive:.0%} of the sampled futures."
    )
    for move in sorted(best.moves, key=lambda one: -one.worth_eur)[:SHOWN_MOVES]:
        console.print(
            f"  • {move.account_id}: {move.from_rep or 'nobody'} → {move.to_rep}, {move.worth_eur:,.0f} a year: {move.reason}"
        )
    if len(best.moves) > SHOWN_MOVES:
        console.print(f"  • and {len(best.moves) - SHOWN_MOVES} more")
    table = Table(title="territories before and after", title_justify="left")
    for heading in ("rep", "potential", "", "from fair share", "", "hours", ""):
        table.add_column(heading, justify="right")
    for effect in best.effects:
        table.add_row(
            effect.rep_id,
            f"{effect.potential_before_eur:,.0f}",
            f"→ {effect.potential_after_eur:,.0f}",
            f"{effect.deviation_before:+.1%}",
            f"→ {effect.deviation_after:+.1%}",
            f"{effect.hours_before:,.0f}",
            f"→ {effect.hours_after:,.0f}",
        )
    console.print(table)


def _flash(flash: Sequence[FlashFigure]) -> Table:
    table = Table(title="The flash page", title_justify="left")
    for heading in ("KPI", "value", "unit", "target"):
        table.add_column(heading)
    for figure in flash:
        table.add_row(
            figure.name,
            "no data" if figure.value is None else f"{figure.value:,.3g}",
            figure.unit,
            "" if figure.target is None else f"{figure.target:,.3g}",
        )
    return table
