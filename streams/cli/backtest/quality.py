"""How right the predictions of a backtest were, beside the simple forecasts on the very same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.history import Flags, Floats


@dataclass(slots=True)
class Score:
    """Sums over the judged predictions of one horizon; WAPE is the sum of absolute errors over the sum of revenue."""

    horizon_weeks: int
    predictions: int = 0
    actual: float = 0.0
    error: float = 0.0
    abs_error: float = 0.0
    covered: int = 0
    simple: dict[str, float] = field(default_factory=dict)

    def add(
        self, rows: Flags, actual: Floats, estimate: Floats, low: Floats, high: Floats, simple: Mapping[str, Floats]
    ) -> None:
        """One origin; all arrays (n,), of which `rows` are judged."""
        self.predictions += int(rows.sum())
        self.actual += float(actual[rows].sum())
        self.error += float((estimate - actual)[rows].sum())
        self.abs_error += float(np.abs(estimate - actual)[rows].sum())
        self.covered += int(((low <= actual) & (actual <= high))[rows].sum())
        for name, one in simple.items():
            self.simple[name] = self.simple.get(name, 0.0) + float(np.abs(one - actual)[rows].sum())

    def report(self) -> dict[str, object]:
        """Ratios; None where nothing could be judged."""
        if not self.predictions or self.actual <= 0:
            return {"horizon_weeks": self.horizon_weeks, "judged": self.predictions, "wape": None}
        simple = sorted((error / self.actual, name) for name, error in self.simple.items())
        wape = self.abs_error / self.actual
        return {
            "horizon_weeks": self.horizon_weeks,
            "judged": self.predictions,
            "wape": wape,
            "bias": self.error / self.actual,
            "coverage": self.covered / self.predictions,
            "best_simple": simple[0][1],
            "best_simple_wape": simple[0][0],
            "gain": 1 - wape / simple[0][0] if simple[0][0] > 0 else None,
            "simple_wape": {name: value for value, name in simple},
        }


def table(reports: list[dict[str, object]]) -> str:
    """For people: the model, then the simple forecasts from the best on."""
    lines = []
    for report in reports:
        lines.append(f"\nnext {report['horizon_weeks']} weeks: {report['judged']:,} predictions judged")
        simple = report.get("simple_wape")
        if not isinstance(simple, dict):
            lines.append("  nothing to judge: the history ends before the horizon does, or brings no revenue")
            continue
        lines.append(f"  {'Terradrift':20s} WAPE {report['wape']:.4f}   bias {report['bias']:+.1%}   80 % interval covers {report['coverage']:.1%}")  # fmt: skip
        lines += [f"  {name:20s} WAPE {value:.4f}" for name, value in list(simple.items())[:6]]
        if report["gain"] is not None:
            lines.append(f"  {report['gain']:.1%} below the best simple forecast")
    return "\n".join(lines)
