"""Outlets of one kind side by side 同类对比: who is compared with whom, by days of 28, and what is said of each. Pure.

A cell is spoken of when its 28 days are over, from these days of all outlets of the kind and nothing else. So a day
that changes bears on all outlets of its kinds, and on them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.stream.confirming import judgement, said, series, steps
from qingtian.stream.confirming.ground import DAY, Ground, day_floor
from qingtian.stream.confirming.means import NOT_EXCUSED, Means
from qingtian.stream.periods.plan import PeriodOutlet, PeriodPlan
from qingtian.stream.suspicions.series import Column, Peers, Series

Message = dict[str, Any]
Floats = NDArray[np.float64]
Kind = tuple[str, str, str]
"""Medium, source type and factor."""

ROWS = judgement.CELL // DAY


def first_day(cell: int) -> int:
    """Return the first Beijing midnight (µs) of a cell; its days are the `ROWS` from it on."""
    return day_floor(cell + DAY - 1)


def cells_over(first: int, last: int, *, horizon: int) -> list[int]:
    """Return the cells with a day in ``[first, last)`` µs whose days are all over."""
    near = judgement.cells(first - judgement.CELL - DAY, last)
    begun = [(cell, first_day(cell)) for cell in near]
    return [cell for cell, at in begun if at < last and at + ROWS * DAY > first and at + ROWS * DAY <= horizon]


def kinds_of(outlet: PeriodOutlet) -> set[Kind]:
    """Return what an outlet is compared in: factors of which an hour's or day's mean has an upper limit alone."""
    named = {limit["factor"] for limit in _uppers(outlet)}
    bounded = {limit["factor"] for limit in outlet.limits if limit["lower"] is not None}
    return {(outlet.medium, outlet.source_type, factor) for factor in named - bounded}


def left(old: PeriodPlan, new: PeriodPlan) -> dict[str, set[Kind]]:
    """Return by outlet the kinds that it is not of any more."""
    before = {one.code: kinds_of(one) for one in old.outlets}
    lost = {one.code: before.get(one.code, set()) - kinds_of(one) for one in new.outlets}
    return {code: kinds for code, kinds in lost.items() if kinds}


def concerned(outlets: Iterable[str], plan: PeriodPlan, *, left: Mapping[str, set[Kind]] | None = None) -> set[str]:
    """Return the outlets that are of a kind with one of these, or of one that it has left."""
    wanted = set(outlets)
    kinds = {kind for one in plan.outlets if one.code in wanted for kind in kinds_of(one)}
    kinds |= {kind for code in wanted for kind in (left or {}).get(code, ())}
    return {one.code for one in plan.outlets if kinds_of(one) & kinds}


def suspicions(means: Means, ground: Ground, *, cell: int, outlets: set[str], all_of: PeriodPlan) -> list[Message]:
    """Return what is said of these outlets in a cell. ``means``: days of all that are of a kind with one of them."""
    detectors = steps.detectors(steps.PEERS, times.from_microseconds(cell).date())
    start = first_day(cell)
    if not detectors or start + ROWS * DAY > ground.horizon:
        return []
    beside = _side_by_side(means, all_of, start, outlets)
    return [
        said.message(told, ground, mn=mn, step=steps.DAYS)
        for outlet, mn in series.devices_of(ground.plan, outlets)
        if (outlet.code, mn) in beside
        for mine in [_series(means, ground, outlet, mn, start, beside[outlet.code, mn])]
        for detector in detectors
        for told in detector.run(mine)
    ]


def _series(
    means: Means, ground: Ground, outlet: PeriodOutlet, mn: str, start: int, peers: Mapping[str, Peers]
) -> Series:
    """Return the cell's days of a device with its peers; all of them, from whenever it was heard."""
    end = start + ROWS * DAY
    plain = series.of_device(means, ground, outlet=outlet, mn=mn, start=start, end=end, step=steps.DAYS)
    ahead = ROWS - plain.rows
    columns = {
        code: replace(column, values=np.concatenate((np.full(ahead, np.nan), column.values)), peers=peers[code])
        for code, column in ((code, _bare(column)) for code, column in plain.columns.items())
        if code in peers
    }
    return Series(
        outlet=plain.outlet, start=start, period=DAY, rows=ROWS, columns=columns, since=start, marks=plain.marks
    )


