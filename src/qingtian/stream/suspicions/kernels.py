"""The compiled loops: rolling ranks over rows. They say the same as sorting each window, at a tenth of the cost."""

from __future__ import annotations

import numpy as np

from qingtian.stream.hj212.words import kernel
from qingtian.stream.suspicions import blocks, fitting
from qingtian.stream.suspicions.series import Floats, Mask

RAMP_KNOWN = 0.6
"""Part of the rows of a ramp, and of those around it, that must be known."""

RAMP_ROUNDS = 3
RAMP_BOXES = 5
"""How many boxes of different lengths are held against a ramp."""

HUBER = 1.5
"""Sigma from which a row weighs less."""


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


@kernel
def block_rank(
    values: Floats,
    first: int,
    block: int,
    length: int,
    gap: int,
    part: float,
    least: float,
    room: Floats,
    found: Floats,
) -> None:
    """Write by row the value that ``part`` of the window before its block lies below, NaN if fewer than ``least`` of
    the window are known. The first block begins at row ``first``, maybe before the series; a window are the ``length``
    rows that end ``gap`` rows before a block. ``room``: ``length`` places.
    """
    rows = len(values)
    for begin in range(first, rows, block):
        count = 0
        for row in range(max(begin - gap - length, 0), min(begin - gap, rows)):
            if np.isfinite(values[row]):
                room[count] = values[row]
                count += 1
        told = np.nan
        if count > 0 and count >= least:
            told = fitting.select(room, count, int(part * (count - 1)))
        for row in range(max(begin, 0), min(begin + block, rows)):
            found[row] = told


@kernel
def block_share(mask: Mask, first: int, block: int, length: int, found: Floats) -> None:
    """Write by row which part of the ``length`` rows before its block is true; blocks as in `block_rank`."""
    rows = len(mask)
    for begin in range(first, rows, block):
        count = 0
        for row in range(max(begin - length, 0), min(begin, rows)):
            count += mask[row]
        for row in range(max(begin, 0), min(begin + block, rows)):
            found[row] = count / length


@kernel
def figure(
    values: Floats, weights: Floats, held: Floats, shape: Floats, rows: int, scale: float, found: Floats
) -> None:
    """Write the weighted least squares of values on a shape and a level: factor of the shape, level, t figure."""
    total, shapes, means = 0.0, 0.0, 0.0
    for row in range(rows):
        weight = weights[row] * held[row]
        total += weight
        shapes += weight * shape[row]
        means += weight * values[row]
    shapes, means = shapes / total, means / total
    square, product = 0.0, 0.0
    for row in range(rows):
        weight = weights[row] * held[row]
        square += weight * (shape[row] - shapes) ** 2
        product += weight * (shape[row] - shapes) * (values[row] - means)
    found[0] = product / (square + 1e-12)
    found[1] = means - found[0] * shapes
    found[2] = found[0] * np.sqrt(square) / scale


@kernel
def ramp(
    residual: Floats, spread: Floats, end: int, length: int, before: int, after: int, room: Floats, found: Floats
) -> None:
    """Write how well a ramp over the ``length`` rows up to ``end`` (exclusive), and none around it, fits the residual.

    ``found``: the rise, its t figure, and the greatest t figure of a box that ends with the ramp. Weighted least
    squares with Huber's weights; each row weighs by its spread. Zeros where too few are known. ``room`` (7, rows).
    """
    found[:] = 0.0
    first, last = end - length - before, end + after
    if first < 0 or last > len(residual):
        return
    rows, inside = 0, 0
    values, weights, slopes, boxes, held, off, ranked = room[0], room[1], room[2], room[3], room[4], room[5], room[6]
    for row in range(first, last):
        if np.isnan(residual[row]) or np.isnan(spread[row]):
            continue
        place = row - (end - length)
        within = 0 <= place < length
        values[rows] = residual[row]
        weights[rows] = 1.0 / max(spread[row], 1e-3) ** 2
        slopes[rows] = place / (length - 1) if within else 0.0
        held[rows] = 1.0
        rows += 1
        inside += within
    if inside < RAMP_KNOWN * length or rows - inside < RAMP_KNOWN * (before + after):
        return
    scale = 1.0
    for _ in range(RAMP_ROUNDS):
        figure(values, weights, held, slopes, rows, 1.0, found)
        for row in range(rows):
            off[row] = abs(values[row] - found[1] - found[0] * slopes[row]) * np.sqrt(weights[row])
            put(ranked, row, off[row])
        scale = 1.4826 * ranked[rows // 2] + 1e-9
        for row in range(rows):
            held[row] = min(1.0, HUBER * scale / (off[row] + 1e-12))
    box = 0.0
    for part in range(1, RAMP_BOXES + 1):
        for row in range(rows):
            boxes[row] = 1.0 if slopes[row] > 1.0 - part / RAMP_BOXES else 0.0
        figure(values, weights, held, boxes, rows, scale, found)
        box = max(box, abs(found[2]))
    figure(values, weights, held, slopes, rows, scale, found)
    found[1] = found[2]
    found[2] = box


def warm() -> None:
    """Compile for the types that are used."""
    fitting.warm()
    blocks.warm()
    values, kept, off, found = (np.ones(4) for _ in range(4))
    rolling_rank(values, 2, 0, 1, 0.5, kept, found)
    rolling_spread(values, 2, 0, 1, kept, off, found)
    block_rank(values, -1, 2, 2, 0, 0.5, 0.5, kept, found)
    block_share(np.ones(4, np.bool_), -1, 2, 2, found)
    figure(values, values, values, kept, 4, 1.0, np.empty(3))
    ramp(np.ones(20), np.ones(20), 16, 8, 4, 4, np.empty((7, 20)), np.empty(3))
