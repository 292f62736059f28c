"""Minutes of one value to the last digit for an hour and longer, each Beijing day by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, stretches
from qingtian.stream.suspicions.series import DAY, HOUR, MINUTE, Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect

BEIJING = 8 * HOUR


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return one suspicion for each run of equal minutes that is a wonder on its day; zero is left to another."""
    found = []
    for column in series.of(Role.POLLUTANT, Role.OXYGEN, Role.FLOW):
        excused = series.marked(*rules["excused"], factor=column.code)
        for day in _days(series):
            found += _of_day(series, rules, column, day, excused)
    return found


def _days(series: Series) -> Iterator[Run]:
    """Yield the rows of each Beijing day."""
    numbers = (series.times() + BEIJING) // DAY
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), series.rows]
    yield from (Run(first=first, last=last) for first, last in pairwise(edges))


def _of_day(series: Series, rules: Rules, column: Column, day: Run, excused: Mask) -> list[Suspicion]:
    values = column.values[day.rows]
    length, shortest = windows.constant_run(values), _rows(series, rules["least_minutes"])
    if length.max(initial=0) < shortest:
        return []
    least = _least(values, length, shortest, rules)
    still = (length >= least) & (values != 0) & ~excused[day.rows]
    return [
        suspect(
            series,
            rules,
            run=Run(first=day.first + run.first, last=day.first + run.last),
            columns=[column],
            weight=graded(len(run), alarm=least, certain=least + _rows(series, rules["certain_minutes"])),
            said="frozen",
            numbers={
                "value": float(np.round(values[run.first], 9)),
                "minutes": len(run) * series.period // MINUTE,
            },
        )
        for part in stretches(still)
        for run in _single(values, part)
    ]


def _rows(series: Series, minutes: int) -> int:
    return -(-minutes * MINUTE // series.period)


def _single(values: Floats, part: Run) -> Iterator[Run]:
    """Yield the runs of one value each; two that follow one another are two."""
    edges = [part.first, *(part.first + 1 + np.flatnonzero(np.diff(values[part.rows]))).tolist(), part.last]
    yield from (Run(first=first, last=last) for first, last in pairwise(edges))


def _least(values: Floats, length: NDArray[np.int64], shortest: int, rules: Rules) -> int:
    """Return how many equal rows are a wonder on this day: ``shortest``, more where values repeat anyway.

    With p the share of rows outside long runs that repeat the row before, a run of k is as rare as p to the power of k.
    """
    others = np.isfinite(values) & (length < shortest)
    repeats = others & np.concatenate(([False], values[1:] == values[:-1]))
    share = min(max(repeats.sum() / max(others.sum(), 1), 1e-3), rules["most_repeats"])
    return max(shortest, int(np.ceil(np.log(rules["rare"]) / np.log(share))))