def _bare(column: Column) -> Column:
    """Return a column of its values alone: the others have the rows of its first day on."""
    return replace(
        column, flags=None, reported=None, converted=None, received=None, finer=None, highest=None, beside={}
    )


def _side_by_side(
    means: Means, plan: PeriodPlan, start: int, outlets: set[str]
) -> dict[tuple[str, str], dict[str, Peers]]:
    """Return by outlet, device and factor the levels and swings of all devices of the kind."""
    wanted = {kind for one in plan.outlets if one.code in outlets for kind in kinds_of(one)}
    members: dict[Kind, list[tuple[PeriodOutlet, str, Floats, Floats]]] = {}
    for outlet, mn in series.devices_of(plan):
        mine = means.between(mn, start, start + ROWS * DAY)
        for kind in sorted(kinds_of(outlet) & wanted):
            if kind[2] in mine:
                level, swing = _figures(means, mine[kind[2]], outlet, kind[2], start)
                members.setdefault(kind, []).append((outlet, mn, level, swing))
    found: dict[tuple[str, str], dict[str, Peers]] = {}
    for kind, rows in members.items():
        level, swing = (np.array([row[place] for row in rows]) for place in (2, 3))
        for own, (outlet, mn, _, _) in enumerate(rows):
            if outlet.code in outlets:
                limit = _limit(outlet, kind[2], start)[1]
                found.setdefault((outlet.code, mn), {})[kind[2]] = Peers(level=level, swing=swing, own=own, limit=limit)
    return found


def _figures(means: Means, part: slice, outlet: PeriodOutlet, factor: str, start: int) -> tuple[Floats, Floats]:
    """Return each day's mean as a part of the limit, and its swing: highest less lowest hour as a part of the mean."""
    places = (means.at[part] - start) // DAY
    own, reported = means.own[part], means.reported[part]
    mean = np.where(means.excused[part] == NOT_EXCUSED, np.where(np.isnan(own), reported, own), np.nan)
    is_converted, limit = _limit(outlet, factor, start)
    held = np.where(is_converted[places] & ~np.isnan(means.converted[part]), means.converted[part], mean)
    level, swing = np.full(ROWS, np.nan), np.full(ROWS, np.nan)
    level[places] = held / limit[places]
    with np.errstate(invalid="ignore", divide="ignore"):
        wide = (means.high[part] - means.low[part]) / mean
    swing[places] = np.where(mean > 0, wide, np.nan)
    return level, swing


def _limit(outlet: PeriodOutlet, factor: str, start: int) -> tuple[NDArray[np.bool_], Floats]:
    """Return by day whether the strictest upper limit is one of the converted value, and the limit; NaN where none."""
    days = start + np.arange(ROWS, dtype=np.int64) * DAY
    is_converted, upper = np.zeros(ROWS, np.bool_), np.full(ROWS, np.inf)
    for limit in _uppers(outlet):
        if limit["factor"] == factor:
            inside = (days >= _instant(limit["from"], 0)) & (days < _instant(limit["to"], 1 << 62))
            stricter = inside & (limit["upper"] < upper)
            upper[stricter] = limit["upper"]
            is_converted[stricter] = str(limit["measure"]).startswith("Zs")
    return is_converted, np.where(np.isinf(upper), np.nan, upper)


def _uppers(outlet: PeriodOutlet) -> list[Mapping[str, Any]]:
    return [one for one in outlet.limits if one["period"] in ("hour", "day") and (one["upper"] or 0) > 0]


def _instant(text: str | None, missing: int) -> int:
    if text is None:
        return missing
    moment = datetime.combine(date.fromisoformat(text[:10]), datetime.min.time(), times.BEIJING)
    return times.to_microseconds(moment)
