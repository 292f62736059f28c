"""One day of any number of outlets, from rows to tables of windows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

import pyarrow as pa

from qingtian.base import times
from qingtian.stream.periods import days, furnace, hours, minutes, parameters
from qingtian.stream.periods.derived import with_derived
from qingtian.stream.periods.layout import lay_out
from qingtian.stream.periods.marks import Mark
from qingtian.stream.periods.minutes import Minutes
from qingtian.stream.periods.plan import PeriodPlan
from qingtian.stream.periods.rows import Rows
from qingtian.stream.periods.table import Sheet


def beijing_start(day: date) -> int:
    """Return when a day begins in Beijing, µs since 1970 UTC."""
    return times.to_microseconds(datetime.combine(day, time(), times.BEIJING))


def one_day(
    rows: Rows, plan: PeriodPlan, marks: Sequence[Mark], *, day: date, day_start: int
) -> tuple[list[pa.Table], Minutes | None]:
    """Return the tables of the day's five minutes, hours and days, by the rules in force on it, and its minutes."""
    known = parameters.at(day)
    rows = with_derived(rows, plan, known, day_start=day_start)
    layout = lay_out(rows, plan, known, marks, day_start=day_start)
    if not len(layout):
        return [], None
    chosen = hours.choose(rows, layout, day_start=day_start)
    of_hours = hours.make(chosen, layout, plan, known)
    sheet = Sheet(rows=rows, layout=layout, plan=plan, day_start=day_start)
    tables = [
        sheet.five_minutes(furnace.make(chosen, layout, known)),
        sheet.hours(of_hours),
        sheet.days(days.make(of_hours, chosen, layout, known)),
    ]
    return tables, minutes.of_day(chosen, layout, known, day_start=day_start)
