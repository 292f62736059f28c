"""Six simple rules as a platform of today has them (monitoring.md §3.3): what the detectors are held against.

Missing; zero or below; constant for 5 hours; eight sigma from the median of 25 hours; no load with a pollutant above
zero; the scatter of 24 hours below 12 % of its median of 30 days. Each looks at one column, as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from qingtian.stream.suspicions.runs import Run, stretches
from qingtian.stream.suspicions.series import Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import ALARM, Suspicion

CONSTANT_ROWS = 5
AROUND_ROWS, SIGMA = 25, 8.0
SPREAD_ROWS, USUAL_ROWS, USUAL_SHARE = 24, 720, 0.12
OF_NORMAL = 1.4826
"""What a median deviation is multiplied by to be the sigma of a normal distribution."""


def told(series: Series) -> list[Suspicion]:
    """Return a suspicion for each run of rows that a rule is about; all weigh the same."""
    return [
        _suspicion(series, code, factor, run)
        for factor, by_rule in _by_factor(series)
        for code, mask in by_rule.items()
        for run in stretches(mask)
    ]


def _by_factor(series: Series) -> Iterator[tuple[str, Mapping[str, Mask]]]:
    pollutants = series.of(Role.POLLUTANT)
    emits = np.zeros(series.rows, np.bool_)
    for column in pollutants:
        values = column.values
        emits |= values > 0
        yield (
            column.code,
            {
                "missing": np.isnan(values),
                "zero_or_below": values <= 0,
                "constant": _constant(values),
                "apart": _apart(values),
                "calm": _calm(values),
            },
        )
    for column in series.of(Role.LOAD):
        yield column.code, {"no_load": (column.values == 0) & emits}


def _constant(values: Floats) -> Mask:
    same = np.zeros(len(values), np.bool_)
    if len(values) >= CONSTANT_ROWS:
        window = sliding_window_view(values, CONSTANT_ROWS)
        for first in np.flatnonzero((window == window[:, :1]).all(axis=1)):
            same[first : first + CONSTANT_ROWS] = True
    return same


def _apart(values: Floats) -> Mask:
    """Tell which rows lie `SIGMA` from the median of the rows around them, by their median deviation from it."""
    half = AROUND_ROWS // 2
    window = sliding_window_view(np.pad(values, half, constant_values=np.nan), AROUND_ROWS)
    middle = _median(window)
    sigma = OF_NORMAL * _median(np.abs(window - middle[:, None]))
    return np.abs(values - middle) > SIGMA * sigma


def _calm(values: Floats) -> Mask:
    before = np.pad(values, (SPREAD_ROWS - 1, 0), constant_values=np.nan)
    window = sliding_window_view(before, SPREAD_ROWS)
    known = np.isfinite(window).sum(axis=1) >= SPREAD_ROWS // 2
    centred = window - np.nanmean(np.where(known[:, None], window, 0.0), axis=1)[:, None]
    spread = np.where(known, np.sqrt(np.nanmean(np.where(known[:, None], centred**2, 0.0), axis=1)), np.nan)
    usual = _median(sliding_window_view(np.pad(spread, (USUAL_ROWS - 1, 0), constant_values=np.nan), USUAL_ROWS))
    return spread < USUAL_SHARE * usual


def _median(windows: Floats) -> Floats:
    """Return the median of what is known of each window; NaN where that is less than a fifth."""
    known = np.isfinite(windows).sum(axis=1) * 5 >= windows.shape[1]
    found = np.full(len(windows), np.nan)
    found[known] = np.nanmedian(windows[known], axis=1)
    return found


def _suspicion(series: Series, code: str, factor: str, run: Run) -> Suspicion:
    start, end = (series.start + row * series.period for row in (run.first, run.last))
    return Suspicion(
        detector=code,
        version="1",
        outlet=series.outlet,
        factors=(factor,),
        start=start,
        end=end,
        weight=ALARM,
        zh=code,
        en=code,
        numbers={},
    )
