"""Digits no analyser gives: last digits that are not evenly spread, more digits than the device is used to print."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qingtian.kinds.detectors.digit_pattern.digits import chi_square, last_digits, printed, significant
from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, bridged, pieces
from qingtian.stream.suspicions.series import Column, Floats, Role, Series
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return windows with unevenly spread last digits that were even before, and runs with too many digits."""
    found = []
    for column in series.of(Role.POLLUTANT):
        found += _uneven(series, rules, column)
        found += _finer(series, rules, column)
    return found


def _uneven(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    """Windows are anchored in absolute time. A device whose digits were never even prints that way: no suspicion."""
    rows = rules["test_rows"]
    found = []
    for first in range(-series.first % rows, series.rows - rows + 1, rows):
        if not series.is_asked(first):
            continue
        run = Run(first=first, last=first + rows)
        earlier = column.values[max(first - rules["before_rows"], 0) : max(first, 0)]
        places = printed(earlier)
        now = _tested(column.values[run.rows], places, rules)
        before = _tested(earlier, places, rules)
        if np.isfinite(now) and np.isfinite(before) and now > rules["alarm_chi"] and before < rules["even_chi"]:
            found.append(
                suspect(
                    series,
                    rules,
                    run=run,
                    columns=[column],
                    weight=graded(now, alarm=rules["alarm_chi"], certain=rules["certain_chi"]),
                    said="uneven",
                    numbers={"chi_square": now},
                )
            )
    return found


def _tested(values: Floats, places: Mapping[int, int], rules: Rules) -> float:
    digits = last_digits(values, places)
    distinct = len(np.unique(values))
    if len(digits) < rules["least_values"] or distinct < rules["least_distinct"] * len(digits):
        return float("nan")
    return chi_square(digits)


def _finer(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    """More significant digits than nearly all values of the window before. A clue: a new setting does the same."""
    digits = significant(column.values)
    shown = np.where(digits > 0, digits, np.nan)
    usual = windows.usual(series, shown, rules["before_rows"], rules["usual_quantile"], least=rules["least_known"])
    finer = digits > usual
    found = []
    for run in pieces(series, bridged(finer, rules["bridge_rows"]), least=rules["finer_rows"]):
        if finer[run.rows].mean() >= rules["finer_share"]:
            found.append(
                suspect(
                    series,
                    rules,
                    run=run,
                    columns=[column],
                    weight=rules["finer_weight"],
                    said="finer",
                    numbers={"usual": int(usual[run.first]), "found": int(digits[run.rows].max())},
                )
            )
    return found
