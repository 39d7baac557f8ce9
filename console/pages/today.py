"""Today: the flash figures, what fires, what waits, and whether the feeds are well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.drawing.charts import sparkline, tendency
from console.live import EVERY_SECONDS
from console.pages.rendering import page
from console.reading.answers.today import Figure, Published, Standing
from console.reading.asking import AlertFilter

router = APIRouter(include_in_schema=False)
SHOWN: Final = 6
FIGURES_FRESH_SECONDS: Final = 30.0
WAITING: Final = "Suggestions waiting"
LOWER_IS_BETTER: Final = frozenset(
    {"Potential balance", "Travel per client", "Cost per visit", "Changed relations", WAITING}
)


CONDUCT: Final = (
    "Travel per client", "Weighted coverage", "Frequency adherence", "Opportunities won", "Cost per visit",
)  # fmt: skip
"""Figures of the flash page that speak of what reps did: held back where too few reps stand behind them."""
FLASH: Final = ("Potential balance", *CONDUCT, "Changed relations", WAITING)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its past. `met` is None where there is no target or no value; `own`: of the regions of who looks."""

    figure: Figure
    line: str
    tendency: float | None
    met: bool | None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """Names of the flash figures that are not there: held back, since fewer than `fewest` reps stand behind them, or not known yet."""

    hidden: tuple[str, ...]
    unknown: tuple[str, ...]
    fewest: int


@router.get("/")
def today(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_TODAY))]) -> Response:
    """The front page of everybody."""
    state = request.app.state
    standing = state.memory.get("standing", state.reader.standing, EVERY_SECONDS)
    firing = (
        state.reader.alerts(visit.sight, AlertFilter("firing", limit=SHOWN))
        if visit.person.may(Right.SEE_ALERTS)
        else []
    )
    waiting = (
        state.reader.suggestions(visit.sight, ("proposed",), limit=SHOWN)
        if visit.person.may(Right.SEE_SUGGESTIONS)
        else []
    )
    challenges = state.reader.challenges(visit.sight, SHOWN) if visit.person.may(Right.DECIDE) else []
    feeds = state.memory.get("feeds", state.reader.feeds)
    made = state.memory.get("trends made", state.reader.trends_made, FIGURES_FRESH_SECONDS)
    shown = tiles(state, visit)
    published = state.memory.get("published", state.reader.published, FIGURES_FRESH_SECONDS)
    return page(
        request, visit, "today.html", "today", tiles=shown, standing=standing, firing=firing, waiting=waiting,
        feeds=feeds, challenges=challenges, made=made, absent=absent([tile.figure for tile in shown], published),
    )  # fmt: skip


def tiles(state: Any, visit: Visit) -> list[Tile]:
    """The flash page, figures of the company, each with its past where that can be told.

    What waits is counted anew, since it stands beside the list of it, and as that list is: for who sees the suggestions of
    some regions, of these. The past of that number is known of the company alone.
    """
    figures = state.memory.get("flash", state.reader.flash, FIGURES_FRESH_SECONDS)
    trends = state.memory.get("trends", state.reader.trends, FIGURES_FRESH_SECONDS)
    found = []
    of_own = visit.person.may(Right.SEE_SUGGESTIONS) and not visit.sight.every_region
    for figure in figures:
        own = of_own and figure.name == WAITING
        if figure.name == WAITING:
            waiting = state.reader.waiting(visit.sight) if own else _waiting_everywhere(state)
            figure = figure.model_copy(update={"value": float(waiting)})
        values = [] if own else [value for _, value in trends.get(figure.name, [])]
        found.append(Tile(figure, sparkline(values), tendency(values), target_met(figure), own))
    return found


def _waiting_everywhere(state: Any) -> int:
    standing: Standing = state.memory.get("standing", state.reader.standing, EVERY_SECONDS)
    return standing.waiting


def absent(figures: Sequence[Figure], published: Published) -> Absent:
    """Why figures are missing: nobody shall take what is held back for what has not come yet, nor the other way round."""
    names = {figure.name for figure in figures}
    missing = [name for name in FLASH if name not in names]
    hidden = [name for name in missing if published.hides and name in CONDUCT]
    return Absent(tuple(hidden), tuple(name for name in missing if name not in hidden), published.fewest)


def target_met(figure: Figure) -> bool | None:
    """Whether the target is reached; None where there is none, or no value."""
    if figure.value is None or figure.target is None:
        return None
    return figure.value <= figure.target if figure.name in LOWER_IS_BETTER else figure.value >= figure.target
