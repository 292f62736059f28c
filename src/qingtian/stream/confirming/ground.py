"""What a confirmation stands on: plan, marks, the horizon up to which periods are closed. No clock but the data's."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from qingtian.base import times
from qingtian.bus.marks import OutletMarks
from qingtian.law import rules
from qingtian.stream.periods.api import Mark, PeriodPlan

HOUR = 3600 * times.MICROSECONDS
DAY = 24 * HOUR


BEIJING = 8 * HOUR


@dataclass(frozen=True, kw_only=True)
class Ground:
    """``horizon`` µs: windows that end later are not spoken of. ``since`` µs by MN: when the device was heard first.

    ``everybody``: the plan with all outlets, where ``plan`` has some of them (None: it has all).
    """

    plan: PeriodPlan
    marks: Sequence[Mark]
    horizon: int
    since: Mapping[str, int] = field(default_factory=dict)
    everybody: PeriodPlan | None = None

    @property
    def siblings(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """By outlet, the other outlets of its firm for the same medium, each with its devices: (code, mn)."""
        return (self.everybody or self.plan).siblings


def day_floor(at: int) -> int:
    """Return the Beijing midnight (µs) at or before an instant: up to the horizon's, days are closed."""
    return (at + BEIJING) // DAY * DAY - BEIJING


def horizon_of(latest_arrival: int) -> int:
    """Return the horizon (µs, a full hour) when the latest arrival of all is this (µs).

    :raises qingtian.law.rules.RuleRefused: if rules/confirming/pace.yaml cannot be used.
    """
    (rule,) = rules.table("confirming/pace").at(times.from_microseconds(latest_arrival).date())
    closed = latest_arrival - int(rule["grace_minutes"]) * 60 * times.MICROSECONDS
    return closed // HOUR * HOUR


def band_of(weight: float, *, at: int, since: int | None = None) -> int:
    """Return how many steps of weight are reached at ``at`` µs: 0 is a clue, from 1 on it is an alarm.

    ``since`` µs: when the device was heard first; what is usual of it is not known at once.
    """
    (rule,) = rules.table("confirming/pace").at(times.from_microseconds(at).date())
    if since is not None and at < since + int(rule["young_hours"]) * HOUR and weight < rule["young_weight"]:
        return 0
    return bisect_right(rule["bands"], weight)


def read_marks(known: Mapping[str, OutletMarks]) -> tuple[Mark, ...]:
    """Return the marks of all outlets (`bus.marks.latest`) as the windows take them."""
    return tuple(Mark.told(outlet, mark) for outlet, told in sorted(known.items()) for mark in told["marks"])


def first_heard(windows: pl.DataFrame, period: str = "hour") -> dict[str, int]:
    """Return for each MN the start (µs) of the first hour, or day, in which anything was heard of it."""
    hours = windows.filter(pl.col("period") == period).group_by("mn").agg(pl.col("data_time").min())
    return {mn: times.to_microseconds(at) for mn, at in hours.sort("mn").iter_rows()}
