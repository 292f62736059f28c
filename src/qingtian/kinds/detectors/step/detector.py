"""Steps: the level of the residuals changes between one row and the next and stays; heavier after maintenance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingtian.stream.suspicions import expectation, windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, stretches
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


@dataclass(frozen=True, kw_only=True)
class Steps:
    """By row: how the level changes there, and by how much it must to be suspicious; both as log ratios."""

    change: Floats
    threshold: Floats

    @property
    def ratio(self) -> Floats:
        return np.nan_to_num(np.abs(self.change) / self.threshold)


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the rows after each step of the load-aware residual, up and down."""
    found = []
    steps = {column.code: _steps(series, column, rules) for column in series.of(Role.POLLUTANT)}
    for column in series.of(Role.POLLUTANT):
        mine = steps[column.code]
        near = _near_mark(series, column, rules)
        for best in _peaks(mine.ratio / np.where(near, rules["marked_share"], 1.0)):
            others = [each for code, each in steps.items() if code != column.code]
            shared = any(_moves_too(each, best, rules) for each in others)
            found.append(_told(series, rules, column, best, mine, shared=shared, marked=bool(near[best])))
    return found


def _steps(series: Series, column: Column, rules: Rules) -> Steps:
    expected = expectation.of(series, column)
    change = _change(expected.residual, rules)
    usual = windows.usual(series, np.abs(change), rules["usual_rows"], rules["usual_part"], gap=rules["long_rows"])
    least = np.fmax(rules["least_ratio"], rules["sigma"] * expected.scale)
    # what load explains a lot of, it may explain a bit more of
    doubt = rules["doubt"] * np.abs(np.nan_to_num(_change(expected.model, rules)))
    return Steps(change=change, threshold=np.fmax(least, rules["usual_times"] * usual) + doubt)


def _change(residual: Floats, rules: Rules) -> Floats:
    """Return by row how the level from it on differs from the level before: the lesser of the long and the short look.

    Both looks must agree in sign; a slow change has little difference in the short look, a spike none in the long one.
    A change back to what load explains (residual zero) ends something and begins nothing: it is left out.
    """
    looks = []
    away = np.ones(len(residual), np.bool_)
    for rows in (rules["long_rows"], rules["short_rows"]):
        before = windows.median(residual, rows, ahead=-1, least=rows // 2)
        after = windows.median(residual, rows, ahead=rows - 1, least=rows // 2)
        looks.append(after - before)
        away = np.abs(after) > np.abs(before)
    agree = (np.sign(looks[0]) == np.sign(looks[1])) & away
    lesser = np.sign(looks[0]) * np.minimum(np.abs(looks[0]), np.abs(looks[1]))
    return np.where(agree, lesser, np.nan)


def _moves_too(other: Steps, row: int, rules: Rules) -> bool:
    """Tell whether another factor steps within the short look: then the plant may have done it."""
    around = rules["short_rows"]
    return bool((other.ratio[max(row - around, 0) : row + around + 1] > rules["shared_share"]).any())


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
    return [run.first + int(np.argmax(ratio[run.rows])) for run in stretches(ratio > 1.0)]


def _sharpest(residual: Floats, change: Floats, best: int, rules: Rules) -> int:
    """Return the row near the best one where the residual itself moves most in the direction of the change."""
    around = rules["short_rows"] // 2
    first, last = max(best - around, 1), min(best + around + 1, len(residual))
    moves = np.sign(change[best]) * (residual[first:last] - residual[first - 1 : last - 1])
    return best if np.isnan(moves).any() or not len(moves) else first + int(np.argmax(moves))


def _told(
    series: Series, rules: Rules, column: Column, best: int, steps: Steps, *, shared: bool, marked: bool
) -> Suspicion:
    expected = expectation.of(series, column)
    row = _sharpest(expected.residual, steps.change, best, rules)
    size, weight = float(steps.change[best]), graded(float(steps.ratio[best]), alarm=1.0, certain=2.5)
    return suspect(
        series,
        rules,
        run=Run(first=row, last=min(row + rules["told_rows"], series.rows)),
        columns=[column],
        weight=rules["clue_weight"] if shared else weight + (rules["marked_weight"] if marked else 0.0),
        said=("marked_" if marked else "") + ("up" if size > 0 else "down"),
        numbers={"percent": 100 * abs(float(np.expm1(size)))},
        drawn=[Drawn(zh="按工况应有", en="expected from load", values=expected.expected)],
    )
