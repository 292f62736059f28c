"""Windows as a table: one row a window that anything was heard of; the columns of the lake's ``periods``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from qingtian.lake.tables import PERIODS
from qingtian.stream.periods.cells import DAY_US, HOUR_US, MINUTE_US
from qingtian.stream.periods.days import LEFT_OUT, Days
from qingtian.stream.periods.furnace import FiveMinutes
from qingtian.stream.periods.hours import REASONS, TOO_FEW_MINUTES, Hours
from qingtian.stream.periods.kernels import BITS
from qingtian.stream.periods.layout import Layout
from qingtian.stream.periods.parameters import COUNTED
from qingtian.stream.periods.plan import PeriodPlan
from qingtian.stream.periods.rows import Rows

FIGURES = (
    *("value", "converted", "own", "own_converted", "reported", "reported_converted", "low", "high"),
    *("oxygen", "reference_oxygen", "volume", "amount", "reported_amount"),
)
"""Numbers of a window, float64, null where there is none. Units: of the factor; oxygen %; volume m³; amounts kg."""

COUNTS = ("n", "covered", "due", "needed")
MARKS = ("valid", "weighted", "exempt", "corrected")
TEXTS = ("outlet", "mn", "factor", "medium", "period", "reason", "excluded")

OF_THE_LAKE = ("day", "revision", "superseded", "sequence")
SCHEMA = pa.schema([field for field in PERIODS.schema if field.name not in OF_THE_LAKE])
"""The columns of a window before it has a revision: those of the lake's table without `OF_THE_LAKE`."""

KEY = ("outlet", "mn", "factor", "period", "data_time")
"""What names a window."""


class Sheet:
    """Writes windows of the series of one layout down as tables."""

    def __init__(self, *, rows: Rows, layout: Layout, plan: PeriodPlan, day_start: int) -> None:
        self._rows, self._layout, self._plan, self._day_start = rows, layout, plan, day_start

    def hours(self, hours: Hours) -> pa.Table:
        """Return the hours in which anything was heard."""
        series, number = np.nonzero(hours.heard)
        at = (series, number)
        figures = {
            name: getattr(hours, name)[at] for name in FIGURES if name not in ("reference_oxygen", "reported_amount")
        }
        return self._table(
            *("hour", series, self._day_start + number * HOUR_US, HOUR_US),
            figures | {"reported_amount": hours.reported_amount[at]},
            {"n": hours.made["n"][at], "covered": hours.made["covered"][at]},
            {
                "valid": hours.valid[at],
                "weighted": hours.made["weighted"][at],
                "exempt": hours.exempt[at],
                "corrected": hours.corrected[at],
            },
            hours.reason[at],
            counted(hours.made["excluded"][at], COUNTED),
            hours.received[at],
        )

    def days(self, days: Days) -> pa.Table:
        """Return the days of the series that were heard."""
        series = np.flatnonzero(days.heard)
        names = ("own_converted", "oxygen", "reference_oxygen")
        return self._table(
            *("day", series, np.full(len(series), self._day_start), DAY_US),
            {name: getattr(days, name)[series] for name in FIGURES if name not in names},
            {name: getattr(days, name)[series] for name in ("n", "due", "needed")},
            {
                "valid": days.reason[series] == 0,
                "weighted": days.weighted[series],
                "corrected": days.corrected[series],
            },
            days.reason[series],
            counted(days.left_out[series], LEFT_OUT),
            days.received[series],
        )

    def five_minutes(self, windows: FiveMinutes) -> pa.Table:
        """Return the five-minute means in which anything was heard."""
        place, number = np.nonzero(windows.received > 0)
        at = (place, number)
        valid = ~np.isnan(windows.value[at])
        return self._table(
            *("5min", windows.series[place], self._day_start + number * 5 * MINUTE_US, 5 * MINUTE_US),
            {"value": windows.value[at], "own": windows.own[at], "low": windows.value[at], "high": windows.value[at]},
            {"n": windows.covered[at], "covered": windows.covered[at]},
            {"valid": valid, "exempt": windows.exempt[at], "corrected": windows.corrected[at]},
            np.where(valid | windows.exempt[at], 0, TOO_FEW_MINUTES).astype(np.int8),
            pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(place), np.int32)), pa.array([""])),
            windows.received[at],
        )

    def _table(
        self,
        period: str,
        series: NDArray[Any],
        start: NDArray[np.int64],
        length: int,
        figures: Mapping[str, NDArray[np.float64]],
        counts: Mapping[str, NDArray[Any]],
        marks: Mapping[str, NDArray[np.bool_]],
        reason: NDArray[np.int8],
        excluded: pa.Array,
        received: NDArray[np.int64],
    ) -> pa.Table:
        layout, size = self._layout, len(series)
        outlets = [outlet.code for outlet in self._plan.outlets]
        columns: dict[str, Any] = {
            "outlet": _texts(layout.outlet[series], outlets),
            "mn": _texts(layout.mn[series], self._rows.mns),
            "factor": _texts(layout.factor[series], self._rows.factors),
            "medium": _texts(layout.water[series].astype(np.int32), ("gas", "water")),
            "period": _texts(np.zeros(size, np.int32), (period,)),
            "reason": _texts(reason.astype(np.int32), REASONS),
            "excluded": excluded,
            "data_time": start,
            "period_end": start + length,
            "plan": np.full(size, self._plan.number, np.int32),
            # a window that a mark alone tells of rests on no arrival
            "received": pa.array(received, mask=received == 0),
        }
        figures = {**figures, "reference_oxygen": layout.reference[series]}
        nothing = np.full(size, np.nan)
        columns |= {name: pa.array(figures.get(name, nothing), from_pandas=True) for name in FIGURES}
        columns |= {name: counts.get(name, np.zeros(size, np.int16)) for name in COUNTS}
        columns |= {name: marks.get(name, np.zeros(size, np.bool_)) for name in MARKS}
        return pa.table([_typed(columns[field.name], field.type) for field in SCHEMA], names=SCHEMA.names)


