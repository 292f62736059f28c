"""What has to be confirmed anew: outlets' days whose windows may say something else, stretches of suspicion. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.bus.marks import OutletMarks
from qingtian.stream.confirming.ground import DAY
from qingtian.stream.periods.api import PeriodPlan, beijing_start
from qingtian.stream.periods.plan import PeriodOutlet

DAY_DATA = 2031

TOGETHER = 200
"""Outlet's days whose windows are made in one go."""


@dataclass(kw_only=True)
class Todo:
    """``days``: outlets by day; ``stretches``: by outlet, the hours ``[first, last)`` µs that may have changed."""

    days: dict[date, set[str]] = field(default_factory=dict)
    stretches: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.days or self.stretches)

    def day(self, outlet: str, day: date) -> None:
        """Ask for the windows of a day, and for the suspicions that its hours bear on."""
        self.days.setdefault(day, set()).add(outlet)
        start = beijing_start(day)
        self.stretch(outlet, start, start + DAY)

    def stretch(self, outlet: str, first: int, last: int) -> None:
        """Ask for the suspicions that these hours bear on."""
        known = self.stretches.get(outlet, (first, last))
        self.stretches[outlet] = min(first, known[0]), max(last, known[1])

    def span(self, outlet: str, first: int, last: int) -> None:
        """Ask for all days that ``[first, last)`` µs touches."""
        for day in days_of(first, last):
            self.day(outlet, day)

    def groups(self) -> Iterator[tuple[list[date], list[str]]]:
        """Yield days that follow one another with the outlets they share, not too many at once."""
        gathered: list[date] = []
        for day in sorted(self.days):
            outlets = self.days[day]
            follows = gathered and day - gathered[-1] == timedelta(days=1) and self.days[gathered[-1]] == outlets
            if gathered and (not follows or (len(gathered) + 1) * len(outlets) > TOGETHER):
                yield from _parts(gathered, self.days[gathered[-1]])
                gathered = []
            gathered.append(day)
        if gathered:
            yield from _parts(gathered, self.days[gathered[-1]])


def _parts(days: list[date], outlets: set[str]) -> Iterator[tuple[list[date], list[str]]]:
    every = sorted(outlets)
    for first in range(0, len(every), TOGETHER):
        yield days, every[first : first + TOGETHER]


def days_of(first: int, last: int) -> list[date]:
    """Return the Beijing days that ``[first, last)`` µs touches."""
    if last <= first:
        return []
    begin, end = (times.from_microseconds(at).date() for at in (first, last - 1))
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]


def of_arrivals(
    todo: Todo, touched: pl.DataFrame, plan: PeriodPlan, awaited: Mapping[str, int], *, horizon: int
) -> dict[str, int]:
    """Ask for the days that records of closed periods touched; return whose records wait, from when on (µs, by MN).

    A record waits for the horizon, or for a plan that knows its device; ``awaited`` waited before.
    """
    waiting: dict[str, int] = {}
    for mn, cn, day, first in touched.select("mn", "cn", "day", "first").iter_rows():
        place = plan.place_of.get(mn)
        if place is not None and (beijing_start(day) + DAY <= horizon if cn == DAY_DATA else first < horizon):
            todo.day(plan.outlets[place].code, day)
        else:
            waiting[mn] = min(first, waiting.get(mn, first))
    for mn, first in awaited.items():
        place = plan.place_of.get(mn)
        if place is not None and first < horizon:
            todo.span(plan.outlets[place].code, first, horizon)
        else:
            waiting[mn] = min(first, waiting.get(mn, first))
    return waiting


def of_horizon(todo: Todo, plan: PeriodPlan, since: Mapping[str, int], *, before: int, now: int) -> None:
    """Ask for what the horizon went over: of every device that was ever heard, since silence is told too."""
    for outlet in plan.outlets:
        heard = [since[mn] for mn in outlet.mns if mn in since]
        if heard and now > max(before, min(heard)):
            todo.span(outlet.code, max(before, min(heard)), now)


def of_plans(todo: Todo, old: PeriodPlan, new: PeriodPlan, since: Mapping[str, int], *, horizon: int) -> None:
    """Ask for what a new plan may judge otherwise: of each outlet that it changes, from when on it does."""
    known = {outlet.code: outlet for outlet in old.outlets}
    for outlet in new.outlets:
        before = known.get(outlet.code)
        heard = [since[mn] for mn in {*outlet.mns, *(before.mns if before else ())} if mn in since]
        start = _changed_from(before, outlet)
        if start is not None and heard:
            todo.span(outlet.code, max(start, min(heard)), horizon)
    for code in known.keys() - {outlet.code for outlet in new.outlets}:
        _of_one_gone(todo, old, new, code, since, horizon=horizon)


def _of_one_gone(
    todo: Todo, old: PeriodPlan, new: PeriodPlan, code: str, since: Mapping[str, int], *, horizon: int
) -> None:
    """Ask for the suspicions of the outlets that an outlet which the new plan lacks stood beside."""
    heard = [since[mn] for outlet in old.outlets if outlet.code == code for mn in outlet.mns if mn in since]
    left = {other for other, _ in old.siblings.get(code, ())} & {outlet.code for outlet in new.outlets}
    for other in left if heard else ():
        todo.stretch(other, min(heard), horizon)


def _changed_from(old: PeriodOutlet | None, new: PeriodOutlet) -> int | None:
    """Return from when on (µs) the outlet is judged otherwise; None if it is not."""
    if old is None:
        return 0
    facts = ("medium", "source_type", "mns", "operating", "enterprise")
    if any(getattr(old, name) != getattr(new, name) for name in facts):
        return 0
    apart = [limit for limit in (*old.limits, *new.limits) if (limit in old.limits) != (limit in new.limits)]
    units, ranges = set(old.facilities) ^ set(new.facilities), set(old.ranges) ^ set(new.ranges)
    begun = [*(one.start or 0 for one in units), *(one.start or 0 for one in ranges)]
    since = [*(_instant(limit["from"]) for limit in apart), *begun]
    return min(since, default=None)


def of_marks(
    todo: Todo,
    old: Mapping[str, OutletMarks],
    new: Mapping[str, OutletMarks],
    plan: PeriodPlan,
    since: Mapping[str, int],
    *,
    horizon: int,
) -> None:
    """Ask for the days under marks that were not there before, or are not there any more, from the first that was
    heard of on: a calibration may be overdue for years before that."""
    for outlet in plan.outlets:
        before, after = (_marks(known.get(outlet.code)) for known in (old, new))
        heard = [since[mn] for mn in outlet.mns if mn in since]
        for mark in [each for each in (*before, *after) if heard and (each in before) != (each in after)]:
            end = _instant(mark["end"]) if mark["end"] else horizon
            todo.span(outlet.code, max(_instant(mark["start"]), min(heard)), min(end, horizon))


def _marks(told: OutletMarks | None) -> Iterable[Mapping[str, Any]]:
    return told["marks"] if told else []


def _instant(text: str | None) -> int:
    """A bare date is midnight in Beijing; nothing is the beginning."""
    if text is None:
        return 0
    moment = datetime.fromisoformat(text)
    return times.to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=times.BEIJING))
