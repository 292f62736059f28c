"""Hours, or days, of many devices as columns of numbers, from which the series of each is cut. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

EXCUSED = ("flag", "stopped", "zero_flow")
"""The reasons for which a window does not count and nobody misses its value: `Means.excused` is a place here."""

NOT_EXCUSED = -1
DAY = 24 * 60
ABOVE_RANGE = "T"


@dataclass(frozen=True, kw_only=True)
class Means:
    """*n* windows of one length, by device, factor and time. ``at`` int64: µs since 1970 UTC when each begins; ``own``,
    ``reported``, ``converted`` float64, NaN: none; ``covered`` int16: minutes that ``own`` stands for (of a day: all of
    it, or none if too few hours count); ``excused`` int8: see `EXCUSED`; ``received`` int64: µs, 0 unknown.

    ``low``, ``high`` float64: of its valid values; NaN where they were not asked for. ``over`` bool: some of its
    records carry the flag T 超测量上限.

    ``factors``: by MN the factors that it has, each with its rows [first, last).
    """

    at: NDArray[np.int64]
    own: NDArray[np.float64]
    reported: NDArray[np.float64]
    converted: NDArray[np.float64]
    covered: NDArray[np.int16]
    excused: NDArray[np.int8]
    received: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    over: NDArray[np.bool_]
    factors: Mapping[str, Sequence[tuple[str, int, int]]]

    @classmethod
    def of(cls, windows: pl.DataFrame, period: str = "hour") -> Means:
        """Take the hours, or days, among windows (`lake.windows.OF_A_SERIES`; more columns may be there)."""
        rows = windows.filter(pl.col("period") == period).sort("mn", "factor", "data_time")
        factors: dict[str, list[tuple[str, int, int]]] = {}
        first = 0
        for mn, factor, length in rows.group_by("mn", "factor", maintain_order=True).len().iter_rows():
            factors.setdefault(mn, []).append((factor, first, first + length))
            first += length
        missing = np.full(len(rows), np.nan)
        excused = pl.col("reason").replace_strict(
            EXCUSED, range(len(EXCUSED)), default=NOT_EXCUSED, return_dtype=pl.Int8
        )
        return cls(
            at=_microseconds(rows["data_time"]),
            own=_figures(rows["own"]),
            reported=_figures(rows["reported"]),
            converted=_figures(rows["converted"]),
            covered=_covered(rows, period),
            excused=rows.select(excused)["reason"].to_numpy(),
            received=_microseconds(rows["received"]),
            low=_figures(rows["low"]) if "low" in rows.columns else missing,
            high=_figures(rows["high"]) if "high" in rows.columns else missing,
            over=_over(rows),
            factors=factors,
        )

    def between(self, mn: str, first: int, last: int) -> dict[str, slice]:
        """Return by factor the rows of a device that begin in ``[first, last)`` µs, where there are any."""
        found = {}
        for factor, begin, end in self.factors.get(mn, ()):
            low, high = begin + np.searchsorted(self.at[begin:end], (first, last))
            if low < high:
                found[factor] = slice(int(low), int(high))
        return found


def _over(rows: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell where the flag T left something out (``T16 C3``: `stream.periods.parameters.COUNTED`)."""
    if "excluded" not in rows.columns:
        return np.zeros(len(rows), np.bool_)
    named = [text for text in rows["excluded"].unique().to_list() if text and ABOVE_RANGE in text]
    found: NDArray[np.bool_] = rows["excluded"].is_in(named).fill_null(value=False).to_numpy()
    return found


def _covered(rows: pl.DataFrame, period: str) -> NDArray[np.int16]:
    minutes = pl.col("covered") if period == "hour" else pl.when(pl.col("reason") == "hours").then(0).otherwise(DAY)
    found: NDArray[np.int16] = rows.select(covered=minutes.cast(pl.Int16))["covered"].to_numpy()
    return found


def _microseconds(column: pl.Series) -> NDArray[np.int64]:
    found: NDArray[np.int64] = column.dt.epoch("us").fill_null(0).to_numpy()
    return found


def _figures(column: pl.Series) -> NDArray[np.float64]:
    found: NDArray[np.float64] = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return found
