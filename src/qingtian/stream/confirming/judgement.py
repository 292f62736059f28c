"""The findings of closed periods: confirmed exceedances, contradictions, suspicions. Pure: live and replay call this.

    ground = Ground(plan=…, marks=…, horizon=horizon_of(latest_arrival), since=first_heard(all_windows))
    windows = closed_windows(rows, ground, days=…)           # days: those asked for, and `reach` around them
    found = judge(windows, ground, first=…, last=…)          # messages, in a fixed order

A message is a finding as it stands, without event: `difference` tells what leads from one set to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.law import rules
from qingtian.stream.confirming import said, series, steps, unlike
from qingtian.stream.confirming.ground import HOUR, Ground, day_floor
from qingtian.stream.confirming.means import Means
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.plan import PeriodOutlet
from qingtian.stream.periods.rows import Rows
from qingtian.stream.suspicions.detectors import SeriesDetector
from qingtian.stream.suspicions.runs import longest

CELL = 28 * 24 * HOUR
"""Suspicions are told by cells of this length, anchored in absolute time, each from the same stretch of data whenever
and wherever it is computed: so that which factors there are, and what was usual, is the same live and in a replay."""

Message = dict[str, Any]


@cache
def reach(step: str = steps.HOURS) -> tuple[int, int]:
    """Return how far before a cell (µs) hours, or days, must be known to tell its suspicions, and how far behind it."""
    every = steps.ever(step) + (steps.ever(steps.DAYS_ALONE) if step == steps.DAYS else ())
    needed = [each.needed_for(0, 0, step=step, period=series.LENGTH[step]) for each in every]
    return -min(first for first, _ in needed), max(last for _, last in needed)


def cells(first: int, last: int) -> list[int]:
    """Return the starts (µs) of the cells that ``[first, last)`` lies in."""
    return list(range(first // CELL * CELL, last, CELL))


def cells_touched(first: int, last: int, *, horizon: int, step: str = steps.HOURS) -> list[int]:
    """Return the cells whose suspicions may change when what begins in ``[first, last)`` µs did, up to the horizon.

    Days are spoken of when they are over: a day that goes on changes nothing.
    """
    back, ahead = reach(step)
    if step == steps.DAYS:
        first, last = day_floor(first), min(last, day_floor(horizon))
    if last <= first:
        return []
    near = cells(first - ahead - CELL, last + back)
    return [cell for cell in near if cell - back < last and cell + CELL + ahead > first and cell < horizon]


def closed_windows(rows: Rows, ground: Ground, *, days: Iterable[date]) -> pl.DataFrame:
    """Return the windows of these days that have ended by the horizon (`periods.api.windows`)."""
    return closed(rows, ground, days=days).windows


def closed(rows: Rows, ground: Ground, *, days: Iterable[date]) -> periods.Made:
    """Return `closed_windows`, and the minutes behind them for `minutes.suspicions`."""
    made = periods.make(rows, ground.plan, days=days, marks=ground.marks)
    ended = pl.col("period_end") <= times.from_microseconds(ground.horizon)
    return replace(made, windows=made.windows.filter(ended))


def judge(
    windows: pl.DataFrame, ground: Ground, *, first: int, last: int, outlets: Iterable[str] | None = None
) -> list[Message]:
    """Return all that is found in ``[first, last)`` µs: periods that begin there, suspicions that touch it.

    ``windows`` must hold the hours and days of `reach` around it, as far as they exist; with or without ``revision``.
    """
    start, end = (times.from_microseconds(each) for each in (first, last))
    inside = windows.filter(pl.col("data_time").is_between(start, end, closed="left"))
    wanted = None if outlets is None else set(outlets)
    if wanted is not None:
        inside = inside.filter(pl.col("outlet").is_in(sorted(wanted)))
    return [
        *of_periods(inside, ground, around=windows),
        *suspicions(windows, ground, first=first, last=last, outlets=wanted),
    ]


def of_periods(windows: pl.DataFrame, ground: Ground, *, around: pl.DataFrame | None = None) -> list[Message]:
    """Return the exceedances and contradictions of windows; whole outlet's days are asked for.

    ``around``: what may have ended the exceedances, those of `periods.look_ahead` behind included (None: ``windows``).
    """
    told = with_ends(exceedances(windows, ground), windows if around is None else around, ground)
    return told + unlike.contradictions(windows, ground)


def exceedances(windows: pl.DataFrame, ground: Ground) -> list[Message]:
    """Return what exceeds a limit, without whether it has ended since."""
    return [standing(finding.message()) for finding in periods.judge(windows, ground.plan)]


def with_ends(found: Iterable[Message], around: pl.DataFrame, ground: Ground) -> list[Message]:
    """Return exceedances with what ended them by the horizon, if anything did; one that was told is told anew."""
    plain = [standing(message) for message in found]
    return [dict(one) for one in periods.with_ends(plain, around, ground.plan, horizon=ground.horizon)]


OF_AN_EVENT = frozenset({"id", "event", "reason", "superseded_by", "corrected"})


def standing(message: Message) -> Message:
    """Return a message without what is of its event alone."""
    return {name: value for name, value in message.items() if name not in OF_AN_EVENT}


def suspicions(
    windows: pl.DataFrame, ground: Ground, *, first: int, last: int, outlets: set[str] | None = None
) -> list[Message]:
    """Return the suspicions that touch ``[first, last)`` µs, by step, outlet, device, cell, detector and time."""
    start, end = (times.from_microseconds(each).isoformat() for each in (first, last))
    return [
        found
        for step in (steps.HOURS, steps.DAYS)
        for means in [Means.of(windows, step)]
        for outlet, mn in series.devices_of(ground.plan, outlets)
        for cell in cells(first - longest(step, series.LENGTH[step]) * series.LENGTH[step], last)
        for found in suspicions_of(means, ground, outlet=outlet, mn=mn, cell=cell, step=step)
        if found["since"] < end and found["end"] > start
    ]


def suspicions_of(
    means: Means,
    ground: Ground,
    *,
    outlet: PeriodOutlet,
    mn: str,
    cell: int,
    within: tuple[int, int] | None = None,
    step: str = steps.HOURS,
) -> list[Message]:
    """Return the suspicions of a device that begin in a cell; from the data of the cell and `reach` around it alone.

    ``means``: of ``step``. ``within``: of them only those that begin in this range of µs, which takes the less the
    shorter it is.
    """
    back, ahead = reach(step)
    stretch = cell - back, cell + CELL + ahead
    detectors = _looking(means, ground, mn, cell, stretch, step=step)
    if not detectors:
        return []
    mine = series.of_device(means, ground, outlet=outlet, mn=mn, start=stretch[0], end=stretch[1], step=step)
    first, last = (cell, cell + CELL) if within is None else (max(cell, within[0]), min(cell + CELL, within[1]))
    return [
        said.message(told, ground, mn=mn, step=step)
        for detector in detectors
        for told in detector.begun(mine, first, last)
    ]


def _looking(
    means: Means, ground: Ground, mn: str, cell: int, stretch: tuple[int, int], *, step: str
) -> tuple[SeriesDetector, ...]:
    """Return the detectors that look at a device's hours, or days if there are enough of them, in a cell."""
    day = times.from_microseconds(cell).date()
    if step == steps.HOURS:
        return steps.detectors(step, day) if mn in ground.since else ()
    start, end = stretch[0], min(stretch[1], day_floor(ground.horizon))
    known = series.days_known(means, mn=mn, start=start, end=end)
    if known and series.days_alone(means, mn=mn, start=start, end=end):
        return steps.detectors(steps.DAYS, day) + steps.detectors(steps.DAYS_ALONE, day)
    return steps.detectors(steps.DAYS, day) if known >= least_days(day) else ()


def least_days(day: date) -> int:
    """Return how many days of a device that sends hours must be known before its days are looked at by themselves."""
    (rule,) = rules.table("confirming/pace").at(day)
    return int(rule["least_days"])


def by_name(messages: Sequence[Message]) -> dict[str, Message]:
    """Return the messages by finding."""
    return {str(message["finding"]): message for message in messages}
