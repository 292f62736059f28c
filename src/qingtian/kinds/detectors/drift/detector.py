"""Slow drift: residuals that climb or sink for days: an alarm when they jump back, a clue while they go on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qingtian.stream.suspicions import expectation, kernels, windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, stretches
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A ramp that ends before row ``end``: its ``rise`` and the jump back ``fall`` (log ratios, signed), and the
    ``ratio`` of the weakest of its figures to what it must be."""

    end: int
    rise: float
    ratio: float
    level: bool = False
    """Whether a shift of the level and back fits better than a climb."""


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the ends of ramps that were followed by a jump back, and days of a trend that still goes on."""
    found = []
    for column in series.of(Role.POLLUTANT):
        expected = expectation.of(series, column)
        for ramp in _ramps(expected, rules):
            found.append(_told(series, rules, column, ramp, expected))
        for sign, said in ((1.0, "up"), (-1.0, "down")):
            going = _going(sign * expected.residual, expected.scale, rules)
            for run in stretches(going, least=rules["tail_rows"]):
                found.append(_clue(series, rules, column, run, said, expected))
    return found


def _ramps(expected: expectation.Expectation, rules: Rules) -> list[Ramp]:
    """Return the ramps that end in a jump back; of the jumps of one place only the greatest is looked at."""
    rows = rules["edge_rows"]
    level = windows.median(expected.residual, rows, least=rows // 2)
    after = windows.later(level, 1 - rows)
    fall = windows.later(level, 1) - after
    size = np.nan_to_num(np.abs(fall))
    around = np.nan_to_num(windows.extreme(size, 2 * rules["apart_rows"] + 1, ahead=rules["apart_rows"])[1])
    returns = np.abs(after) <= rules["left_share"] * size
    found = []
    for run in stretches((size >= rules["least_edge"]) & (size == around) & returns):
        end = _sharpest(expected.residual, float(fall[run.first]), run.first, rules)
        ramp = _best(expected, end, float(fall[run.first]), rules)
        if ramp.ratio > 1.0:
            found.append(ramp)
    return found


def _sharpest(residual: Floats, fall: float, end: int, rules: Rules) -> int:
    """Return the row near ``end`` at which the residual itself falls most."""
    around: int = rules["edge_rows"] // 2
    first, last = max(end - around, 1), min(end + around + 1, len(residual))
    falls = np.sign(fall) * (residual[first - 1 : last - 1] - residual[first:last])
    return first + int(np.argmax(np.nan_to_num(falls, nan=-np.inf)))


def _best(expected: expectation.Expectation, end: int, fall: float, rules: Rules) -> Ramp:
    """Return the ramp before ``end`` of the length that fits best; a box that fits much better is a step, no drift."""
    best = Ramp(end=end, rise=0.0, ratio=0.0)
    room = np.empty((7, max(rules["lengths"]) + rules["before_rows"] + rules["after_rows"]))
    figures = np.empty(3)
    for length in rules["lengths"]:
        kernels.ramp(
            expected.residual, expected.spread, end, length, rules["before_rows"], rules["after_rows"], room, figures
        )
        rise, steady, box = figures.tolist()
        alike = rules["least_back"] <= fall / (rise or np.inf) <= 1 / rules["least_back"]
        if not alike or box * rules["box_share"] > abs(steady):
            continue
        weakest = min(abs(steady) / rules["least_t"], abs(fall) / rules["least_edge"], abs(rise) / rules["least_ratio"])
        if weakest > best.ratio:
            best = Ramp(end=end, rise=rise, ratio=weakest, level=box > abs(steady))
    return best


def _going(residual: Floats, scale: Floats, rules: Rules) -> Mask:
    """Return where the medians of the parts of the trend window climb one after the other, by enough in all."""
    part = rules["trend_rows"] // 4
    level = windows.median(residual, part, least=part // 2)
    levels = [windows.later(level, part * back) for back in (3, 2, 1, 0)]
    steps = [after - before for before, after in pairwise(levels)]
    enough = (levels[3] - levels[0]) > np.fmax(rules["trend_ratio"], rules["trend_sigma"] * scale)
    return np.asarray(np.logical_and.reduce([step > 0 for step in steps]) & enough)


def _told(series: Series, rules: Rules, column: Column, ramp: Ramp, expected: expectation.Expectation) -> Suspicion:
    return suspect(
        series,
        rules,
        run=Run(first=max(ramp.end - rules["told_rows"], 0), last=ramp.end),
        columns=[column],
        weight=graded(ramp.ratio, alarm=1.0, certain=3.0),
        said=("level_" if ramp.level else "") + ("up" if ramp.rise > 0 else "down"),
        numbers={"percent": 100 * abs(float(np.expm1(ramp.rise)))},
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
