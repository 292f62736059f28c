"""The compiled walk over the blocks of `expectation`: each alone, so that it is the same however they are asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import inner, kernel
from qingtian.stream.suspicions.fitting import SIGMA, Table, middle, product, robust, scatter
from qingtian.stream.suspicions.series import Floats

MOST_COLUMNS = 3
MOST_TERMS = 10
"""A level, three columns, their six products."""

STRAIGHT_BELOW = 0.1
LEAST_SHARE = 0.25
RIDGE = 1e-3
SPREAD_RIDGE = 5.0
SPREAD_WITHIN = 4.0
"""How strongly the spread is held to be the same at every load, and how far it may differ."""

FARTHEST = 4.0
"""Explaining values are held within so many sigma of the window: the fit is not asked about what it has never seen."""

EXPECTED, RESIDUAL, SCALE, SPREAD, MODEL = range(5)
"""The figures of a row, in the order of `fit`'s ``out``."""


@inner
def _at(values: Floats, row: int) -> float:
    return values[row] if 0 <= row < len(values) else np.nan


@kernel
def _scaling(values: Floats, first: int, window: int, every: int, room: Floats) -> tuple[float, float]:
    """Return the middle of a window and by what its values are divided."""
    count = 0
    for row in range(first, first + window, every):
        if np.isfinite(_at(values, row)):
            room[count] = _at(values, row)
            count += 1
    centre = middle(room, count)
    for place in range(count):
        room[place] = abs(room[place] - centre)
    width, floor = SIGMA * middle(room, count), 1e-3 * abs(centre) + 1e-9
    return centre, width if width > floor else floor


@kernel
def _straight(values: Floats, first: int, window: int, every: int, room: Floats) -> float:
    """Return up to where the compared scale is straight: a part of the window's usual size."""
    count = 0
    for row in range(first, first + window, every):
        if np.isfinite(_at(values, row)):
            room[count] = abs(_at(values, row))
            count += 1
    return STRAIGHT_BELOW * middle(room, count) + 1e-12


@kernel
def _terms(factors: Table, scalings: Table, row: int, out: Floats) -> bool:
    """Write the quadratic's terms of a row; tell whether all that explains is known."""
    columns = len(factors)
    out[0] = 1.0
    for column in range(columns):
        found = _at(factors[column], row)
        if np.isnan(found) or np.isnan(scalings[column, 0]):
            return False
        scaled = (found - scalings[column, 0]) / scalings[column, 1]
        out[1 + column] = min(max(scaled, -FARTHEST), FARTHEST)
    place = 1 + columns
    for one in range(columns):
        for other in range(one, columns):
            out[place] = out[1 + one] * out[1 + other]
            place += 1
    return True


@kernel
def fit(
    values: Floats, factors: Table, begins: NDArray[np.int64], window: int, every: int, block: int, rooms: Table,
    design: Table, small: Table, out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Fill ``out`` [5, blocks, block]: `EXPECTED` to `MODEL` of the ``block`` rows from each of ``begins`` on.

    ``factors`` [columns, rows] explain. Scratch: ``rooms`` [5, window], ``design`` [window, 10], ``small`` [17, 10].
    """
    heights, off, weights, room, aims = rooms[0], rooms[1], rooms[2], rooms[3], rooms[4]
    matrix, scalings = small[:10], small[10:13]
    coefficients, spreads, ridge, spread_ridge = small[13], small[14], small[15], small[16]
    columns = len(factors)
    size = 1 + columns + columns * (columns + 1) // 2
    ridge[:] = RIDGE
    spread_ridge[:] = SPREAD_RIDGE
    spread_ridge[0] = RIDGE
    for place in range(len(begins)):
        first = begins[place] - window
        straight = _straight(values, first, window, every, room)
        for column in range(columns):
            scaling = _scaling(factors[column], first, window, every, room)
            scalings[column, 0], scalings[column, 1] = scaling[0], scaling[1]
        rows, looked = 0, 0
        for row in range(first, first + window, every):
            looked += 1
            if np.isfinite(_at(values, row)) and _terms(factors, scalings, row, design[rows]):
                heights[rows] = np.arcsinh(values[row] / straight)
                rows += 1
        out[:, place] = np.nan
        if rows < LEAST_SHARE * looked or rows == 0:
            continue
        scale = robust(design, heights, off, weights, rows, size, ridge, matrix, room, coefficients)
        level = scatter(design, off, scale, weights, rows, 1 + columns, spread_ridge, matrix, room, aims, spreads)
        for row in range(block):
            out[SCALE, place, row] = scale
            if _terms(factors, scalings, begins[place] + row, design[0]):
                model = product(design[0], coefficients, size)
                part = level * np.exp(product(design[0], spreads, 1 + columns))
                out[MODEL, place, row] = model
                out[EXPECTED, place, row] = np.sinh(model) * straight
                out[RESIDUAL, place, row] = np.arcsinh(_at(values, begins[place] + row) / straight) - model
                out[SPREAD, place, row] = scale * min(max(part, 1 / SPREAD_WITHIN), SPREAD_WITHIN)


def warm() -> None:
    """Compile for the types that are used."""
    fit(
        *(np.ones(40), np.ones((1, 40)), np.array([20]), 20, 1, 4),
        *(np.empty((5, 20)), np.empty((20, MOST_TERMS)), np.empty((17, MOST_TERMS)), np.empty((5, 1, 4))),
    )
