"""Small pictures drawn by the server (SVG): what a detector saw, the run marked, with what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.portals.templatetags.parts import factor_name, language, number, unit

WIDTH, HEIGHT = 600.0, 120.0
MARGIN = 6.0

Values = Sequence[float | None]


@dataclass(frozen=True, kw_only=True)
class Spark:
    """Ready to be put into a template: point lists of polylines and polygons, the run as x and width."""

    title: str
    lines: list[str]
    drawn: list[tuple[str, str]]
    bands: list[str]
    run: tuple[float, float]
    low: str
    high: str
    first: datetime
    last: datetime


def sparks(charts: Iterable[Mapping[str, Any]]) -> list[Spark]:
    """Return the pictures of a suspicion's evidence (``stream.suspicions.suspicion.Chart.as_dict``)."""
    return [_spark(chart) for chart in charts if any(value is not None for value in chart["values"])]


def _spark(chart: Mapping[str, Any]) -> Spark:
    values: Values = chart["values"]
    curves = [_curve(line["values"], len(values)) for line in chart["lines"]]
    bands = [(_curve(band["lower"], len(values)), _curve(band["upper"], len(values))) for band in chart["bands"]]
    low, high = _range([values, *curves, *(edge for band in bands for edge in band)])
    start = datetime.fromisoformat(chart["start"])
    length = chart["period_s"] * max(len(values), 1)
    key = "zh" if language().startswith("zh") else "en"
    measured_in = "" if chart["unit"] in (None, "dimensionless") else unit(chart["unit"])
    return Spark(
        title=str(chart.get("facility") or factor_name(chart["factor"])),
        lines=_polylines(values, low, high),
        drawn=[
            (str(line[key]), points)
            for line, curve in zip(chart["lines"], curves, strict=True)
            for points in _polylines(curve, low, high)
        ],
        bands=[_polygon(lower, upper, low, high) for lower, upper in bands],
        run=_run(chart["marked"], start, length),
        low=f"{number(low)} {measured_in}".strip(),
        high=f"{number(high)} {measured_in}".strip(),
        first=start,
        last=datetime.fromtimestamp(start.timestamp() + length, start.tzinfo),
    )


def _curve(values: Values | float, rows: int) -> Values:
    return [float(values)] * rows if isinstance(values, int | float) else values


def _range(curves: Iterable[Values]) -> tuple[float, float]:
    known = [value for curve in curves for value in curve if value is not None]
    low, high = min(known), max(known)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _point(place: int, rows: int, value: float, low: float, high: float) -> str:
    x = WIDTH * place / max(rows - 1, 1)
    y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / (high - low)
    return f"{x:.1f},{y:.1f}"


def _polylines(values: Values, low: float, high: float) -> list[str]:
    """Return a point list for each stretch without a gap; a lone value is drawn as a short line."""
    found: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append(_point(place, len(values), value, low, high))
    return [" ".join(points if len(points) > 1 else points * 2) for points in found if points]


def _polygon(lower: Values, upper: Values, low: float, high: float) -> str:
    rows = len(lower)
    known = [place for place in range(rows) if lower[place] is not None and upper[place] is not None]
    up = [_point(place, rows, upper[place] or 0.0, low, high) for place in known]
    down = [_point(place, rows, lower[place] or 0.0, low, high) for place in reversed(known)]
    return " ".join([*up, *down])


def _run(marked: Sequence[str], start: datetime, length: float) -> tuple[float, float]:
    first, last = ((datetime.fromisoformat(text) - start).total_seconds() / length for text in marked)
    left, right = (min(max(part, 0.0), 1.0) * WIDTH for part in (first, last))
    return round(left, 1), round(max(right - left, 2.0), 1)
