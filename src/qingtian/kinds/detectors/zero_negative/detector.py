"""Negative values, and zeros that last while load or flow says that the plant runs."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, pieces, stretches
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return runs of negative values, and runs of at least ``zero_rows`` zeros while the plant runs."""
    found = []
    running = _running(series, rules)
    for column in series.of(Role.POLLUTANT):
        zero = (column.values == 0) & running & _unusual(series, column, rules)
        for run in pieces(series, _at_least(zero, rules["zero_rows"])):
            found.append(_told(series, rules, column, run, "zero", rules["zero_rows"]))
        negative = column.values < -rules["tolerated_share"] * _level(series, column, rules)
        for run in pieces(series, negative):
            found.append(_told(series, rules, column, run, "negative", 1))
    return found


def _running(series: Series, rules: Rules) -> Mask:
    """Return where some load or flow is above idle; everywhere if the series has neither."""
    drivers = series.of(Role.LOAD, Role.FLOW)
    if not drivers:
        return np.ones(series.rows, np.bool_)
    running = np.zeros(series.rows, np.bool_)
    for driver in drivers:
        usual = windows.usual(series, np.abs(driver.values), rules["window_rows"], least=rules["least_share"])
        running |= driver.values > rules["idle_share"] * np.nan_to_num(usual)
    return running


def _unusual(series: Series, column: Column, rules: Rules) -> Mask:
    """Tell where zero is unusual: few of the rows before are zero."""
    zeros = np.where(np.isfinite(column.values), column.values == 0, np.nan)
    high = windows.usual(series, zeros, rules["window_rows"], 1 - rules["usual_share"], least=rules["least_share"])
    return np.asarray(np.nan_to_num(high) == 0)


def _level(series: Series, column: Column, rules: Rules) -> Floats:
    level = windows.usual(series, np.abs(column.values), rules["window_rows"], least=rules["least_share"])
    return np.nan_to_num(level)


def _at_least(mask: Mask, rows: int) -> Mask:
    kept = np.zeros_like(mask)
    for run in stretches(mask, least=rows):
        kept[run.rows] = True
    return kept


def _told(series: Series, rules: Rules, column: Column, run: Run, said: str, least: int) -> Suspicion:
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=graded(len(run), alarm=least - 1, certain=rules["certain_rows"]),
        said=said,
        numbers={"lowest": float(column.values[run.rows].min())},
    )
