"""Compile the models' inner loops before they are needed: `python -m models.ready`, once after installation.

The machine code is kept beside the source (or where NUMBA_CACHE_DIR says). A process that finds it there is ready in a
second; one that has to compile takes some twenty seconds of its first closing week.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from models.potential import PotentialModel
from models.traits import AccountTraits
from schemas.settings import Potential

_WEEKS = 85  # until the regression speaks


def make_ready() -> None:
    """Stream a region of a few dozen accounts until every loop has run; then go on from its snapshot."""
    accounts = 48
    model = PotentialModel(Potential())
    for i in range(accounts):
        model.add(AccountTraits("shop", "B", f"chain{i % 3}", 48 + i / 100, 2.0))
    rng = np.random.default_rng(0)
    for week in range(_WEEKS):
        if week == _WEEKS - 1:
            model = PotentialModel.from_bytes(Potential(), model.to_bytes())  # arrays as a restart brings them
        revenue = rng.uniform(0, 900, accounts)
        revenue[0] *= week > 40  # valued by analogy until then
        model.close_week(date(2024, 1, 1) + timedelta(weeks=week), revenue, np.ones(accounts, bool))


if __name__ == "__main__":
    make_ready()
