"""Steps: the level of the residuals changes between one row and the next and stays; heavier after maintenance."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions import expectation, windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, stretches
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the rows after each step of the load-aware residual, up and down."""
    found = []
    for column in series.of(Role.POLLUTANT):
        expected = expectation.of(series, column)
        change = _change(expected.residual, rules)
        usual = windows.high(np.abs(change), rules["usual_rows"], rules["usual_part"], ahead=-rules["long_rows"])
        threshold = np.fmax(
            np.fmax(rules["least_ratio"], rules["sigma"] * expected.scale), rules["usual_times"] * usual
        )
        near = _near_mark(series, column, rules)
        needed = np.where(near, rules["marked_share"] * threshold, threshold)
        for best in _peaks(np.abs(change) / needed):
            row = _sharpest(expected.residual, change, best, rules)
            run = Run(first=row, last=min(row + rules["told_rows"], series.rows))
            found.append(
                _told(
                    series,
                    rules,
                    column,
                    run,
                    float(change[best]),
                    float(threshold[best]),
                    expected,
                    marked=bool(near[row]),
                )
            )
    return found


def _change(residual: Floats, rules: Rules) -> Floats:
    """Return by row how the level from it on differs from the level before: the lesser of the long and the short look.

    Both looks must agree in sign; a slow change has little difference in the short look, a spike none in the long one.
    A change back to what load explains (residual zero) ends something and begins nothing: it is left out.
    """
    looks = []
    for rows in (rules["long_rows"], rules["short_rows"]):
        before = windows.median(residual, rows, ahead=-1, least=rows // 2)
        after = windows.median(residual, rows, ahead=rows - 1, least=rows // 2)
        looks.append(after - before)
        away = np.abs(after) > np.abs(before)
    agree = (np.sign(looks[0]) == np.sign(looks[1])) & away
    lesser = np.sign(looks[0]) * np.minimum(np.abs(looks[0]), np.abs(looks[1]))
    return np.where(agree, lesser, np.nan)


def _near_mark(series: Series, column: Column, rules: Rules) -> Mask:
    """Return the rows within ``mark_hours`` after a mark of maintenance or calibration ended."""
    near = np.zeros(series.rows, np.bool_)
    for mark in series.marks:
        if mark.label in rules["marks"] and mark.about(column.code):
            first, last = series.row(mark.start), series.row(mark.end + rules["mark_hours"] * 3_600_000_000)
            near[max(first, 0) : max(last + 1, 0)] = True
    return near


def _peaks(ratio: Floats) -> list[int]:
    """Return one row for each run above 1: where the change is greatest."""
    over = np.nan_to_num(ratio) > 1.0
    return [run.first + int(np.argmax(np.nan_to_num(ratio[run.rows]))) for run in stretches(over)]


def _sharpest(residual: Floats, change: Floats, best: int, rules: Rules) -> int:
    """Return the row near the best one where the residual itself moves most in the direction of the change."""
    around = rules["short_rows"] // 2
    first, last = max(best - around, 1), min(best + around + 1, len(residual))
    moves = np.sign(change[best]) * (residual[first:last] - residual[first - 1 : last - 1])
    return best if np.isnan(moves).any() or not len(moves) else first + int(np.argmax(moves))


def _told(
    series: Series,
    rules: Rules,
    column: Column,
    run: Run,
    size: float,
    threshold: float,
    expected: expectation.Expectation,
    *,
    marked: bool,
) -> Suspicion:
    weight = graded(abs(size) / threshold, alarm=1.0, certain=2.5)
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=weight + (rules["marked_weight"] if marked else 0.0),
        said=("marked_" if marked else "") + ("up" if size > 0 else "down"),
        numbers={"percent": 100 * abs(float(np.expm1(size)))},
        drawn=[Drawn(zh="按工况应有", en="expected from load", values=expected.expected)],
    )
