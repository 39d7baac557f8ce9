"""One pass over the streams of a monitor: value by value, compiled. What it keeps of a stream is in the monitor's columns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from models.history import Floats

_MOST = 1e100  # of one size's statistic: far beyond any threshold
_DATING_CLIP = 6.0  # spreads: what is too odd to count as evidence still says when it began


@njit(cache=True)
def _moved(state: Any, i: int, z: float, k: float, sizes: Floats, weights: Floats) -> float:
    """One more observation, z spreads towards the change; the statistic, 0 or less while nothing speaks for it."""
    if sizes.size == 0:
        state[0, i] = max(0.0, state[0, i] + z - k)
        return float(state[0, i])
    total = 0.0
    for j in range(sizes.size):
        state[j, i] = min((1.0 + state[j, i]) * math.exp(sizes[j] * (z - 0.5 * sizes[j])), _MOST)
        total += weights[j] * state[j, i]
    return math.log(total)


@njit(cache=True)
def advance(
    values: Floats,
    scale: Floats,
    first: int,
    limits: Floats,
    pace: Floats,
    sizes: Floats,
    weights: Floats,
    value: Any,
    period: Any,
    level: Floats,
    spread: Floats,
    seen: Any,
    drop: Any,
    rise: Any,
    fell: Any,
    rose: Any,
    hold: Any,
    shift: Floats,
    behind: Floats,
    count: Floats,
    after: Floats,
) -> Any:
    """Alarms of (periods, streams) values as rows: stream, period, started, side, statistic, shift, spread, level, withdrawn."""
    k, clip, level_step, spread_step = pace[0], pace[1], pace[2], pace[3]
    warm, holding, confirm = int(pace[4]), int(pace[5]), pace[6]
    ring = value.shape[0]
    found = []
    for i in range(values.shape[1]):
        for t in range(values.shape[0]):
            y = values[t, i]
            if np.isnan(y):
                continue
            slot = seen[i] % ring
            value[slot, i], period[slot, i] = y, first + t
            seen[i] += 1
            if seen[i] <= warm:
                if seen[i] == warm:
                    past = np.sort(value[:warm, i])
                    level[i] = 0.5 * (past[(warm - 1) // 2] + past[warm // 2])
                    past = np.sort(np.abs(value[:warm, i] - level[i]))
                    spread[i] = max(1.4826 * 0.5 * (past[(warm - 1) // 2] + past[warm // 2]), 1e-3)
                continue
            if hold[i] > 0:
                if confirm > 0.0 and hold[i] == holding:
                    side = 1 if shift[i] > 0 else 0
                    if (y - level[i]) * (1.0 if side else -1.0) < confirm * spread[i]:
                        hold[i] = 0
                        found.append(
                            (
                                float(i),
                                float(first + t),
                                float(first + t),
                                float(side),
                                0.0,
                                shift[i],
                                spread[i],
                                level[i],
                                1.0,
                            )
                        )
                        continue
                hold[i] -= 1
                behind[i] += y
                after[i] += y
                count[i] += 1.0
                if hold[i] == 0:
                    gone = after[i] / holding - level[i]
                    if gone * shift[i] > 0.5 * shift[i] * shift[i]:
                        level[i] = behind[i] / count[i]
                continue
            x = (y - level[i]) / (spread[i] * max(1.0, scale[t]))
            x = min(max(x, -clip), clip)
            down, up = _moved(drop, i, -x, k, sizes, weights), _moved(rise, i, x, k, sizes, weights)
            fell[i] = fell[i] + 1 if down > 0 else 0
            rose[i] = rose[i] + 1 if up > 0 else 0
            side = -1
            if down >= limits[0]:
                side = 0
            elif up >= limits[1]:
                side = 1
            if side >= 0:
                sign = 1.0 if side == 0 else -1.0
                best, total, raw, back = 0.0, 0.0, 0.0, 0
                behind[i], count[i] = y, 1.0
                ago = fell[i] if side == 0 else rose[i]
                for b in range(min(ago, ring)):  # likelihood estimate of the change, in this excursion
                    p = (seen[i] - 1 - b) % ring
                    z = (value[p, i] - level[i]) / spread[i]
                    total -= sign * min(max(z, -_DATING_CLIP), _DATING_CLIP)
                    raw += value[p, i]
                    gain = total * total / (b + 1)
                    if total > 0 and gain > best:
                        best, back = gain, b
                        behind[i], count[i] = raw, b + 1.0
                shift[i] = behind[i] / count[i] - level[i]
                started = period[(seen[i] - 1 - back) % ring, i]
                statistic = down if side == 0 else up
                found.append(
                    (float(i), float(first + t), float(started), float(side), statistic, shift[i], spread[i], level[i], 0.0))  # fmt: skip
                drop[:, i], rise[:, i], after[i] = 0.0, 0.0, 0.0
                fell[i] = rose[i] = 0
                hold[i] = holding
                continue
            level[i] += level_step * x * spread[i]
            spread[i] = max(spread[i] * (1.0 + spread_step * (min(abs(x), 2.5) * 1.27 - 1.0)), 1e-3)
    return found
