"""What a factor should read, given load, flow, oxygen and temperatures: so that a change of load is no suspicion.

For each block of rows (anchored in absolute time) a robust quadratic in at most three explaining columns is fitted to
the window before the block (iteratively reweighted least squares with Tukey's biweight) and told for the block. So what
is expected of a row rests on the window before its block and on nothing else; without explaining columns the expected
value is a robust level.

Values are compared on a scale that is logarithmic where they are large and straight near zero: ``asinh(x / c)`` with
``c`` a part of the window's median, so that a residual of 0.1 is about ten per cent and zero and negative are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingtian.stream.suspicions.series import Column, Floats, Role, Series

WINDOW = {"minute": 10_080, "hour": 720, "day": 120}
BLOCK = {"minute": 360, "hour": 48, "day": 14}
EVERY = {"minute": 28, "hour": 2, "day": 1}
"""Every how manyeth row of the window is used in the fit: neighbouring rows tell nearly the same."""

EXPLAINING = (Role.LOAD, Role.FLOW, Role.CONDITION, Role.OXYGEN)
MOST_COLUMNS = 3
STRAIGHT_BELOW = 0.1
LEAST_SHARE = 0.25
ROUNDS = 5
BIWEIGHT = 4.685
RIDGE = 1e-3
SPREAD_RIDGE = 5.0
SPREAD_FLOOR = 0.1
SPREAD_WITHIN = 4.0
"""How strongly the spread is held to be the same at every load, what of it is none, and how far it may differ."""

FARTHEST = 4.0
"""Explaining values are held within so many sigma of the window: the fit is not asked about what it has never seen."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """By row: ``expected`` in the factor's unit, ``residual`` (about the log ratio), ``scale`` the robust sigma of the
    window's residuals, ``spread`` the sigma that these have at the row's own load and conditions, ``model`` the
    expected value on the compared scale. NaN where nothing is known.
    """

    expected: Floats
    residual: Floats
    scale: Floats
    spread: Floats
    model: Floats


def reach_rows(step: str) -> int:
    """Return how many rows before a row its expectation may rest on."""
    return WINDOW[step] + BLOCK[step]


def of(series: Series, column: Column) -> Expectation:
    """Return the expectation of a column; computed once for a series."""
    key = ("expectation", column.code)
    found = series.shared.get(key)
    if not isinstance(found, Expectation):
        found = _compute(series, column) if series.cut_from is None else _cut(series, column, *series.cut_from)
        series.shared[key] = found
    return found


def _cut(series: Series, column: Column, whole: Series, first: int) -> Expectation:
    known = of(whole, whole.columns[column.code])
    return Expectation(**{name: rows[first : first + series.rows] for name, rows in vars(known).items()})


def _compute(series: Series, column: Column) -> Expectation:
    step, rows = series.step, series.rows
    window, block = WINDOW[step], BLOCK[step]
    offset = series.first % block
    blocks = -(-(offset + rows) // block)
    ends = np.arange(blocks) * block - offset  # the row where each block begins, the first maybe before the series
    explaining = _explaining(series, column)
    values = _framed(column.values, ends, window, block)
    seen, told = values[:, : window : EVERY[step]], values[:, window:]
    straight = STRAIGHT_BELOW * _nanmedian(np.abs(seen)) + 1e-12
    factors = [_framed(_running(each), ends, window, block) for each in explaining]
    design = _design(factors, window, EVERY[step], seen.shape, told.shape)
    heights = np.arcsinh(seen / straight[:, None])
    coefficients, scale = _fit(design[0], heights)
    off = heights - np.einsum("bnp,bp->bn", design[0], coefficients)
    spreads = _spread(off, scale, *(each[:, :, : 1 + len(factors)] for each in design))
    model = np.einsum("bnp,bp->bn", design[1], coefficients)
    height = np.arcsinh(told / straight[:, None])
    expected = np.sinh(model) * straight[:, None]
    scales = np.broadcast_to(scale[:, None], height.shape)
    cut = [_unframed(each, offset, rows) for each in (expected, height - model, scales, spreads, model)]
    return Expectation(expected=cut[0], residual=cut[1], scale=cut[2], spread=cut[3], model=cut[4])


def _explaining(series: Series, column: Column) -> list[Column]:
    found = [each for role in EXPLAINING for each in series.of(role) if each.code != column.code]
    return found[:MOST_COLUMNS]


def _running(column: Column) -> Floats:
    """A plant that does not run makes nothing to be expected: its load or flow at zero explains no value."""
    if column.role in (Role.LOAD, Role.FLOW):
        return np.where(column.values > 0, column.values, np.nan)
    return column.values


def _framed(values: Floats, ends: NDArray[np.int64], window: int, block: int) -> NDArray[np.float64]:
    """Return for each block its window and itself, NaN where the series has no row."""
    padded = np.concatenate((np.full(window + block, np.nan), values, np.full(block, np.nan)))
    view: NDArray[np.float64] = sliding_window_view(padded, window + block)[ends + block]
    return view


def _unframed(blocks: NDArray[np.float64], offset: int, rows: int) -> Floats:
    return blocks.reshape(-1)[offset : offset + rows].copy()


def _nanmedian(view: NDArray[np.float64]) -> Floats:
    ordered = np.sort(view, axis=1)
    count = np.isfinite(view).sum(axis=1)
    places = np.arange(len(view))
    low = np.maximum(count - 1, 0) // 2
    high = np.minimum(count // 2, view.shape[1] - 1)
    return np.asarray((ordered[places, low] + ordered[places, high]) / 2)


def _design(
    factors: list[NDArray[np.float64]], window: int, every: int, seen: tuple[int, ...], told: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the quadratic's terms for the window's rows and for the block's."""
    scaled = []
    for framed in factors:
        before = framed[:, :window:every]
        centre = _nanmedian(before)
        width = 1.4826 * _nanmedian(np.abs(before - centre[:, None]))
        floor = 1e-3 * np.abs(centre) + 1e-9
        whole = (framed - centre[:, None]) / np.maximum(np.nan_to_num(width), floor)[:, None]
        scaled.append(np.clip(whole, -FARTHEST, FARTHEST))
    return (
        _terms([each[:, :window:every] for each in scaled], seen),
        _terms([each[:, window:] for each in scaled], told),
    )


