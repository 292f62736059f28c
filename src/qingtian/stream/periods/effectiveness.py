"""Transmission-effectiveness 传输有效率 = transmission rate × valid rate, by outlet and month, from windows of days.

Due are the hours that nobody marked as stopped or exempt; on days of which nothing was heard, all that no mark excuses;
on the day on which a series begins, those of which something came.
Received are those of them of which anything came, valid those that count in their day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import polars as pl

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.stream.periods import parameters
from qingtian.stream.periods.parameters import MEDIAN, POLLUTANT

SERIES = ["outlet", "mn", "factor"]
COLUMNS = ("n", "due", "excluded", "valid")
"""What of a day's window is needed, beside its name."""
HOURS = 24
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True)
class Excuse:
    """A stretch that a mark takes from what is due at an outlet: stopped or exempt. ``end`` exclusive."""

    outlet: str
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The figures of rules/periods/effectiveness on a day, with where the assessment line comes from."""

    line: float
    full: float
    enough: float
    source: str
    certainty: str


def lines(*, day: date) -> Lines:
    """Return the assessment line and the bounds of the calendar's colours."""
    known = {rule["name"]: rule for rule in rules.table("periods/effectiveness").at(day)}
    told = known["line"]
    figures = {name: float(known[name]["value"]) for name in ("line", "full", "enough")}
    return Lines(**figures, source=told.source, certainty=told.certainty)


def by_day(windows: pl.DataFrame) -> pl.DataFrame:
    """Return ``outlet``, ``mn``, ``factor``, ``date``, ``due``, ``received``, ``counted`` (hours) of day windows.

    Pollutants and pH count. A device that sends days alone is taken at its day.
    """
    missing = pl.col("excluded").str.extract(r"missing(\d+)").cast(pl.Int32).fill_null(0)
    alone = pl.col("valid") & (pl.col("n") == 0)
    due, n = pl.col("due").cast(pl.Int32), pl.col("n").cast(pl.Int32)
    counted = pl.when(alone).then(due).otherwise(pl.min_horizontal(n, due))
    told = windows.with_columns(
        date=pl.col("data_time").dt.convert_time_zone(ZONE).dt.date(), due=due, counted=counted
    ).with_columns(received=pl.when(alone).then(due).otherwise((due - missing).clip(0)))
    told = told.with_columns(received=pl.max_horizontal("received", "counted"))
    return told.filter(pl.col("factor").is_in(_pollutants(windows))).select(
        *SERIES, "date", "due", "received", "counted"
    )


def begun(days: pl.DataFrame, *, first: date) -> pl.DataFrame:
    """Return ``days`` (what `by_day` says from ``first`` on), in which nothing is due of a series before it began.

    On its first day those hours are due of which anything came. What was there on ``first`` began before.
    """
    since = pl.col("date").min().over(SERIES)
    begins = (pl.col("date") == since) & (since > first)
    return days.with_columns(due=pl.when(begins).then(pl.min_horizontal("due", "received")).otherwise("due"))


def by_month(
    days: pl.DataFrame, *, until: date, excuses: Iterable[Excuse] = (), months_from: date = date.min
) -> pl.DataFrame:
    """Return ``outlet``, ``month`` (its first day), ``series``, ``due``, ``received``, ``counted`` in hours and the
    rates ``transmission``, ``validity``, ``effectiveness`` (null where nothing was due).

    ``days``, ``until``, ``excuses``, ``months_from``: see `by_series`.
    """
    every = by_series(days, until=until, excuses=excuses, months_from=months_from)
    summed = every.group_by("outlet", "month").agg(
        pl.len().alias("series"), pl.col("due", "received", "counted").sum().cast(pl.Int64)
    )
    return _rates(summed).sort("outlet", "month")


