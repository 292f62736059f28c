"""Runs of suspicious rows, cut so that what is said of a stretch never depends on data far away from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qingtian.stream.suspicions.series import DAY, Mask, Series

LONGEST_DAYS = {"minute": 1, "hour": 7, "day": 56}
"""A run longer than this is told in pieces, cut on a grid of this length: each piece is known from nearby data."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Rows [first, last) of a series."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    @property
    def rows(self) -> slice:
        return slice(self.first, self.last)


def longest(step: str, period: int) -> int:
    """Return how many rows a run may have before it is told in pieces."""
    return LONGEST_DAYS[step] * DAY // period


def stretches(mask: Mask, *, least: int = 1) -> list[Run]:
    """Return the maximal runs of true rows that have at least ``least`` rows."""
    if not mask.any():
        return []
    edges = np.diff(np.concatenate(([0], mask.view(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [Run(first=int(a), last=int(b)) for a, b in zip(starts, ends, strict=True) if b - a >= least]


def bridged(mask: Mask, gap: int) -> Mask:
    """Return the mask with holes of at most ``gap`` rows between two true rows filled."""
    filled = mask.copy()
    edges = stretches(mask)
    for before, after in pairwise(edges):
        if after.first - before.last <= gap:
            filled[before.last : after.first] = True
    return filled


def widened(mask: Mask, *, before: int = 0, after: int = 0) -> Mask:
    """Return the mask with so many rows more before and after each run."""
    wide = mask.copy()
    for run in stretches(mask):
        wide[max(run.first - before, 0) : run.last + after] = True
    return wide


def pieces(series: Series, mask: Mask, *, least: int = 1) -> Iterator[Run]:
    """Yield the runs of at least ``least`` rows; a run longer than `longest` in pieces cut on the anchored grid."""
    cell = longest(series.step, series.period)
    for run in stretches(mask, least=least):
        if len(run) <= cell:
            yield run
            continue
        inner = [row for row in range(run.first + 1, run.last) if (series.first + row) % cell == 0]
        bounds = [run.first, *inner, run.last]
        yield from (Run(first=a, last=b) for a, b in pairwise(bounds))
