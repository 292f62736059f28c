"""The compiled loop: the shape of a window held against those of all windows before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import kernel

Floats = NDArray[np.float64]


@kernel
def best_matches(
    shapes: Floats, anchors: NDArray[np.int64], least_lag: int, most_lag: int, room: Floats, best: NDArray[np.int64],
    alike: Floats,
) -> None:  # fmt: skip
    """Write for each anchor the row whose shape is most like that at the anchor, and their correlation; -1 without any.

    ``shapes`` (seed, rows): columns of length 1; only rows ``least_lag`` to ``most_lag`` before the anchor count, of
    equals the first. ``room``: ``most_lag + 1`` places.
    """
    for place in range(len(anchors)):
        anchor = anchors[place]
        first, last = max(anchor - most_lag, 0), anchor - least_lag
        best[place], alike[place] = -1, -1.0
        if last < first:
            continue
        rows = last - first + 1
        room[:rows] = 0.0
        for part in range(len(shapes)):
            mine, of_part = shapes[part, anchor], shapes[part]
            for row in range(rows):
                room[row] += mine * of_part[first + row]
        for row in range(rows):
            if room[row] > alike[place]:
                best[place], alike[place] = first + row, room[row]


def warm() -> None:
    """Compile for the types that are used."""
    best_matches(np.ones((1, 2)), np.ones(1, np.int64), 1, 1, np.zeros(2), np.zeros(1, np.int64), np.zeros(1))
