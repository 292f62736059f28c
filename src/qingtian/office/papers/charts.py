"""A chart as geometry: series, limit lines and flags, brought into a frame of 0…1. Pure; `chart.typ` draws it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from qingtian.base.times import BEIJING

HEADROOM = 0.08
TICKS = 5
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
STEPS = (
    *(timedelta(seconds=seconds) for seconds in (5, 10, 15, 30)),
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 5, 10, 30, 90, 365)),
)
MOST_TIMES = 7


@dataclass(frozen=True, kw_only=True)
class Point:
    """One value; ``marked`` points are drawn as over, ``flag`` is shown if it is not N."""

    at: datetime
    value: float
    marked: bool = False
    flag: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A limit."""

    value: float
    label: str


def chart(*, points: Sequence[Point], limits: Sequence[Line], unit: str, label: str) -> dict[str, Any] | None:
    """Return what `chart.typ` draws, or None if there is nothing to draw.

    ``series``: lists of ``[x, y]``, broken where a stretch is missing; ``marked`` and ``flagged``: points; ``limits``,
    ``x_ticks``, ``y_ticks``: ``{"at", "label"}``. All places are 0…1 of the frame, y upwards.
    """
    if not points:
        return None
    ordered = sorted(points, key=lambda point: point.at)
    low, high = _bounds([point.value for point in ordered] + [line.value for line in limits])
    first, last = ordered[0].at, ordered[-1].at
    length = (last - first) or timedelta(seconds=1)

    def x(at: datetime) -> float:
        return 0.5 if last == first else round((at - first) / length, 5)

    def y(value: float) -> float:
        return round((value - low) / (high - low), 5)

    return {
        "label": label,
        "unit": unit,
        "series": [[[x(point.at), y(point.value)] for point in run] for run in _runs(ordered)],
        "dots": len(ordered) <= 96,
        "marked": [[x(point.at), y(point.value)] for point in ordered if point.marked],
        "flagged": [
            {"at": [x(point.at), y(point.value)], "flag": point.flag}
            for point in ordered
            if point.flag not in ("", "N")
        ],
        "limits": [{"at": y(line.value), "label": line.label} for line in limits],
        "x_ticks": [{"at": x(at), "label": text} for at, text in _times(first, last)],
        "y_ticks": [{"at": y(value), "label": _figure(value)} for value in _ticks(low, high)],
    }


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return the frame: from zero unless that would flatten the curve, with room above."""
    low, high = min(values), max(values)
    if 0.0 < low < 0.6 * high:
        low = 0.0
    room = (high - low) * HEADROOM or abs(high) * HEADROOM or 1.0
    return (low if low == 0 else low - room), high + room


def _ticks(low: float, high: float) -> Iterator[float]:
    rough = (high - low) / TICKS
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * scale for nice in NICE if nice * scale >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    yield from (number * step for number in range(first, math.floor(high / step + 1e-9) + 1))


def _figure(value: float) -> str:
    return f"{value:.6g}"


def _times(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Return round Beijing times inside the stretch, as many as can be read."""
    length = last - first
    step = next((one for one in STEPS if length / one <= MOST_TIMES), STEPS[-1])
    start = first.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    at = start + step * -(-(first - start) // step)
    found = []
    while at <= last:
        found.append((at, _moment(at, step)))
        at += step
    return found or [(first, _moment(first.astimezone(BEIJING), timedelta(seconds=1)))]


def _moment(at: datetime, step: timedelta) -> str:
    if step >= timedelta(days=1) or (at.hour, at.minute, at.second) == (0, 0, 0):
        return f"{at.month}-{at.day}"
    return f"{at:%H:%M}" if step >= timedelta(minutes=1) else f"{at:%H:%M:%S}"


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Cut the series where more than three usual steps are missing: no line over what nobody measured."""
    steps = sorted(after.at - before.at for before, after in pairwise(points))
    usual = steps[len(steps) // 2] if steps else timedelta(0)
    run: list[Point] = []
    for point in points:
        if run and point.at - run[-1].at > usual * 3:
            yield run
            run = []
        run.append(point)
    yield run