def _terms(scaled: list[NDArray[np.float64]], shape: tuple[int, ...]) -> NDArray[np.float64]:
    products = [a * b for place, a in enumerate(scaled) for b in scaled[place:]]
    return np.stack([np.ones(shape), *scaled, *products], axis=2)


def _fit(design: NDArray[np.float64], heights: NDArray[np.float64]) -> tuple[NDArray[np.float64], Floats]:
    """Fit all blocks at once; return coefficients (blocks, terms) and robust sigma; NaN where too little is known."""
    known = np.isfinite(heights) & np.isfinite(design).all(axis=2)
    enough = known.mean(axis=1) >= LEAST_SHARE
    terms = np.where(known[:, :, None], design, 0.0)
    aims = np.where(known, heights, 0.0)
    weights = known.astype(np.float64)
    ridge = RIDGE * np.eye(terms.shape[2])
    scale: Floats = np.full(len(terms), np.nan)
    coefficients: NDArray[np.float64] = np.zeros((len(terms), terms.shape[2]))
    for _ in range(ROUNDS):
        turned = np.swapaxes(terms * weights[:, :, None], 1, 2)
        solved = np.linalg.solve(turned @ terms + ridge, turned @ aims[:, :, None])
        coefficients = np.asarray(solved[:, :, 0], np.float64)
        off = np.where(known, aims - np.einsum("bnp,bp->bn", terms, coefficients), np.nan)
        scale = 1.4826 * _nanmedian(np.abs(off)) + 1e-6
        held = np.where(known, off / (BIWEIGHT * scale[:, None]), 2.0)
        weights = np.where(np.abs(held) < 1.0, (1.0 - held * held) ** 2, 0.0)
    coefficients[~enough] = np.nan
    scale[~enough] = np.nan
    return coefficients, scale


def _spread(
    off: NDArray[np.float64], scale: Floats, seen: NDArray[np.float64], told: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sigma to be expected in each row of the block: the logarithm of what is off, fitted to load.

    A clean gas scatters by as many milligrams as a dirty one, so by another part of itself: where load makes the factor
    high its log ratio is steadier.
    """
    known = np.isfinite(off) & np.isfinite(seen).all(axis=2)
    terms = np.where(known[:, :, None], seen, 0.0)
    floor = np.nan_to_num(scale, nan=1.0)[:, None]
    aims = np.where(known, np.log(np.abs(np.nan_to_num(off)) / floor + SPREAD_FLOOR), 0.0)
    ridge = SPREAD_RIDGE * np.eye(terms.shape[2])
    ridge[0, 0] = RIDGE
    turned = np.swapaxes(terms, 1, 2)
    fitted = np.linalg.solve(turned @ terms + ridge, turned @ aims[:, :, None])
    before = np.exp((terms @ fitted)[:, :, 0])
    level = 1.4826 * _nanmedian(np.where(known, np.abs(off) / floor / before, np.nan))
    parts = level[:, None] * np.exp((told @ fitted)[:, :, 0])
    return np.asarray(scale[:, None] * np.clip(parts, 1 / SPREAD_WITHIN, SPREAD_WITHIN))
