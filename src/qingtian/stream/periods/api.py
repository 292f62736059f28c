"""The face of the windows. Everything here is pure: the same set of readings, plan and marks give the same answer.

    plan = periods.read_plan(message)                       # docs/architecture.md, "Plan"
    rows = periods.rows_of(lake_readings)                   # Arrow or Polars rows of the lake's table `readings`
    windows = periods.windows(rows, plan, marks=marks, days=[date(2026, 11, 22)])

``windows`` is a Polars frame with one row a five minutes, hour or day that anything was heard of, by day, period, MN,
factor and time (`KEY` names a row); its columns are those of the lake's table ``periods`` (docs/periods.md). The
smallest piece that can be made anew is an *outlet's day*: a late, resent or corrected record of outlet X with DataTime
on day D asks for ``windows(all readings of X with DataTime on D, …, days=[D])`` and for nothing else; months are made
from hours.

What follows, each a pure function of windows: `judge` (against the plan's limits), `with_ends` (what ended since),
`revise`, `difference` and `superseded` (what is new against what was held and what stood), `month_of`,
`quarter_totals`, `contradictions`, `project`, `explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from qingtian.stream.periods.contradictions import contradictions
from qingtian.stream.periods.day import beijing_start, one_day
from qingtian.stream.periods.effectiveness import Excuse, begun, by_day, by_month, by_series, hours_of, lines
from qingtian.stream.periods.explain import explain
from qingtian.stream.periods.finding import PeriodFinding
from qingtian.stream.periods.judgement import judge
from qingtian.stream.periods.marks import Mark
from qingtian.stream.periods.minutes import Minutes
from qingtian.stream.periods.months import month_of
from qingtian.stream.periods.plan import PeriodPlan
from qingtian.stream.periods.plan import read as read_plan
from qingtian.stream.periods.projection import project
from qingtian.stream.periods.recovery import JUDGED, look_ahead, with_ends
from qingtian.stream.periods.revision import difference, revise, superseded
from qingtian.stream.periods.rows import Rows
from qingtian.stream.periods.rows import of_lake as rows_of
from qingtian.stream.periods.table import KEY, SCHEMA, as_frame, lake_rows
from qingtian.stream.periods.totals import QuarterTotal, quarter_totals

__all__ = [
    "JUDGED",
    "KEY",
    "SCHEMA",
    "Excuse",
    "Made",
    "Mark",
    "Minutes",
    "PeriodFinding",
    "PeriodPlan",
    "QuarterTotal",
    "Rows",
    "begun",
    "beijing_start",
    "by_day",
    "by_month",
    "by_series",
    "contradictions",
    "difference",
    "explain",
    "hours_of",
    "judge",
    "lake_rows",
    "lines",
    "look_ahead",
    "make",
    "month_of",
    "project",
    "quarter_totals",
    "read_plan",
    "revise",
    "rows_of",
    "superseded",
    "windows",
    "with_ends",
]


@dataclass(frozen=True, kw_only=True)
class Made:
    """The windows of some days, and the minutes of waste gas behind them, a day each that has any."""

    windows: pl.DataFrame
    minutes: tuple[Minutes, ...]


def windows(rows: Rows, plan: PeriodPlan, *, days: Iterable[date], marks: Sequence[Mark] = ()) -> pl.DataFrame:
    """Return the five minutes, hours and days of ``days`` (by DataTime, in Beijing) of the plan's outlets.

    ``rows`` must hold every reading of these outlets and days that there is, in any order, as often as it arrived.

    :raises qingtian.law.rules.RuleRefused: if a rule file cannot be used.
    """
    return make(rows, plan, days=days, marks=marks).windows


def make(rows: Rows, plan: PeriodPlan, *, days: Iterable[date], marks: Sequence[Mark] = ()) -> Made:
    """Return `windows`, and the minutes that they were made of."""
    made = [one_day(rows, plan, marks, day=day, day_start=beijing_start(day)) for day in days]
    return Made(
        windows=as_frame([table for tables, _ in made for table in tables if table.num_rows]),
        minutes=tuple(minutes for _, minutes in made if minutes is not None and minutes.factors),
    )
