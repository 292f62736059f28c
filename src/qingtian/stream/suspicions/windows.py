"""Rolling figures over rows, NaN meaning missing. All look at a window of fixed length; none knows a series."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingtian.stream.suspicions.series import Floats, Mask

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
    return _where_enough(windows(values, length, ahead=ahead), least, _sorted_median)


def _sorted_median(view: NDArray[np.float64]) -> Floats:
    ordered = np.sort(view, axis=1)  # NaN last
    count = np.isfinite(view).sum(axis=1)
    rows = np.arange(len(view))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, view.shape[1] - 1)
    middle: Floats = (ordered[rows, low] + ordered[rows, high]) / 2
    return middle


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
    view = windows(values, length, ahead=ahead)
    centre = _where_enough(view, least, _sorted_median)
    return MAD_TO_SIGMA * _where_enough(np.abs(view - centre[:, None]), least, _sorted_median)


def high(values: Floats, length: int, part: float, *, ahead: int = 0) -> Floats:
    """Return the value that so large a part of the window lies below; 0 while a quarter of the window is not known."""
    return _ranked(values, length, part, ahead, unknown=0.0)


def low(values: Floats, length: int, part: float, *, ahead: int = 0) -> Floats:
    """Return the value that so large a part of the window lies below; infinite while a quarter is not known."""
    return _ranked(values, length, part, ahead, unknown=np.inf)


def _ranked(values: Floats, length: int, part: float, ahead: int, *, unknown: float) -> Floats:
    view = windows(values, length, ahead=ahead)
    count = np.isfinite(view).sum(axis=1)
    ordered = np.sort(view, axis=1)
    place = np.maximum((part * (count - 1)).astype(np.int64), 0)
    return np.where(count >= length / 4, ordered[np.arange(len(view)), place], unknown)


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
