"""Hours or days of a device as the regular series that the detectors of suspicion look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.law import rules
from qingtian.stream.confirming import meters, siblings, steps
from qingtian.stream.confirming.ground import DAY, HOUR, Ground, day_floor
from qingtian.stream.confirming.means import EXCUSED, NOT_EXCUSED, Means
from qingtian.stream.hj212.factors import factor as factor_named
from qingtian.stream.periods import parameters, ranges
from qingtian.stream.periods.api import PeriodPlan
from qingtian.stream.periods.plan import PeriodOutlet
from qingtian.stream.suspicions import series as suspected
from qingtian.stream.suspicions.series import Column, Limit, Range, Role, Series

ROLES = {"flow": Role.FLOW, "oxygen": Role.OXYGEN, "dust": Role.POLLUTANT, "median": Role.POLLUTANT}
"""What the role of a factor in windows is to the detectors; other special factors are conditions."""

OUT_OF_CONTROL = "out_of_control"
STATED = {
    "exempt": "shutdown",
    "stopped": "shutdown",
    "invalid": "maintenance",
    OUT_OF_CONTROL: "maintenance",
}
"""What a mark's effect states to the detectors."""

FLAGGED = {"flag": "maintenance", "stopped": "shutdown", "zero_flow": "shutdown"}
"""What it states if a window does not count for one of `EXCUSED`."""

ABOVE_RANGE = ord("T")
LENGTH = {steps.HOURS: HOUR, steps.DAYS: DAY}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The rows of a series; ``online`` µs: when its device was first heard; ``least_minutes``: of ours, to count."""

    start: int
    period: int
    rows: int
    online: int
    least_minutes: int


def of_device(
    means: Means, ground: Ground, *, outlet: PeriodOutlet, mn: str, start: int, end: int, step: str = steps.HOURS
) -> Series:
    """Return the hours, or days, of a device in ``[start, end)`` µs (cut at the horizon and its first) as a series.

    Values are ours where the device sent finer data of enough of the window (its own mean stands beside), else the
    device's: of an hour in which it came on line ours would be that of a few minutes.
    """
    length = LENGTH[step]
    first, last = _bounds(means, ground, mn, start, end, step=step)
    rows = max((last - first) // length, 0)
    mine = means.between(mn, first, last)
    known = {rule["factor"]: str(rule["role"]) for rule in rules.table("periods/factors").at(_day(first))}
    online = min((int(at.min()) for part in mine.values() if len(at := _known(means.received[part]))), default=0)
    least = parameters.at(_day(first)).means["gas", "hour"].min_minutes
    grid = Grid(start=first, period=length, rows=rows, online=online, least_minutes=least)
    every = mine | _beside(means, outlet, mn, mine, first, last)
    columns = {code: _column(code, means, part, outlet, known.get(code), grid, mn) for code, part in every.items()}
    for code in mine:
        columns[code] = replace(columns[code], beside=_of_siblings(means, ground, outlet, code, grid))
    told = [*stated(ground, outlet.code, mn, first, last), *_flagged(means, mine, length)]
    return Series(
        outlet=outlet.code,
        start=first,
        period=length,
        rows=rows,
        columns=meters.metered(columns, outlet, first + np.arange(rows, dtype=np.int64) * length),
        since=first if step == steps.DAYS else ground.since.get(mn),
        marks=tuple(sorted(told, key=lambda mark: (mark.start, mark.end, mark.label, mark.factors))),
        relations=meters.relations(outlet, mine.keys()),
    )


def _of_siblings(
    means: Means, ground: Ground, outlet: PeriodOutlet, code: str, grid: Grid
) -> Mapping[str, NDArray[np.float64]]:
    return siblings.beside(
        means,
        ground.siblings.get(outlet.code, ()),
        code,
        start=grid.start,
        period=grid.period,
        rows=grid.rows,
        least_minutes=grid.least_minutes,
    )


def _bounds(means: Means, ground: Ground, mn: str, start: int, end: int, *, step: str) -> tuple[int, int]:
    """Return from where on, and up to where, rows are known; days from the first of the stretch that was heard of."""
    if step == steps.HOURS:
        return max(start // HOUR * HOUR, ground.since.get(mn, start)), min(end, ground.horizon)
    first, last = day_floor(start), min(day_floor(end), day_floor(ground.horizon))
    heard = [int(means.at[part.start]) for part in means.between(mn, first, last).values()]
    return min(heard, default=last), last


def days_known(means: Means, *, mn: str, start: int, end: int) -> int:
    """Return of how many days in ``[start, end)`` µs anything is known of a device, by the factor that has most."""
    parts = means.between(mn, day_floor(start), day_floor(end)).values()
    return max((part.stop - part.start for part in parts), default=0)


def days_alone(means: Means, *, mn: str, start: int, end: int) -> bool:
    """Say whether none of a device's days in ``[start, end)`` µs was made of its hours."""
    parts = means.between(mn, day_floor(start), day_floor(end)).values()
    return all(bool(np.isnan(means.own[part]).all()) for part in parts)


def _beside(
    means: Means, outlet: PeriodOutlet, mn: str, mine: Mapping[str, slice], first: int, last: int
) -> dict[str, slice]:
    """Return the channels of production units that other devices of the outlet send, each from the first that does."""
    wanted = meters.wanted_beside(outlet, mine.keys())
    others = [means.between(other, first, last) for other in sorted(outlet.mns) if other != mn] if wanted else []
    found = {code: next((each[code] for each in others if code in each), None) for code in wanted}
    return {code: part for code, part in found.items() if part is not None}


