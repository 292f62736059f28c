"""Marks of work on the monitor that begin when a factor is high, more often than chance would have it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run
from qingtian.stream.suspicions.series import Column, Mark, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return one suspicion for each mark that completes a pattern: it and others before it began at high values."""
    found = []
    for column in series.of(Role.POLLUTANT):
        begun = _begun(series, rules, column)
        for place, row in enumerate(begun):
            if series.is_asked(row):
                found += _pattern(series, rules, column, begun[: place + 1])
    return found


def _begun(series: Series, rules: Rules, column: Column) -> list[int]:
    """Return the rows in which registered marks on the factor's monitor begin; those that follow closely are one."""
    marks = [mark for mark in series.marks if _counts(mark, rules) and mark.about(column.code)]
    rows: list[int] = []
    last = -1
    for mark in sorted(marks, key=lambda one: (one.start, one.end)):
        row = series.row(mark.start)
        if 0 <= row < series.rows and (last < 0 or row > last + rules["apart_rows"]):
            rows.append(row)
        last = max(last, series.row(mark.end - 1))
    return rows


def _counts(mark: Mark, rules: Rules) -> bool:
    return mark.registered and mark.label in rules["labels"]


def _pattern(series: Series, rules: Rules, column: Column, begun: Sequence[int]) -> list[Suspicion]:
    """Hold how many of the marks of the window began high against how often any hour would look so."""
    last, rows = begun[-1], rules["window_rows"]
    first = max(last - rows + 1, 0)
    values = column.values[first : last + 1]
    known = values[np.isfinite(values)]
    if len(known) < rules["least_share"] * rows:
        return []
    bound = float(np.quantile(known, rules["high_part"]))
    peak = np.where(np.isfinite(values), values, -np.inf) >= bound
    # the hour before a mark, or the one in which it begins
    near = windows.share(peak, 1 + rules["before_rows"]) > 0
    places = [row - first for row in begun if row >= first]
    high = [place for place in places if near[place]]
    usual = max(float(near.mean()), rules["least_chance"])
    chance = _at_least(len(high), len(places), usual)
    if not near[places[-1]] or len(high) < rules["least_marks"] or chance > rules["rare"]:
        return []
    alarm, certain = -math.log10(rules["rare"]), -math.log10(rules["certain_rare"])
    return [
        suspect(
            series,
            rules,
            run=Run(first=last, last=last + 1),
            columns=[column],
            weight=graded(-math.log10(max(chance, 1e-300)), alarm=alarm, certain=certain),
            said="again",
            numbers={"marks": len(places), "high": len(high), "percent": 100 * usual, "bound": bound},
            drawn=[Drawn(zh="高值界", en="high from here", values=bound)],
        )
    ]


def _at_least(count: int, of: int, each: float) -> float:
    """Return the chance that at least ``count`` of ``of`` fall where one of them falls with the chance ``each``."""
    return sum(math.comb(of, k) * each**k * (1 - each) ** (of - k) for k in range(count, of + 1))
