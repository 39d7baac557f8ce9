"""Where accounts live and reps start from: what distances, tours and new reps are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from solvers.problem import Floats, Ints
from solvers.travel import Plane, haversine_km


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """`geographic`: latitude and longitude in degrees; else km on a plane. NaN where a place is unknown."""

    accounts: Floats  # (n, 2)
    homes: Floats  # (k, 2)
    geographic: bool = True

    def distance_km(self) -> Floats:
        """(n, k) straight line from each account to each home, NaN where a place is unknown."""
        if self.geographic:
            return haversine_km(self.accounts, self.homes)
        apart = self.accounts[:, None, :] - self.homes[None, :, :]
        return np.asarray(np.sqrt((apart**2).sum(-1)))

    def on_plane(self) -> Places:
        """The same in km on a plane."""
        if not self.geographic:
            return self
        plane = Plane.around(self.accounts) or Plane(0.0, 0.0, 1.0)
        return Places(plane.km(self.accounts), plane.km(self.homes), geographic=False)

    def reordered(self, accounts: Ints, reps: Ints) -> Places:
        """In another order, or some of them (indices)."""
        return replace(self, accounts=self.accounts[accounts], homes=self.homes[reps])
