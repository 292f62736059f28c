"""A ceiling: many values of a window crowd just under one highest value, or just under the limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import pieces, stretches
from qingtian.stream.suspicions.series import Column, Mask, Role, Series
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
    return _tell(series, rules, column, mask, "ceiling", rules["own_share"], rules["own_width"], None)


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
    found = []
    for limit in column.limits:
        if limit.upper is None or limit.upper <= 0 or limit.period != series.step:
            continue
        under = (column.values <= limit.upper) & (column.values > limit.upper * (1 - rules["limit_width"]))
        over = windows.share(column.values > limit.upper, rules["limit_rows"])
        share = windows.share(under, rules["limit_rows"])
        below = windows.share(column.values <= limit.upper * (1 - rules["limit_width"]), rules["limit_rows"])
        crowd = (share >= rules["limit_share"]) & (over == 0) & (below < 1)
        mask = np.zeros(series.rows, np.bool_)
        for run in stretches(crowd):
            mask[max(run.first - rules["limit_rows"] + 1, 0) : run.last] = True
        found += _tell(
            series,
            rules,
            column,
            mask & np.isfinite(column.values),
            "limit",
            rules["limit_share"],
            rules["limit_width"],
            limit.upper,
        )
    return found


def _tell(
    series: Series,
    rules: Rules,
    column: Column,
    mask: Mask,
    said: str,
    share: float,
    width: float,
    limit: float | None,
) -> list[Suspicion]:
    found = []
    for run in pieces(series, mask):
        values = column.values[run.rows]
        top = float(np.nanmax(values)) if limit is None else limit
        part = float(np.mean(values >= top * (1 - width)))
        found.append(
            suspect(
                series,
                rules,
                run=run,
                columns=[column],
                weight=graded(part, alarm=share, certain=3 * share),
                said=said,
                numbers={"ceiling": top, "percent": 100 * part},
                drawn=[Drawn(zh="上沿", en="ceiling", values=top)],
            )
        )
    return found