def devices_of(plan: PeriodPlan, outlets: set[str] | None = None) -> Iterator[tuple[PeriodOutlet, str]]:
    """Return the devices of these outlets (of all) in a fixed order."""
    for outlet in sorted(plan.outlets, key=lambda one: one.code):
        if outlets is None or outlet.code in outlets:
            yield from ((outlet, mn) for mn in sorted(outlet.mns))


def _day(microseconds: int) -> date:
    return times.from_microseconds(microseconds).date()


def _known(received: NDArray[np.int64]) -> NDArray[np.int64]:
    return received[received > 0]


def _column(
    code: str, means: Means, part: slice, outlet: PeriodOutlet, role: str | None, grid: Grid, mn: str
) -> Column:
    at = means.at[part]
    places = (at - grid.start) // grid.period

    def spread(numbers: NDArray[Any]) -> NDArray[np.float64]:
        column = np.full(grid.rows, np.nan)
        column[places] = numbers
        return column

    own, reported = means.own[part], means.reported[part]
    enough = (means.covered[part] >= grid.least_minutes) | np.isnan(reported)
    counts, has_own = means.excused[part] == NOT_EXCUSED, ~np.isnan(own) & enough
    values = siblings.chosen(means, part, least_minutes=grid.least_minutes)
    converted = spread(np.where(counts, means.converted[part], np.nan))
    beside = spread(np.where(counts & has_own, reported, np.nan))
    received = np.zeros(grid.rows, np.int64)
    # when windows arrived that were over before the device was first heard says nothing: its memory was read
    received[places] = np.where(at + grid.period <= grid.online, 0, means.received[part])
    return replace(
        named_column(code, role, spread(values)),
        reported=beside if np.isfinite(beside).any() else None,
        converted=converted if np.isfinite(converted).any() else None,
        received=received,
        finer=spread(~np.isnan(own)) == 1,
        highest=spread(np.where(counts, means.high[part], np.nan)) if outlet.operating.as_shown(code) else None,
        flags=np.where(spread(means.over[part]) == 1, ABOVE_RANGE, 0).astype(np.uint8),
        ranges=tuple(_ranges(outlet, mn, code)),
        limits=tuple(_limits(outlet, code, zs=bool(np.isfinite(converted).any()))),
    )


def named_column(code: str, role: str | None, values: NDArray[np.float64]) -> Column:
    """Return a column of values alone; ``role``: what the factor is in windows, None where no rule names it."""
    named = factor_named(code)
    return Column(
        code=code,
        role=_role(code, role),
        values=values,
        zh=named.zh if named else "",
        en=named.en if named else "",
        unit=(named.unit or "") if named else "",
    )


def _role(code: str, role: str | None) -> Role:
    if role is not None:
        return ROLES.get(role, Role.CONDITION)
    # a01… are conditions of the gas, e and g those of the process 工况
    return Role.CONDITION if code.startswith(("a01", "e", "g")) else Role.POLLUTANT


def _ranges(outlet: PeriodOutlet, mn: str, code: str) -> Iterator[Range]:
    for one in ranges.of_device(outlet.ranges, mn, code):
        yield Range(top=one.top, detection=one.detection, start=one.start, end=one.end)


def _limits(outlet: PeriodOutlet, code: str, *, zs: bool) -> Iterator[Limit]:
    for limit in outlet.limits:
        if limit["factor"] != code or limit["period"] not in ("hour", "day"):
            continue
        is_converted = str(limit["measure"]).startswith("Zs")
        if is_converted and not zs:
            continue
        yield Limit(
            period=str(limit["period"]),
            upper=limit["upper"],
            lower=limit["lower"],
            start=_instant(limit["from"]),
            end=_instant(limit["to"]),
            converted=is_converted,
        )


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return times.to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=times.BEIJING))


def stated(ground: Ground, outlet: str, mn: str, start: int, end: int) -> Iterator[suspected.Mark]:
    """Return the register's marks on this stretch in the detectors' words."""
    effects: Mapping[tuple[Any, Any], str] = {
        (rule["class"], rule["label"]): rule["effect"] for rule in rules.table("periods/mark_effects").at(_day(start))
    }
    for mark in ground.marks:
        effect = effects.get((mark.kind, mark.label))
        if mark.outlet != outlet or mark.mn not in (None, mn) or effect is None:
            continue
        first, last = times.to_microseconds(mark.start), times.to_microseconds(mark.end)
        if first < end and last > start:
            yield suspected.Mark(
                label=STATED[effect],
                start=first,
                end=last,
                factors=mark.factors or (),
                registered=effect != OUT_OF_CONTROL,
            )


def _flagged(means: Means, mine: Mapping[str, slice], length: int) -> Iterator[suspected.Mark]:
    """Return for each window that flags or flow leave out what that states."""
    for factor, part in mine.items():
        for row in (part.start + np.flatnonzero(means.excused[part] != NOT_EXCUSED)).tolist():
            start = int(means.at[row])
            label = FLAGGED[EXCUSED[means.excused[row]]]
            yield suspected.Mark(label=label, start=start, end=start + length, factors=(factor,))
