"""Rolling figures over rows, NaN meaning missing. All look at a window of fixed length."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingtian.stream.suspicions import kernels
from qingtian.stream.suspicions.series import Floats, Mask, Series

BLOCK = {"minute": 60, "hour": 24, "day": 7}
"""Rows for which what is usual is told once."""

MAD_TO_SIGMA = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""


def windows(values: Floats, length: int, *, ahead: int = 0) -> NDArray[np.float64]:
    """Return a view (rows, length): for row i the rows i-length+1+ahead … i+ahead; NaN beyond the ends."""
    behind = length - 1 - ahead
    before = np.full(max(behind, 0), np.nan)
    after = np.full(max(ahead, 0), np.nan)
    padded = np.concatenate((before, values[max(-behind, 0) :], after))[: len(values) + length - 1]
    return sliding_window_view(padded, length)


def median(values: Floats, length: int, *, ahead: int = 0, least: int = 1) -> Floats:
    """Return the rolling median of the values that exist; NaN where fewer than ``least`` do."""
    found = np.empty(len(values))
    kernels.rolling_rank(np.ascontiguousarray(values, np.float64), length, ahead, least, 0.5, np.empty(length), found)
    return found


def sigma(values: Floats, length: int, *, ahead: int = 0, least: int = 2) -> Floats:
    """Return the rolling standard deviation of the values that exist."""
    return _where_enough(windows(values, length, ahead=ahead), least, _deviation)


def _deviation(view: NDArray[np.float64]) -> Floats:
    kept = np.isfinite(view)
    count = kept.sum(axis=1)
    mean = np.where(kept, view, 0.0).sum(axis=1) / count
    off = np.where(kept, view - mean[:, None], 0.0)
    return np.asarray(np.sqrt((off * off).sum(axis=1) / count))


def share(mask: Mask, length: int, *, ahead: int = 0) -> Floats:
    """Return which part of the window is true."""
    view = windows(mask.astype(np.float64), length, ahead=ahead)
    return np.asarray(np.where(np.isfinite(view), view, 0.0).sum(axis=1) / length)


def spread(values: Floats, length: int, *, ahead: int = 0, least: int = 3) -> Floats:
    """Return the rolling robust sigma: median absolute deviation from the rolling median of the same window."""
    found = np.empty(len(values))
    room = np.empty((2, length))
    kernels.rolling_spread(np.ascontiguousarray(values, np.float64), length, ahead, least, room[0], room[1], found)
    return MAD_TO_SIGMA * found


def usual_share(series: Series, mask: Mask, length: int) -> Floats:
    """Return by row which part of the ``length`` rows before its block is true; the same blocks as `usual`."""
    found = np.empty(series.rows)
    kernels.block_share(np.ascontiguousarray(mask, np.bool_), *_blocks(series), length, found)
    return found


def usual(
    series: Series, values: Floats, length: int, part: float = 0.5, *, gap: int = 0, least: float = 0.25
) -> Floats:
    """Return by row the value that ``part`` of a window before it lies below (0.5: the median); NaN if little is known.

    Told once for a block of rows anchored in absolute time (`BLOCK`), so that long windows cost little: the window is
    the ``length`` rows that end ``gap`` rows before the block. ``least`` is the share of it that must be there.
    """

    found, known = np.empty(series.rows), least * length
    kernels.block_rank(
        np.ascontiguousarray(values, np.float64), *_blocks(series), length, gap, part, known, np.empty(length), found
    )
    return found


def _blocks(series: Series) -> tuple[int, int]:
    """Return the row at which the first block begins, maybe before the series, and the rows of a block."""
    block = BLOCK[series.step]
    return -(series.first % block), block


def extreme(values: Floats, length: int, *, ahead: int = 0) -> tuple[Floats, Floats]:
    """Return the rolling minimum and maximum of the values that exist."""
    view = windows(values, length, ahead=ahead)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a window without values has none
        return np.nanmin(view, axis=1), np.nanmax(view, axis=1)


def _where_enough(view: NDArray[np.float64], least: int, figure: Callable[[NDArray[np.float64]], Floats]) -> Floats:
    enough = np.isfinite(view).sum(axis=1) >= least
    result = np.full(len(view), np.nan)
    if enough.any():
        result[enough] = figure(view[enough])
    return result


def constant_run(values: Floats) -> NDArray[np.int64]:
    """Return for each row how many rows its run of equal values has; 0 where there is no value."""
    if not len(values):
        return np.zeros(0, np.int64)
    begins = np.concatenate(([True], ~(values[1:] == values[:-1])))
    number = np.cumsum(begins) - 1
    counts: NDArray[np.int64] = np.bincount(number)[number]
    return np.where(np.isfinite(values), counts, 0)


def later(values: Floats, rows: int) -> Floats:
    """Return the values moved so many rows later (earlier if negative); NaN where there was none."""
    moved = np.full(len(values), np.nan)
    if abs(rows) < len(values):
        if rows >= 0:
            moved[rows:] = values[: len(values) - rows]
        else:
            moved[:rows] = values[-rows:]
    return moved


def run_starts(values: Floats) -> NDArray[np.intp]:
    """Return for each row the row where its run of equal values begins."""
    begins = np.concatenate(([True], ~(values[1:] == values[:-1])))[: len(values)]
    return np.maximum.accumulate(np.where(begins, np.arange(len(values)), 0))
