"""Counting days, months and hours, and keeping account of every day passed on the way.

The day of the start event is not counted (民法典 201). Paused days are not counted. Nothing is rolled forward here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from qingtian.law import pauses as pausing
from qingtian.law.calendar import Calendar, DayKind, DayOutOfCalendar, add_days, add_months, days_from
from qingtian.law.pauses import Pause

MONTHS = {"month": 1, "year": 12}
COUNTED = DayKind(working=True, zh="自然日", en="calendar day")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Neighbouring days that were treated alike, ``first`` ≤ ``last``.

    ``numbers`` are the first and last ordinal they got, None if they were not counted; ``pause`` is why the clock
    stood still, ``kind`` what the calendar says of these days (None: it was not asked).
    """

    first: date
    last: date
    numbers: tuple[int, int] | None = None
    kind: DayKind | None = None
    pause: Pause | None = None


@dataclass(frozen=True, kw_only=True)
class Count:
    """Where the counting ended, all it passed, and whether a day without an official notice mattered."""

    end: date
    stretches: tuple[Stretch, ...]
    provisional: bool


@dataclass(frozen=True, kw_only=True)
class _Day:
    day: date
    number: int
    counted: bool
    kind: DayKind
    pause: Pause | None


def days(
    *, start: date, count: int, working: bool, calendar: Calendar, pauses: Sequence[Pause] = (), backward: bool = False
) -> Count:
    """Count ``count`` days (working days only, if ``working``) on from ``start``, or back from it.

    :raises DayOutOfCalendar: if the end is not between the years 1 and 9999.
    """
    ordered = pausing.in_order(pauses)
    passed = list(_walk(start, count, working=working, calendar=calendar, pauses=ordered, backward=backward))
    asked = (each.day for each in passed if working and not each.pause)
    return Count(
        end=passed[-1].day if passed else start,
        stretches=tuple(_stretches(passed)),
        provisional=any(calendar.is_provisional(day) for day in asked),
    )


def _walk(
    start: date, count: int, *, working: bool, calendar: Calendar, pauses: Sequence[Pause], backward: bool
) -> Iterator[_Day]:
    number = 0
    following = days_from(start, backward=backward)
    while number < count:
        day = next(following, None)
        if day is None:
            raise DayOutOfCalendar(day=start, count=count, unit="days", unit_zh="日")
        pause = pausing.holding(pauses, day)
        kind = calendar.kind(day) if working else COUNTED
        counted = pause is None and kind.working
        number += counted
        yield _Day(day=day, number=number, counted=counted, kind=kind, pause=pause)


def _stretches(passed: Sequence[_Day]) -> Iterator[Stretch]:
    for (counted, pause, kind), group in groupby(
        passed, key=lambda each: (each.counted, each.pause, None if each.pause else each.kind)
    ):
        alike = list(group)
        ends = sorted((alike[0].day, alike[-1].day))
        numbers = (alike[0].number, alike[-1].number) if counted else None
        yield Stretch(first=ends[0], last=ends[1], numbers=numbers, kind=kind, pause=pause)


def months(*, start: date, count: int, pauses: Sequence[Pause] = ()) -> Count:
    """Go to the corresponding day ``count`` months on (back if negative), then on by every day paused meanwhile.

    :raises DayOutOfCalendar: if the end is not between the years 1 and 9999.
    """
    end = add_months(start, count)
    stretches = [Stretch(first=min(start, end), last=max(start, end))]
    for first, last in pausing.runs(pauses):
        first = max(first, add_days(start, 1))
        if first <= min(end, last):
            end = add_days(end, (last - first).days + 1)
            stretches.append(Stretch(first=first, last=last, pause=pausing.holding(pauses, first)))
    return Count(end=end, stretches=tuple(stretches), provisional=False)
