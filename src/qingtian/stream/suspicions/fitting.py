"""The compiled least squares behind `expectation`: robust, held by a ridge, one block at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import inner, kernel
from qingtian.stream.suspicions.series import Floats

Table = NDArray[np.float64]

ROUNDS = 5
BIWEIGHT = 4.685
SPREAD_FLOOR = 0.1
"""The least that a row is taken to be off, in sigma: one that fits by chance says nothing of the scatter."""

SIGMA = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""


@kernel
def select(values: Floats, count: int, place: int) -> float:
    """Return the value that stands at ``place`` when the first ``count`` are sorted; moves them about."""
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if place <= right:
            high = right
        elif place >= left:
            low = left
        else:
            break
    found: float = values[place]
    return found


@kernel
def middle(values: Floats, count: int) -> float:
    """Return the median of the first ``count`` values, NaN of none; moves them about."""
    if count == 0:
        return np.nan
    upper = select(values, count, count // 2)
    if count % 2:
        return upper
    # what stands before that place is not above it
    lower: float = values[0]
    for place in range(1, count // 2):
        lower = max(lower, values[place])
    return (lower + upper) / 2


@kernel
def solve(matrix: Table, aims: Floats, size: int) -> None:
    """Solve the symmetric positive definite system in place (Cholesky); the answer stands in ``aims``."""
    for row in range(size):
        for column in range(row + 1):
            total = matrix[row, column]
            for before in range(column):
                total -= matrix[row, before] * matrix[column, before]
            matrix[row, column] = np.sqrt(total) if row == column else total / matrix[column, column]
    for row in range(size):
        for before in range(row):
            aims[row] -= matrix[row, before] * aims[before]
        aims[row] /= matrix[row, row]
    for row in range(size - 1, -1, -1):
        for after in range(row + 1, size):
            aims[row] -= matrix[after, row] * aims[after]
        aims[row] /= matrix[row, row]


@inner
def product(terms: Floats, coefficients: Floats, size: int) -> float:
    total = 0.0
    for term in range(size):
        total += terms[term] * coefficients[term]
    return total


@kernel
def least_squares(
    design: Table, aims: Floats, weights: Floats, rows: int, size: int, ridge: Floats, matrix: Table, out: Floats
) -> None:
    """Write the coefficients that fit best to ``out``, held to zero by ``ridge``."""
    for one in range(size):
        out[one] = 0.0
        for other in range(size):
            matrix[one, other] = ridge[one] if one == other else 0.0
    for row in range(rows):
        for one in range(size):
            part = weights[row] * design[row, one]
            out[one] += part * aims[row]
            for other in range(one + 1):
                matrix[one, other] += part * design[row, other]
    solve(matrix, out, size)


@kernel
def robust(
    design: Table, heights: Floats, off: Floats, weights: Floats, rows: int, size: int, ridge: Floats, matrix: Table,
    room: Floats, out: Floats,
) -> float:  # fmt: skip
    """Fit with Tukey's biweight; leave in ``off`` what is not explained; return its robust sigma."""
    scale = np.nan
    weights[:rows] = 1.0
    for _ in range(ROUNDS):
        least_squares(design, heights, weights, rows, size, ridge, matrix, out)
        for row in range(rows):
            off[row] = heights[row] - product(design[row], out, size)
            room[row] = abs(off[row])
        scale = SIGMA * middle(room, rows) + 1e-6
        for row in range(rows):
            held = off[row] / (BIWEIGHT * scale)
            weights[row] = (1.0 - held * held) ** 2 if abs(held) < 1.0 else 0.0
    return scale


@kernel
def scatter(
    design: Table, off: Floats, scale: float, weights: Floats, rows: int, size: int, ridge: Floats, matrix: Table,
    room: Floats, aims: Floats, out: Floats,
) -> float:  # fmt: skip
    """Fit the logarithm of what is off to the explaining columns; return the level that the fit is multiplied by."""
    for row in range(rows):
        weights[row] = 1.0
        aims[row] = np.log(abs(off[row]) / scale + SPREAD_FLOOR)
    least_squares(design, aims, weights, rows, size, ridge, matrix, out)
    for row in range(rows):
        room[row] = abs(off[row]) / scale / np.exp(product(design[row], out, size))
    return SIGMA * middle(room, rows)


def warm() -> None:
    """Compile for the types that are used."""
    select(np.ones(4), 4, 2)
