"""A ceiling: many values of a window crowd just under one highest value, or just under the limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, pieces, widened
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the stretches whose values stand at a ceiling of their own, or crowd under a limit."""
    found = []
    for column in series.of(Role.POLLUTANT):
        found += _own(series, rules, column)
        found += _under_limits(series, rules, column)
    return found


def _own(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    """The ceiling of a window is its highest value; a flat line has no ceiling but one value, and is told elsewhere."""
    rows = rules["own_rows"]
    moving = np.where(windows.constant_run(column.values) < rules["flat_rows"], column.values, np.nan)
    ceiling = windows.extreme(moving, rows)[1]
    view = windows.windows(moving, rows)
    at = view >= ceiling[:, None] * (1 - rules["own_width"])
    enough = (ceiling > 0) & (at.sum(axis=1) >= rules["own_share"] * rows) & (_sides(at) >= rules["own_touches"])
    enough &= _others_differ(view, at, rules)
    mask = _from_first_to_last(enough, at, rows)
    return [_told(series, rules, column, run, column.values, None) for run in pieces(series, mask)]


def _sides(at: Mask) -> NDArray[np.int64]:
    """Return how often the values come up to the ceiling: a level that is merely steady is reached once."""
    return np.asarray((at[:, 1:] & ~at[:, :-1]).sum(axis=1))


def _others_differ(view: NDArray[np.float64], at: Mask, rules: Rules) -> Mask:
    """Tell where the values below the ceiling hardly repeat: a device that prints whole numbers is not clipped."""
    below = np.sort(np.where(at, np.nan, view), axis=1)
    repeats = (np.diff(below, axis=1) == 0).sum(axis=1)
    return np.asarray(repeats <= rules["own_repeats"] * np.isfinite(below).sum(axis=1))


def _from_first_to_last(enough: Mask, at: Mask, rows: int) -> Mask:
    """Return the rows from the first at the ceiling to the last, of every window that is suspicious."""
    mask = np.zeros(len(enough), np.bool_)
    for row in np.flatnonzero(enough):
        places = np.flatnonzero(at[row])
        mask[row - rows + 1 + places[0] : row - rows + 2 + places[-1]] = True
    return mask


def _under_limits(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    """Look at what the limit binds: measured or converted values."""
    found = []
    for limit in column.limits:
        if limit.upper is not None and limit.upper > 0 and limit.period == series.step:
            values = column.bound_by(limit)
            mask = _crowded(values, limit.upper, limit.in_force(series.times()), rules)
            found += [_told(series, rules, column, run, values, limit.upper) for run in pieces(series, mask)]
    return found


def _crowded(values: Floats, upper: float, in_force: Mask, rules: Rules) -> Mask:
    """Return the known rows of the windows in which many values are just under the limit, and none over it."""
    rows = rules["limit_rows"]
    under = in_force & (values <= upper) & (values > upper * (1 - rules["limit_width"]))
    over = windows.share(in_force & (values > upper), rows) > 0
    crowd = (windows.share(under, rows) >= rules["limit_share"]) & ~over
    return widened(crowd, before=rows - 1) & in_force & np.isfinite(values)


def _told(series: Series, rules: Rules, column: Column, run: Run, values: Floats, limit: float | None) -> Suspicion:
    """Tell of a ceiling of the values' own, or of one under the limit."""
    said = "ceiling" if limit is None else "limit"
    share, width = (rules[f"{'own' if limit is None else 'limit'}_{name}"] for name in ("share", "width"))
    top = float(np.nanmax(values[run.rows])) if limit is None else limit
    part = float(np.mean(values[run.rows] >= top * (1 - width)))
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=graded(part, alarm=share, certain=3 * share),
        said=said,
        numbers={"ceiling": top, "percent": 100 * part},
        drawn=[Drawn(zh="上沿", en="ceiling", values=top)],
    )
