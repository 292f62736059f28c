"""Days of the lake's windows as pages count them: one outlet's year, and the months of the whole city.

What the city says of a month is kept until a file of that month changes; it is the same for everybody, and each page
takes from it what is in the person's scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import polars as pl

from qingtian.base.times import BEIJING
from qingtian.lake import windows as lake_windows
from qingtian.lake.files import DAY
from qingtian.office.marks import api as marks
from qingtian.office.marks.api import Mark
from qingtian.portals.history import windows
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.api import Excuse
from qingtian.stream.periods.effectiveness import COLUMNS

EXCUSING = ("stopped", "exempt")


def days_of(outlet: str, *, year: int) -> pl.DataFrame:
    """Return the days of an outlet in a Beijing year, as `periods.by_day` says them.

    :raises LakeUnreachable: if the lake does not answer.
    """
    found = lake_windows.windows(
        windows(),
        first=date(year, 1, 1),
        last=date(year, 12, 31),
        outlets=[outlet],
        periods=["day"],
        columns=COLUMNS,
    )
    return periods.by_day(found)


def city_days(first: date, last: date) -> pl.DataFrame:
    """Return the days of all outlets from ``first`` to ``last`` (included).

    :raises LakeUnreachable: if the lake does not answer.
    """
    known = windows().known()
    months = []
    while first <= last:
        end = min((first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1), last)
        # the list of a month's files names every version of what they hold: what is over is read once
        files = known.filter(pl.col(DAY).is_between(first, end))["path"].to_list() if len(known) else []
        months.append(_days(hash(tuple(files)), first, end))
        first = end + timedelta(days=1)
    return pl.concat(months)


@lru_cache(maxsize=32)
def _days(_version: int, first: date, last: date) -> pl.DataFrame:
    return periods.by_day(lake_windows.windows(windows(), first=first, last=last, periods=["day"], columns=COLUMNS))


def excuses(rows: Sequence[Mark]) -> list[Excuse]:
    """Return what standing marks on all factors of an outlet take from what is due."""
    effects: dict[date, dict[tuple[str, str], str]] = {}
    found = []
    for mark in rows:
        day = mark.start.astimezone(BEIJING).date()
        if day not in effects:
            effects[day] = {(one.kind, one.label): one.effect for one in marks.labels(day=day)}
        if effects[day].get((mark.kind, mark.label)) in EXCUSING and not mark.factors and not mark.mn:
            found.append(Excuse(outlet=mark.outlet_id, start=mark.start, end=mark.end))
    return found


def beijing(day: date) -> datetime:
    """Return when a day begins in Beijing."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


def months_back(day: date, months: int) -> date:
    """Return the first day of the month that many months before the one of ``day``; a negative number goes ahead."""
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)
