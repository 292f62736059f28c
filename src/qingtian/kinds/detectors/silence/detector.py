"""Periods without any value, factors that are missing while others arrive, records that arrive too late."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, longest, pieces
from qingtian.stream.suspicions.series import Column, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return silent stretches of the outlet, of single factors, and stretches of late records."""
    watched = series.of(Role.POLLUTANT, Role.OXYGEN)
    if not watched:
        return []
    due = series.expected_rows()
    silent = due & np.logical_and.reduce([np.isnan(column.values) for column in watched])
    found = [_silent(series, rules, run, watched) for run in pieces(series, silent, least=rules["clue_rows"])]
    for column in watched:
        found += _missing(series, rules, column, due & ~silent)
        found += _late(series, rules, column)
    return found


def _silent(series: Series, rules: Rules, run: Run, watched: list[Column]) -> Suspicion:
    return suspect(
        series,
        rules,
        run=run,
        columns=watched,
        weight=_weight(rules, len(run)),
        said="offline",
        numbers={"missing_rows": len(run)},
    )


def _missing(series: Series, rules: Rules, column: Column, heard: Mask) -> list[Suspicion]:
    """A factor that a mark explains is still missing, but not suspicious."""
    excused = series.marked(*rules["excused"], factor=column.code)
    mask = np.isnan(column.values) & heard & ~excused & _is_measured(series, column)
    return [
        suspect(
            series,
            rules,
            run=run,
            columns=[column],
            weight=_weight(rules, len(run)),
            said="missing",
            numbers={"missing_rows": len(run)},
        )
        for run in pieces(series, mask, least=rules["clue_rows"])
    ]


def _is_measured(series: Series, column: Column) -> Mask:
    """Return where a factor was known within as many rows as a run may have: one that is missing for longer is not
    measured here any more, or not yet."""
    most, rows = longest(series.step, series.period), np.arange(series.rows)
    known = np.maximum.accumulate(np.where(np.isfinite(column.values), rows, -1 - most))
    return np.asarray(rows - known <= most)


def _late(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    if column.received is None:
        return []
    delay = column.received - (series.times() + series.period)
    allowed = rules["late_minutes"] * 60_000_000
    late = (column.received > 0) & np.isfinite(column.values) & (delay > allowed)
    return [
        suspect(
            series,
            rules,
            run=run,
            columns=[column],
            weight=graded(len(run), alarm=rules["late_rows"], certain=rules["certain_rows"])
            if len(run) >= rules["late_rows"]
            else 0.3,
            said="late",
            numbers={"latest_minutes": float(delay[run.rows].max() / 60_000_000)},
        )
        for run in pieces(series, late)
    ]


def _weight(rules: Rules, rows: int) -> float:
    """Short gaps are clues; an alarm comes from ``alarm_rows`` on."""
    if rows < rules["alarm_rows"]:
        return 0.3
    return graded(rows, alarm=rules["alarm_rows"], certain=rules["certain_rows"])
