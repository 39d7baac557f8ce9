"""A progress bar for publishing, on standard error so that output stays clean."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.feeds.lag import Lags, total
from infra.feeds.publish import Progress as Published


class PublishBar:
    """Events sent of all, the day of the history they have reached, and how far the consumers are behind."""

    def __init__(self, events: int, quiet: bool = False) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[day]}  behind {task.fields[lag]:,}"),
            TimeElapsedColumn(),
            console=Console(stderr=True, quiet=quiet),
        )
        self._task = self._bar.add_task("publishing", total=events, day="", lag=0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self, progress: Published) -> None:
        day = f"{progress.at:%Y-%m-%d}" if progress.at else ""
        self._bar.update(self._task, completed=progress.sent, day=day, lag=progress.lag)

    def lags(self, lags: Lags) -> None:
        self._bar.update(self._task, lag=total(lags))

    def say(self, text: str) -> None:
        self._bar.update(self._task, description=text)
