"""Values at the top of the registered measuring range or beyond it, and values below the detection limit for long."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, pieces
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect

ABOVE_RANGE = ord("T")


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the stretches outside the range of a factor's analyser; none of a factor without a registered range."""
    found = []
    for column in series.of(Role.POLLUTANT, Role.OXYGEN, Role.FLOW):
        if column.ranges:
            found += _above(series, rules, column)
            found += _below(series, rules, column)
    return found


def _bounds(series: Series, column: Column) -> tuple[Floats, Floats]:
    """Return by row the top of the range and the detection limit in force; NaN where none is registered."""
    at = series.times()
    top, detection = np.full(series.rows, np.nan), np.full(series.rows, np.nan)
    for one in column.ranges:
        inside = np.ones(series.rows, np.bool_)
        inside &= at >= one.start if one.start is not None else inside
        inside &= at < one.end if one.end is not None else inside
        top[inside] = np.nan if one.top is None else one.top
        detection[inside] = np.nan if one.detection is None else one.detection
    return top, detection


def _above(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    """Rows whose value, or whose highest finer value, is at the top or beyond it, or that the device flags T."""
    top = _bounds(series, column)[0]
    highest = column.values if column.highest is None else np.fmax(column.values, column.highest)
    flagged = np.zeros(series.rows, np.bool_) if column.flags is None else column.flags == ABOVE_RANGE
    outside = (highest >= top) | (flagged & np.isfinite(top))
    outside &= ~series.marked(*rules["excused_above"], factor=column.code)
    return [
        _told_above(series, rules, column, run, highest, flagged, top)
        for run in pieces(series, outside, least=rules["above_clue_rows"])
    ]


def _told_above(
    series: Series, rules: Rules, column: Column, run: Run, highest: Floats, flagged: Mask, top: Floats
) -> Suspicion:
    values, bound = highest[run.rows], float(top[run.first])
    peak = float(np.nanmax(values)) if np.isfinite(values).any() else bound
    is_beyond = peak > bound * (1 + rules["beyond_tolerance"])
    said = "beyond" if is_beyond else "top" if np.any(values >= bound) else "flagged"
    weight = graded(len(run), alarm=rules["above_rows"], certain=rules["above_certain_rows"])
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=weight if len(run) >= rules["above_rows"] else rules["clue_weight"],
        said=said,
        numbers={"top": bound, "highest": peak, "rows_flagged": int(flagged[run.rows].sum())},
        drawn=[Drawn(zh="量程上限", en="top of the range", values=bound)],
    )


def _below(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    """Rows below the detection limit while the plant runs, of a factor that usually is well above it."""
    if column.role is not Role.POLLUTANT:
        return []
    detection = _bounds(series, column)[1]
    usual = windows.usual(series, column.values, rules["usual_rows"], least=rules["usual_least"])
    below = (column.values < detection) & (usual >= rules["usual_times"] * detection) & _running(series, rules)
    below &= ~series.marked(*rules["excused"], factor=column.code)
    return [
        suspect(
            series,
            rules,
            run=run,
            columns=[column],
            weight=graded(len(run), alarm=rules["below_rows"], certain=rules["below_certain_rows"])
            if _is_told_running(series)
            else rules["clue_weight"],
            said="below",
            numbers={"detection": float(detection[run.first]), "usual": float(usual[run.first])},
            drawn=[Drawn(zh="检出限", en="detection limit", values=float(detection[run.first]))],
        )
        for run in pieces(series, below, least=rules["below_rows"])
    ]


def _is_told_running(series: Series) -> bool:
    return bool(series.of(Role.LOAD, Role.FLOW))


def _running(series: Series, rules: Rules) -> Mask:
    """Return where some load or flow is above idle; everywhere if the series has neither."""
    drivers = series.of(Role.LOAD, Role.FLOW)
    running = np.full(series.rows, not drivers)
    for driver in drivers:
        usual = windows.usual(series, np.abs(driver.values), rules["usual_rows"], least=rules["usual_least"])
        running |= driver.values > rules["idle_share"] * np.nan_to_num(usual)
    return running
