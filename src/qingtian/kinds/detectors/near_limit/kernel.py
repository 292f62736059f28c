"""The compiled loop: what each hour makes one expect of its day."""

from __future__ import annotations

import numpy as np

from qingtian.stream.hj212.words import inner, kernel
from qingtian.stream.suspicions.series import Floats

LANES = 8


@inner
def _sum(values: Floats, first: int, count: int, lanes: Floats) -> float:
    """Add up to 128 numbers as NumPy does: eight sums side by side, so that a mean is the same however it was told."""
    total, place = 0.0, 0
    if count >= LANES:
        for lane in range(LANES):
            lanes[lane] = values[first + lane]
        place = LANES
        while place + LANES <= count:
            for lane in range(LANES):
                lanes[lane] += values[first + place + lane]
            place += LANES
        total = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    while place < count:
        total += values[first + place]
        place += 1
    return total


@kernel
def day_end(
    hour: Floats,
    weights: Floats,
    weighted: Floats,
    lately: Floats,
    hours: int,
    least: int,
    lanes: Floats,
    found: Floats,
) -> None:
    """Write by row the projected mean of its day, NaN until ``least`` hours are known.

    ``hour``: that of the day, as a whole number; ``weighted``: value times weight, 0 where there is none; ``hours`` a
    day has; ``lanes``: scratch of eight places.
    """
    for row in range(len(hour)):
        found[row] = np.nan
        known = int(hour[row]) + 1
        first = row + 1 - known
        if first < 0 or known < least or not np.isfinite(lately[row]):
            continue
        weight = _sum(weights, first, known, lanes)
        if weight <= 0:
            continue
        rest = (hours - known) * weight / known
        found[row] = (_sum(weighted, first, known, lanes) + rest * lately[row]) / (weight + rest)


def warm() -> None:
    """Compile for the types that are used."""
    day_end(np.zeros(1), np.ones(1), np.ones(1), np.ones(1), 24, 1, np.zeros(LANES), np.zeros(1))
