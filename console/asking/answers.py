"""Answers of what-ifs: the latest are remembered, and those that somebody names are kept in a file."""

from __future__ import annotations

import os
from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from console.access.rights import Sight
from schemas.errors import RefusedError, SettingsError, UnavailableError
from schemas.what_if import WhatIf, WhatIfAnswer, WhatIfRequest

MOST_REMEMBERED: Final = 40
MOST_SAVED: Final = 20


class SavedScenario(BaseModel):
    """A question with the answer it had then. Everybody who sees the region sees it; its owner may remove it."""

    model_config = ConfigDict(frozen=True)

    scenario_id: str
    name: str
    owner: str
    saved_at: AwareDatetime
    request: WhatIfRequest
    answer: WhatIfAnswer


_FILE: Final = TypeAdapter(list[SavedScenario])


class Asking:
    """Asks each question once for as long as nothing new has come in. `solver` None: this console has nobody to ask."""

    def __init__(self, solver: WhatIf | None) -> None:
        self._solver = solver
        self._known: OrderedDict[tuple[str, str], WhatIfAnswer] = OrderedDict()
        self._lock = Lock()

    def ask(self, request: WhatIfRequest, mark: str) -> WhatIfAnswer:
        """`mark` changes with what the answer depends on. Raises WhatIfRefusedError, UnavailableError."""
        if self._solver is None:
            raise UnavailableError("this console runs without a solver: what-if is not available")
        key = (mark, request.model_dump_json())
        with self._lock:
            if key in self._known:
                return self._known[key]
        answer = self._solver.ask(request)
        with self._lock:
            self._known[key] = answer
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return answer


class Saved:
    """The scenarios of a file, or of memory alone where `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._memory: list[SavedScenario] = []
        self._lock = Lock()

    def seen(self, sight: Sight, region_id: str = "") -> list[SavedScenario]:
        """Those of the regions in sight, the newest first."""
        return [
            one
            for one in sorted(self._read(), key=lambda one: one.saved_at, reverse=True)
            if sight.sees_region(one.request.region_id) and region_id in ("", one.request.region_id)
        ]

    def add(self, name: str, owner: str, at: datetime, request: WhatIfRequest, answer: WhatIfAnswer) -> SavedScenario:
        """Keep one. Raises RefusedError without a name, or when the owner keeps many already."""
        if not name:
            raise RefusedError("no_name", "a saved scenario needs a name", "name")
        with self._lock:
            kept = self._read()
            if sum(one.owner == owner for one in kept) >= MOST_SAVED:
                raise RefusedError("too_many", f"you keep {MOST_SAVED} scenarios already: remove one first", "name")
            new = SavedScenario(
                scenario_id=uuid4().hex[:16], name=name, owner=owner, saved_at=at, request=request, answer=answer
            )
            self._write([*kept, new])
        return new

    def remove(self, scenario_id: str, owner: str) -> bool:
        """Whether there was one of this id and owner."""
        with self._lock:
            kept = self._read()
            left = [one for one in kept if (one.scenario_id, one.owner) != (scenario_id, owner)]
            if len(left) < len(kept):
                self._write(left)
        return len(left) < len(kept)

    def _read(self) -> list[SavedScenario]:
        if self._path is None:
            return self._memory
        try:
            return _FILE.validate_json(self._path.read_bytes()) if self._path.exists() else []
        except (OSError, ValidationError) as error:
            raise SettingsError(f"{self._path}: the saved scenarios cannot be read: {error}") from None

    def _write(self, scenarios: list[SavedScenario]) -> None:
        if self._path is None:
            self._memory = scenarios
            return
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_FILE.dump_json(scenarios, indent=1))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
        except OSError as error:
            raise UnavailableError(f"the scenario cannot be kept in {self._path}: {error.strerror}") from None
