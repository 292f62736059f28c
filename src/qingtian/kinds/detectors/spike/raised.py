"""Raised levels: a few rows that jump up together and back together, above what rows of like load around them read.

A factor that swings widely at one load and hardly at another hides a doubling only at the first: each block of rows is
held against the rows within days that ran at like load (weights fall with the distance in load and in time), and their
scatter, steadied by the usual one of the factor, is the measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingtian.stream.suspicions import expectation, windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run
from qingtian.stream.suspicions.series import Column, Floats, Role, Series

QUARTILES_TO_SIGMA = 1.349
"""The distance of the quartiles of a normal distribution, in its standard deviations."""

BESIDE = 6
"""Rows to each side of a block that tell whether another factor moved with it."""


@dataclass(frozen=True, kw_only=True)
class Raised:
    """``ratio`` how far the block stands out, in parts of what it must; ``usual`` if others before it did nearly so."""

    run: Run
    ratio: float
    usual: bool = False

    def yields_to(self, other: Raised) -> bool:
        """Tell whether another block that overlaps this one says it better."""
        overlaps = self.run.first < other.run.last and other.run.first < self.run.last
        return overlaps and (other.ratio, -other.run.first) > (self.ratio, -self.run.first)


def find(series: Series, column: Column, rules: Rules) -> list[Raised]:
    """Return the blocks whose lowest row and both edges stand out by enough; of those that overlap the clearest.

    What the factor nearly did in the weeks before by itself is no more than usual.
    """
    expected = expectation.of(series, column)
    others = [expectation.of(series, each) for each in series.of(Role.POLLUTANT) if each.code != column.code]
    likeness = _likeness(series, column, rules)
    found: list[Raised] = []
    for length in range(2, rules["raised_longest"] + 1):
        found += _of_length(expected, others, likeness, length, rules)
    clear = [each for each in found if not any(each.yields_to(other) for other in found)]
    return [replace(each, usual=_usual(each, clear, rules)) for each in clear if each.ratio > 1.0]


def _usual(block: Raised, blocks: list[Raised], rules: Rules) -> bool:
    since, least = block.run.first - rules["raised_usual"], rules["raised_before"] * block.ratio
    return any(since <= each.run.first < block.run.first and each.ratio > least for each in blocks)


def _of_length(
    expected: expectation.Expectation,
    others: list[expectation.Expectation],
    likeness: list[Floats],
    length: int,
    rules: Rules,
) -> Iterator[Raised]:
    first = _candidates(expected.residual, length, rules)
    if not len(first):
        return
    lowest = _inside(expected.residual, first, length).min(axis=1)
    edges = np.minimum(*_edges(expected.residual, first, length))
    level, scatter = _like_rows(expected, likeness, first, length, rules)
    stands = np.minimum(lowest - level, edges) - rules["raised_shared"] * _moves(expected, others, first, length)
    ratio = stands / (rules["raised_times"] * (scatter + rules["raised_floor"]))
    for row, size in zip(first.tolist(), ratio.tolist(), strict=True):
        if size > rules["raised_before"]:
            yield Raised(run=Run(first=row, last=row + length), ratio=size)


def _candidates(residual: Floats, length: int, rules: Rules) -> NDArray[np.int64]:
    """Return the first rows of the blocks that are known and jump up and back by the least that could count."""
    every = np.arange(1, len(residual) - length)
    jumps = np.minimum(*_edges(residual, every, length)) >= rules["raised_ratio"]
    first = every[np.asarray(jumps, np.bool_)]
    known = np.isfinite(_inside(residual, first, length)).all(axis=1)
    return np.asarray(first[np.asarray(known, np.bool_)], np.int64)


def _edges(residual: Floats, first: NDArray[np.int64], length: int) -> tuple[Floats, Floats]:
    last = first + length
    return residual[first] - residual[first - 1], residual[last - 1] - residual[last]


def _inside(values: Floats, first: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    found: NDArray[np.float64] = values[first[:, None] + np.arange(length)]
    return found


def _around(values: Floats, first: NDArray[np.int64], length: int, rows: int) -> NDArray[np.float64]:
    """Return for each block the ``rows`` before it and after it, NaN beyond the ends of the series."""
    edge = np.full(rows, np.nan)
    view = sliding_window_view(np.concatenate((edge, values, edge)), 2 * rows + length)[first]
    return np.delete(view, slice(rows, rows + length), axis=1)


def _likeness(series: Series, column: Column, rules: Rules) -> list[Floats]:
    """Return what explains the factor, in sigma of its usual range; each computed once for a series."""
    return [_in_sigma(series, each, rules) for each in expectation.explaining(series, column)]


def _in_sigma(series: Series, column: Column, rules: Rules) -> Floats:
    key = ("in sigma", column.code, rules["raised_usual"])
    found = series.shared.get(key)
    if not isinstance(found, np.ndarray):
        low, high = (windows.usual(series, column.values, rules["raised_usual"], part) for part in (0.25, 0.75))
        width = np.fmax((high - low) / QUARTILES_TO_SIGMA, 1e-3 * np.abs(high) + 1e-9)
        found = column.values / width
        series.shared[key] = found
    return found


def _like_rows(
    expected: expectation.Expectation, likeness: list[Floats], first: NDArray[np.int64], length: int, rules: Rules
) -> tuple[Floats, Floats]:
    """Return the level and the scatter of the residual in rows around that ran at like load."""
    rows = rules["raised_around"]
    apart = np.abs(np.delete(np.arange(-rows, rows + length), slice(rows, rows + length)))
    away = np.tile(apart / rules["raised_fades"], (len(first), 1))
    for each in likeness:
        here = _inside(each, first, length).mean(axis=1)
        away += ((_around(each, first, length, rows) - here[:, None]) / rules["raised_alike"]) ** 2 / 2
    residual = _around(expected.residual, first, length, rows)
    known = np.isfinite(residual) & np.isfinite(away)
    weights = np.where(known, np.exp(-np.where(known, away, np.inf)), 0.0)
    residual = np.where(known, residual, 0.0)
    total = weights.sum(axis=1) + 1e-9
    level = (weights * residual).sum(axis=1) / total
    square = (weights * (residual - level[:, None]) ** 2).sum(axis=1)
    return level, np.sqrt((square + expected.scale[first] ** 2) / (total + 1.0))


def _moves(
    expected: expectation.Expectation, others: list[expectation.Expectation], first: NDArray[np.int64], length: int
) -> Floats:
    """Return how far other factors move in the block, as much of this one's sigma as of theirs: the plant's doing."""
    most = np.zeros(len(first))
    for other in others:
        around = _middle(_around(other.residual, first, length, BESIDE))
        moved = np.abs(_inside(other.residual, first, length).mean(axis=1) - around)
        most = np.fmax(most, moved / other.scale[first] * expected.scale[first])
    return most


def _middle(rows: NDArray[np.float64]) -> Floats:
    """Return the median of each row's values that exist, NaN where there are none."""
    found = np.full(len(rows), np.nan)
    known = np.isfinite(rows).any(axis=1)
    found[known] = np.nanmedian(rows[known], axis=1)
    return found
