"""Today: the flash figures, what fires, what waits, and whether the feeds are well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.drawing.charts import sparkline, tendency
from console.live import EVERY_SECONDS
from console.pages.rendering import page
from console.reading.answers.today import Figure
from console.reading.asking import AlertFilter

router = APIRouter(include_in_schema=False)
SHOWN: Final = 6
FIGURES_FRESH_SECONDS: Final = 30.0
LOWER_IS_BETTER: Final = frozenset(
    {"Potential balance", "Travel per client", "Cost per visit", "Changed relations", "Suggestions waiting"}
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its past. `met` is None where there is no target or no value."""

    figure: Figure
    line: str
    tendency: float | None
    met: bool | None


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
    return page(
        request, visit, "today.html", "today", tiles=tiles(state), standing=standing, firing=firing, waiting=waiting,
        feeds=feeds, challenges=challenges,
    )  # fmt: skip


def tiles(state: Any) -> list[Tile]:
    """The flash page, each figure with its past where that can be told."""
    figures = state.memory.get("flash", state.reader.flash, FIGURES_FRESH_SECONDS)
    trends = state.memory.get("trends", state.reader.trends, FIGURES_FRESH_SECONDS)
    found = []
    waiting = state.memory.get("standing", state.reader.standing, EVERY_SECONDS).waiting
    for figure in figures:
        if figure.name == "Suggestions waiting":  # counted anew: it stands beside the list of them
            figure = figure.model_copy(update={"value": float(waiting)})
        values = [value for _, value in trends.get(figure.name, [])]
        found.append(Tile(figure, sparkline(values), tendency(values), target_met(figure)))
    return found


def target_met(figure: Figure) -> bool | None:
    """Whether the target is reached; None where there is none, or no value."""
    if figure.value is None or figure.target is None:
        return None
    return figure.value <= figure.target if figure.name in LOWER_IS_BETTER else figure.value >= figure.target
