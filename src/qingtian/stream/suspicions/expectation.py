"""What a factor should read, given load, flow, oxygen and temperatures: so that a change of load is no suspicion.

For each block of rows (anchored in absolute time) a robust quadratic in at most three explaining columns is fitted to
the window before the block (iteratively reweighted least squares with Tukey's biweight) and told for the block. So what
is expected of a row rests on the window before its block and on nothing else; without explaining columns the expected
value is a robust level. Blocks are computed as they are asked for.

Values are compared on a scale that is logarithmic where they are large and straight near zero: ``asinh(x / c)`` with
``c`` a part of the window's median, so that a residual of 0.1 is about ten per cent and zero and negative are allowed.

A clean gas scatters by as many milligrams as a dirty one, so by another part of itself: where load makes the factor
high its log ratio is steadier. So the logarithm of what is off is fitted to load as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.suspicions import blocks
from qingtian.stream.suspicions.blocks import EXPECTED, MODEL, MOST_COLUMNS, MOST_TERMS, RESIDUAL, SCALE, SPREAD
from qingtian.stream.suspicions.series import Column, Floats, Role, Series

WINDOW = {"minute": 10_080, "hour": 720, "day": 120}
BLOCK = {"minute": 360, "hour": 48, "day": 14}
EVERY = {"minute": 28, "hour": 2, "day": 1}
"""Every how manyeth row of the window is used in the fit: neighbouring rows tell nearly the same."""

EXPLAINING = (Role.LOAD, Role.FLOW, Role.CONDITION, Role.OXYGEN)


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
    """Return the expectation of a column; computed once for a series.

    Of rows cut from a longer series those are left out that alone do not tell it: nobody may rest on them.
    """
    key = ("expectation", column.code)
    found = series.shared.get(key)
    if not isinstance(found, Expectation):
        whole, wanted = series.cut_from or (series, -reach_rows(series.step))
        first = max(wanted, 0)
        unknown = min(max(wanted + reach_rows(series.step) - first, 0), series.rows)
        found = _blocks_of(whole, column.code).told(first, first + series.rows, unknown=unknown)
        series.shared[key] = found
    return found


def explaining(series: Series, column: Column) -> list[Column]:
    """Return what the column is explained by: load and flow before conditions and oxygen, at most three."""
    found = [each for role in EXPLAINING for each in series.of(role) if each.code != column.code]
    return found[:MOST_COLUMNS]


def _blocks_of(series: Series, code: str) -> _Blocks:
    key = ("expectation.blocks", code)
    found = series.shared.get(key)
    if not isinstance(found, _Blocks):
        found = _Blocks(series, series.columns[code])
        series.shared[key] = found
    return found


class _Blocks:
    """The blocks of one column: what is known of them so far."""

    def __init__(self, series: Series, column: Column) -> None:
        self._window, self._block, self._every = (table[series.step] for table in (WINDOW, BLOCK, EVERY))
        self._values = np.ascontiguousarray(column.values, np.float64)
        factors = [_running(each) for each in explaining(series, column)]
        self._factors = np.array(factors, np.float64).reshape(len(factors), series.rows)
        self._offset = series.first % self._block
        count = -(-(self._offset + series.rows) // self._block)
        self._figures = np.full((5, count, self._block), np.nan)
        self._done = np.zeros(count, np.bool_)

    def told(self, first: int, last: int, *, unknown: int) -> Expectation:
        """Return rows [first, last) of the series, NaN for the first ``unknown`` of them."""
        wanted = np.arange((self._offset + first + unknown) // self._block, len(self._done))
        wanted = wanted[wanted * self._block < self._offset + last]
        self._compute(wanted[~self._done[wanted]])
        rows = self._figures.reshape(5, -1)[:, self._offset + first : self._offset + last].copy()
        rows[:, :unknown] = np.nan
        return Expectation(
            expected=rows[EXPECTED],
            residual=rows[RESIDUAL],
            scale=rows[SCALE],
            spread=rows[SPREAD],
            model=rows[MODEL],
        )

    def _compute(self, wanted: NDArray[np.intp]) -> None:
        seen = -(-self._window // self._every)
        found = np.empty((5, len(wanted), self._block))
        rooms, design, small = np.empty((5, seen)), np.empty((seen, MOST_TERMS)), np.empty((17, MOST_TERMS))
        # where each block begins, the first maybe before the series
        begins = wanted.astype(np.int64) * self._block - self._offset
        sizes = (self._window, self._every, self._block)
        blocks.fit(self._values, self._factors, begins, *sizes, rooms, design, small, found)
        self._figures[:, wanted] = found
        self._done[wanted] = True


def _running(column: Column) -> Floats:
    """A plant that does not run makes nothing to be expected: its load or flow at zero explains no value."""
    if column.role in (Role.LOAD, Role.FLOW):
        return np.where(column.values > 0, column.values, np.nan)
    return column.values
