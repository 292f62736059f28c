"""Outlines of areas on a map: rings of points in degrees, and the same with fewer points."""

from __future__ import annotations

import math

Point = tuple[float, float]
Ring = list[Point]

TOLERANCE = 0.0005
"""Degrees; about 50 m, less than a pixel of a map of a whole city."""


def simplify(ring: Ring, *, tolerance: float = TOLERANCE) -> Ring:
    """Return a ring with fewer points, none further than ``tolerance`` from the old line (Douglas and Peucker)."""
    # a closed ring has no ends: cut it at the point furthest from the first
    far = max(range(len(ring)), key=lambda number: math.dist(ring[0], ring[number]))
    return _thin(ring[: far + 1], tolerance)[:-1] + _thin(ring[far:], tolerance)


def _thin(line: Ring, tolerance: float) -> Ring:
    kept, waiting = {0, len(line) - 1}, [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        furthest = max(range(first + 1, last), key=lambda n: _distance(line[n], line[first], line[last]))
        if _distance(line[furthest], line[first], line[last]) > tolerance:
            kept.add(furthest)
            waiting += [(first, furthest), (furthest, last)]
    return [line[number] for number in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    length = math.dist(start, end)
    if length == 0:
        return math.dist(point, start)
    cross = (end[0] - start[0]) * (start[1] - point[1]) - (start[0] - point[0]) * (end[1] - start[1])
    return abs(cross) / length