def by_series(
    days: pl.DataFrame, *, until: date, excuses: Iterable[Excuse] = (), months_from: date = date.min
) -> pl.DataFrame:
    """Return ``outlet``, ``mn``, ``factor``, ``month`` (its first day), ``due``, ``received``, ``counted`` in hours.

    ``days``: what `by_day` says; a series is due from its first day there to ``until`` (exclusive). Told are
    the months from ``months_from`` (a first of a month) on.
    """
    days = days.filter(pl.col("date") < until)
    if days.is_empty() or months_from >= until:
        return pl.DataFrame(schema=_OF_SERIES)
    known = days.group_by(SERIES).agg(pl.col("date").min().alias("since"))
    days = days.filter(pl.col("date") >= months_from)
    told = days.with_columns(month=pl.col("date").dt.month_start()).group_by([*SERIES, "month"])
    sums = told.agg(pl.col("due", "received", "counted").sum(), pl.len().alias("days"))
    months = _calendar(max(min(known["since"].to_list()), months_from), until)
    every = known.join(months, how="cross").filter(pl.col("since") < pl.col("last"))
    every = every.join(sums, on=[*SERIES, "month"], how="left")
    every = every.join(_excused(days, known, excuses), on=[*SERIES, "month"], how="left")
    span = (pl.col("last") - pl.max_horizontal("since", "month")).dt.total_days()
    absent = (span - pl.col("days").fill_null(0)) * HOURS - pl.col("excused").fill_null(0)
    every = every.with_columns(pl.col("due").fill_null(0) + absent.clip(0), pl.col("received", "counted").fill_null(0))
    return every.select(pl.col(name).cast(kind) for name, kind in _OF_SERIES.items()).sort(*SERIES, "month")


_OF_SERIES = {
    **dict.fromkeys(SERIES, pl.String),
    "month": pl.Date,
    **dict.fromkeys(("due", "received", "counted"), pl.Int64),
}


def _rates(sums: pl.DataFrame) -> pl.DataFrame:
    return sums.with_columns(
        transmission=_share("received", "due"),
        validity=_share("counted", "received"),
        effectiveness=_share("counted", "due"),
    )


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))


def _pollutants(windows: pl.DataFrame) -> list[str]:
    if windows.is_empty():
        return []
    known = parameters.at(windows["data_time"].max().astimezone(BEIJING).date())  # type: ignore[union-attr]
    return [code for code in windows["factor"].unique().to_list() if known.role(code) in (POLLUTANT, MEDIAN)]


def _calendar(first: date, until: date) -> pl.DataFrame:
    """Return ``month`` and ``last`` (exclusive) of the months from ``first`` to ``until``."""
    months = pl.date_range(first.replace(day=1), until - timedelta(days=1), "1mo", eager=True)
    frame = pl.DataFrame({"month": months})
    return frame.with_columns(last=pl.min_horizontal(pl.col("month").dt.offset_by("1mo"), pl.lit(until)))


def _excused(days: pl.DataFrame, known: pl.DataFrame, excuses: Iterable[Excuse]) -> pl.DataFrame:
    """Return the hours of days of which nothing was heard that a mark takes from what is due."""
    covered: dict[tuple[str, date], set[int]] = {}
    for excuse in excuses:
        for day, hour in hours_of(excuse):
            covered.setdefault((excuse.outlet, day), set()).add(hour)
    schema = {"outlet": pl.String, "date": pl.Date, "excused": pl.Int64}
    rows = [(outlet, day, len(hours)) for (outlet, day), hours in covered.items()]
    marked = pl.DataFrame(rows, schema=schema, orient="row")
    silent = known.join(marked, on="outlet").filter(pl.col("date") >= pl.col("since"))
    silent = silent.join(days, on=[*SERIES, "date"], how="anti")
    return silent.group_by(*SERIES, pl.col("date").dt.month_start().alias("month")).agg(pl.col("excused").sum())


def hours_of(excuse: Excuse) -> Iterator[tuple[date, int]]:
    """Yield the whole hours that lie under an excuse, in Beijing time."""
    start, end = excuse.start.astimezone(BEIJING), excuse.end.astimezone(BEIJING)
    at = datetime.combine(start.date(), time(start.hour), BEIJING)
    at += timedelta(hours=at < start)
    while at + timedelta(hours=1) <= end:
        yield at.date(), at.hour
        at += timedelta(hours=1)
