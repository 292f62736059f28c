"""Slow drift: residuals that climb or sink for days: an alarm when they jump back, a clue while they go on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from qingtian.stream.suspicions import expectation, windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, bridged, stretches
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the ends of ramps that were followed by a jump back, and days of a trend that still goes on."""
    found = []
    for column in series.of(Role.POLLUTANT):
        expected = expectation.of(series, column)
        daily = windows.median(expected.residual, rules["level_rows"], least=rules["level_rows"] // 2)
        wander = windows.usual(series, np.abs(daily), rules["usual_rows"], rules["usual_part"], gap=rules["tip_rows"])
        threshold = np.fmax(rules["least_ratio"], np.fmax(rules["sigma"] * expected.scale, rules["wander"] * wander))
        for sign, said in ((1.0, "up"), (-1.0, "down")):
            ramp = _ramp(sign * expected.residual, rules)
            for run in _ends(ramp, threshold, sign * expected.residual, rules):
                found.append(_told(series, rules, column, run, said, ramp, threshold, expected))
            going = _going(sign * expected.residual, expected.scale, rules)
            for run in stretches(going, least=rules["tail_rows"]):
                found.append(_clue(series, rules, column, run, said, expected))
    return found


def _ramp(residual: Floats, rules: Rules) -> Floats:
    """Return by row, as the last of a ramp, how well the rows before it climb and the rows after it fall back.

    The smallest of: rise over the ramp, fall behind it, and three times the rise of each half. The best of all lengths.
    """
    after, tip = rules["after_rows"], rules["tip_rows"]
    behind = windows.median(residual, after, ahead=after, least=after // 2)
    end = windows.median(residual, tip, least=tip // 2)
    best = np.full(len(residual), -np.inf)
    for length in rules["lengths"]:
        third = length // 3
        part = windows.median(residual, third, least=third // 2)
        first, middle, last = windows.later(part, length - third), windows.later(part, third), part
        halves = middle - first, last - middle
        even = np.minimum(*halves) >= rules["evenness"] * np.maximum(*halves)
        steps = np.where(even, np.minimum(*halves) * 3, -np.inf)
        # the tip must be what is off; a return to what load explains ends a drift the other way
        score = np.minimum(np.minimum(np.minimum(end - first, end - behind), steps), 2 * end)
        best = np.fmax(best, score)
    return best


def _going(residual: Floats, scale: Floats, rules: Rules) -> Mask:
    """Return where the medians of the parts of the trend window climb one after the other, by enough in all."""
    part = rules["trend_rows"] // 4
    level = windows.median(residual, part, least=part // 2)
    levels = [windows.later(level, part * back) for back in (3, 2, 1, 0)]
    steps = [after - before for before, after in pairwise(levels)]
    enough = (levels[3] - levels[0]) > np.fmax(rules["trend_ratio"], rules["trend_sigma"] * scale)
    return np.asarray(np.logical_and.reduce([step > 0 for step in steps]) & enough)


def _ends(ramp: Floats, threshold: Floats, residual: Floats, rules: Rules) -> list[Run]:
    """Return the tip of each ramp: the rows up to the sharpest fall near the best row; ramps close by are one."""
    tip, around = rules["tip_rows"], rules["fall_rows"]
    level = windows.median(residual, around)
    smooth = level - windows.later(level, -around)
    fall = residual - windows.later(residual, -1)
    found = []
    for run in stretches(bridged(ramp > threshold, tip)):
        best = _highest(smooth, run.first - around, run.last + around)
        sharpest = _highest(fall, best - around, best + around + 1)
        found.append(Run(first=max(sharpest - rules["told_rows"] + 1, 0), last=sharpest + 1))
    return found


def _highest(values: Floats, first: int, last: int) -> int:
    first = max(first, 0)
    return first + int(np.argmax(np.nan_to_num(values[first:last], nan=-np.inf)))


def _told(
    series: Series,
    rules: Rules,
    column: Column,
    run: Run,
    said: str,
    ramp: Floats,
    threshold: Floats,
    expected: expectation.Expectation,
) -> Suspicion:
    near = slice(max(run.first - rules["tip_rows"], 0), run.last + rules["tip_rows"])
    score, limit = float(np.nanmax(ramp[near])), float(np.nanmin(threshold[near]))
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=graded(score / limit, alarm=1.0, certain=3.0),
        said=said,
        numbers={"percent": 100 * abs(float(np.expm1(score if said == "up" else -score)))},
        drawn=[Drawn(zh="按工况应有", en="expected from load", values=expected.expected)],
    )


def _clue(
    series: Series, rules: Rules, column: Column, run: Run, said: str, expected: expectation.Expectation
) -> Suspicion:
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=rules["trend_weight"],
        said=f"going_{said}",
        numbers={"percent": 100 * abs(float(np.nanmedian(expected.residual[run.rows])))},
        drawn=[Drawn(zh="按工况应有", en="expected from load", values=expected.expected)],
    )