def _typed(column: Any, kind: pa.DataType) -> pa.Array:
    """Dictionary columns stay as they are; times are µs."""
    if isinstance(column, pa.DictionaryArray):
        return column
    return (column if isinstance(column, pa.Array) else pa.array(column)).cast(kind)


def _texts(places: NDArray[Any], texts: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(list(texts), pa.string()))


def counted(packed: NDArray[np.int64], names: Sequence[str]) -> pa.DictionaryArray:
    """Write packed counters as text: ``M12 C3``; the empty text where nothing was left out."""
    patterns, place = np.unique(packed, return_inverse=True)
    texts = [
        " ".join(
            f"{name}{count}"
            for number, name in enumerate(names)
            if (count := (int(pattern) >> (BITS * number)) & ((1 << BITS) - 1))
        )
        for pattern in patterns
    ]
    return _texts(place, texts)


def lake_rows(windows: pl.DataFrame, *, sequence: int, superseded: bool = False) -> pa.Table:
    """Return windows that have a ``revision`` as rows of the lake's ``periods``.

    ``sequence``: the last log sequence that the windows know of. ``superseded``: the rows only take windows back.
    """
    day = pl.col("data_time").dt.convert_time_zone("Asia/Shanghai").dt.date()
    told = windows.with_columns(
        day=day, superseded=pl.lit(superseded), sequence=pl.lit(sequence, pl.Int64), revision=pl.col("revision")
    )
    return told.select(PERIODS.schema.names).to_arrow().cast(PERIODS.schema)


def as_frame(tables: Sequence[pa.Table]) -> pl.DataFrame:
    """Put tables of windows together, in their order; texts become Polars strings."""
    frames = [pl.DataFrame(pl.from_arrow(table)) for table in tables or [SCHEMA.empty_table()]]
    return pl.concat([frame.with_columns(pl.col(*TEXTS).cast(pl.String)) for frame in frames])
