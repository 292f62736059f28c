"""The compiled loops: rolling ranks over rows. They say the same as sorting each window, at a tenth of the cost."""

from __future__ import annotations

import numpy as np

from qingtian.stream.hj212.words import kernel
from qingtian.stream.suspicions.series import Floats


@kernel
def rolling_rank(values: Floats, length: int, ahead: int, least: int, part: float, kept: Floats, found: Floats) -> None:
    """Write by row the value that ``part`` of its window lies below; 0.5 is the median, the mean of two if need be.

    The window are the rows i-length+1+ahead … i+ahead; NaN is left out; NaN where fewer than ``least`` are there. The
    window is kept sorted in ``kept`` (``length`` places): each row takes one value out and puts one in.
    """
    rows = len(values)
    count = 0
    for place in range(min(max(ahead, 0), rows)):
        if place >= ahead - length and not np.isnan(values[place]):
            count = put(kept, count, values[place])
    for row in range(rows):
        comes, goes = row + ahead, row + ahead - length
        if 0 <= goes < rows and not np.isnan(values[goes]):
            count = take(kept, count, values[goes])
        if 0 <= comes < rows and not np.isnan(values[comes]):
            count = put(kept, count, values[comes])
        found[row] = np.nan
        if count >= least and count > 0:
            if part == 0.5:
                found[row] = (kept[(count - 1) // 2] + kept[count // 2]) / 2
            else:
                found[row] = kept[int(part * (count - 1))]


@kernel
def put(kept: Floats, count: int, value: float) -> int:
    place = count
    while place > 0 and kept[place - 1] > value:
        kept[place] = kept[place - 1]
        place -= 1
    kept[place] = value
    return count + 1


@kernel
def take(kept: Floats, count: int, value: float) -> int:
    place = 0
    while place < count - 1 and kept[place] != value:
        place += 1
    for after in range(place, count - 1):
        kept[after] = kept[after + 1]
    return count - 1


@kernel
def rolling_spread(
    values: Floats, length: int, ahead: int, least: int, kept: Floats, off: Floats, found: Floats
) -> None:
    """Write by row the median absolute deviation of its window from that window's median."""
    rows = len(values)
    for row in range(rows):
        found[row] = np.nan
        count = 0
        for place in range(max(row + ahead - length + 1, 0), min(row + ahead + 1, rows)):
            if not np.isnan(values[place]):
                count = put(kept, count, values[place])
        if count < least or count == 0:
            continue
        middle = (kept[(count - 1) // 2] + kept[count // 2]) / 2
        for place in range(count):
            put(off, place, abs(kept[place] - middle))
        found[row] = (off[(count - 1) // 2] + off[count // 2]) / 2


def warm() -> None:
    """Compile for the types that are used."""
    values, kept, off, found = (np.ones(4) for _ in range(4))
    rolling_rank(values, 2, 0, 1, 0.5, kept, found)
    rolling_spread(values, 2, 0, 1, kept, off, found)
