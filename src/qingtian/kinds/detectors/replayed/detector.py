"""Copied stretches: values that repeat an earlier stretch of the same factor, exactly or scaled and shifted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingtian.kinds.detectors.replayed import kernel
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run
from qingtian.stream.suspicions.series import Column, Floats, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Rows ``run`` equal ``scale`` times the rows ``lag`` earlier plus ``shift``."""

    run: Run
    lag: int
    scale: float
    shift: float


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the stretches of at least ``least_rows`` that match an earlier one within ``back_rows``."""
    found = []
    for column in series.of(Role.POLLUTANT):
        for copy in _copies(series, column.values, rules):
            found.append(_told(series, rules, column, copy))
    return found


def _copies(series: Series, values: Floats, rules: Rules) -> list[Copy]:
    """Find seeds by correlation of short windows, every few rows; extend each to both sides; keep the longest."""
    seed, every = rules["seed_rows"], rules["seed_every"]
    if len(values) < 2 * seed:
        return []
    shapes, alive = _shapes(values, seed, rules)
    anchors = np.arange(-series.first % every, len(shapes), every)
    anchors = anchors[alive[anchors]]
    copies: list[Copy] = []
    done = 0
    for anchor, earlier in _matches(shapes, anchors, rules):
        if anchor < done:
            continue
        copy = _extended(values, anchor, earlier, seed, rules)
        if copy is not None:
            copies.append(copy)
            done = copy.run.last
    return copies


def _shapes(values: Floats, seed: int, rules: Rules) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return each window made mean 0 and length 1, and whether it says anything: complete and often turning."""
    view = sliding_window_view(values, seed)
    centred = view - view.mean(axis=1, keepdims=True)
    norm = np.sqrt((centred * centred).sum(axis=1))
    turns = (np.diff(np.sign(np.diff(view, axis=1)), axis=1) != 0).sum(axis=1)
    alive = np.isfinite(norm) & (norm > 0) & (turns >= rules["least_turns"])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(alive[:, None], centred / norm[:, None], 0.0), alive


def _matches(shapes: NDArray[np.float64], anchors: NDArray[np.intp], rules: Rules) -> Iterator[tuple[int, int]]:
    """Yield pairs of an anchor and the row of its best earlier match."""
    earlier, alike = np.empty(len(anchors), np.int64), np.empty(len(anchors))
    room = np.empty(rules["back_rows"] + 1)
    by_part = np.ascontiguousarray(shapes.T)
    kernel.best_matches(by_part, anchors, rules["least_lag"], rules["back_rows"], room, earlier, alike)
    for place in np.flatnonzero(alike > rules["correlation"]):
        yield int(anchors[place]), int(earlier[place])


def _extended(values: Floats, anchor: int, earlier: int, seed: int, rules: Rules) -> Copy | None:
    """Fit scale and shift on the seed, then go on to both sides as long as the match holds."""
    lag = anchor - earlier
    source, copied = values[earlier : earlier + seed], values[anchor : anchor + seed]
    scale, shift = np.polyfit(source, copied, 1)
    if scale <= 0:
        return None
    allowed = rules["residual_share"] * float(np.std(copied))
    first = max(anchor - rules["farthest_rows"], lag)
    last = min(anchor + seed + rules["farthest_rows"], len(values))
    off = np.abs(values[first:last] - (scale * values[first - lag : last - lag] + shift))
    bad = np.flatnonzero(~(off <= allowed))
    place = anchor - first
    before, after = bad[bad < place], bad[bad >= place]
    begin = first + (int(before[-1]) + 1 if len(before) else 0)
    end = first + (int(after[0]) if len(after) else len(off))
    if end - begin < rules["least_rows"] or len(np.unique(values[begin:end])) < rules["least_distinct"] * (end - begin):
        return None
    return Copy(run=Run(first=begin, last=end), lag=lag, scale=float(scale), shift=float(shift))


def _told(series: Series, rules: Rules, column: Column, copy: Copy) -> Suspicion:
    source = np.full(series.rows, np.nan)
    source[copy.run.rows] = column.values[copy.run.first - copy.lag : copy.run.last - copy.lag]
    exact = bool(np.array_equal(source[copy.run.rows], column.values[copy.run.rows]))
    return suspect(
        series,
        rules,
        run=copy.run,
        columns=[column],
        weight=graded(len(copy.run), alarm=rules["least_rows"] - 1, certain=rules["certain_rows"]),
        said="exact" if exact else "scaled",
        numbers={"lag_rows": copy.lag, "scale": copy.scale, "shift": copy.shift},
        drawn=[Drawn(zh="较早的同一段", en="the earlier stretch", values=source)],
    )
