"""Windows against limits: the confirmed exceedances 超标 of hours, days and five-minute temperatures. Pure.

A window is judged if it is valid and no mark exempts it. A value is rounded to the limit's decimals (GB/T 8170) before
it is compared; equal is not over. Of several limits that a value exceeds, one that supports a penalty is named, and of
those the strictest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.stream.periods import criteria
from qingtian.stream.periods.criteria import PENALTY, Criteria
from qingtian.stream.periods.finding import PeriodFinding
from qingtian.stream.periods.plan import PeriodPlan

CN_OF = {"5min": 2051, "hour": 2061, "day": 2031}
WINDOW = ("outlet", "mn", "factor", "period", "data_time")
BEIJING = "Asia/Shanghai"


def judge(windows: pl.DataFrame, plan: PeriodPlan) -> list[PeriodFinding]:
    """Return the exceedances among ``windows`` (`api.windows`, with or without ``revision``), in a fixed order.

    :raises qingtian.law.rules.RuleRefused: if a rule file cannot be used.
    """
    if windows.is_empty():
        return []
    if "revision" not in windows.columns:
        windows = windows.with_columns(revision=pl.lit(1, pl.Int32))
    dated = windows.with_columns(day=pl.col("data_time").dt.convert_time_zone(BEIJING).dt.date())
    found: list[PeriodFinding] = []
    for (day,), part in dated.group_by("day", maintain_order=True):
        assert isinstance(day, date)
        found += _of_day(part, criteria.at(plan, day, outlets=set(part["outlet"])), plan)
    return sorted(found, key=lambda one: (one.data_time, one.outlet, one.mn, one.factor, one.period, one.measure))


def _of_day(windows: pl.DataFrame, known: Criteria, plan: PeriodPlan) -> Iterator[PeriodFinding]:
    compared = _compared(windows, known)
    for row in pl.concat([_singly(compared), _together(compared)]).iter_rows(named=True):
        yield _finding(row, known, plan)


def held(windows: pl.DataFrame, known: Criteria) -> pl.DataFrame:
    """Return the windows that are judged, one row each and limit: ``over`` or ``under`` it, or neither.

    ``high_`` and ``low_``: the values that were held against it; one of them is there.
    """
    beside = windows.filter(pl.col("valid") & ~pl.col("exempt")).join(known.frame, on=["outlet", "factor", "period"])
    at = pl.col("data_time").dt.epoch("us")
    mean = pl.when(pl.col("measure").str.starts_with("Zs")).then(pl.col("converted")).otherwise(pl.col("value"))
    high = pl.when(pl.col("each_value")).then(pl.col("high")).otherwise(mean)
    low = pl.when(pl.col("each_value")).then(pl.col("low")).otherwise(mean)
    over = (high > pl.col("upper_edge")) | ((high == pl.col("upper_edge")) & pl.col("upper_tie"))
    under = (low < pl.col("lower_edge")) | ((low == pl.col("lower_edge")) & pl.col("lower_tie"))
    return (
        beside.filter(at >= pl.col("start"), at < pl.col("end"))
        .with_columns(over=over.fill_null(value=False), under=under.fill_null(value=False), high_=high, low_=low)
        .filter(pl.col("high_").is_not_null() | pl.col("low_").is_not_null())
    )


def _compared(windows: pl.DataFrame, known: Criteria) -> pl.DataFrame:
    """Return the windows that exceed a limit, one row each and limit, with ``worst``, the value that does."""
    return (
        held(windows, known)
        .filter(pl.col("over") | pl.col("under"))
        .with_columns(
            worst=pl.when("over").then("high_").otherwise("low_"),
            bound=pl.when("over").then("upper").otherwise("lower"),
        )
        .with_columns(count=pl.lit(1, pl.UInt32), times_over=_times_over())
    )


def _times_over() -> pl.Expr:
    distance = (pl.col("worst") - pl.col("bound")).abs()
    return pl.when(pl.col("distance")).then(distance).otherwise(distance / pl.col("bound"))


def _singly(compared: pl.DataFrame) -> pl.DataFrame:
    """Return one row a window: against the limit that carries most, then the one exceeded most."""
    alone = compared.filter(pl.col("at_least") == 1)
    ordered = alone.sort(*WINDOW, pl.col("support") != PENALTY, -pl.col("times_over"), "limit")
    return ordered.unique(list(WINDOW), keep="first", maintain_order=True)


def _together(compared: pl.DataFrame) -> pl.DataFrame:
    """Return one row a day and series where so many windows exceed that together they count, or nearly: the worst."""
    many = compared.filter(pl.col("at_least") > 1).sort(*WINDOW)
    series = ["outlet", "mn", "factor", "period", "limit"]
    counted = many.with_columns(
        count=pl.len().over(series).cast(pl.UInt32),
        data_time=pl.col("data_time").min().over(series),
        received=pl.col("received").max().over(series),
        revision=pl.col("revision").max().over(series),
    )
    worst = counted.filter(pl.col("count") >= pl.col("early")).sort(*series, -pl.col("times_over"))
    return worst.unique(series, keep="first", maintain_order=True)


def _finding(row: dict[str, Any], known: Criteria, plan: PeriodPlan) -> PeriodFinding:
    early = int(row["count"]) < row["at_least"]
    return PeriodFinding(
        outlet=row["outlet"],
        mn=row["mn"],
        factor=row["factor"],
        medium=row["medium"],
        measure=row["measure"],
        period=row["period"],
        cn=CN_OF[row["period"]],
        data_time=times.to_microseconds(row["data_time"]),
        received=times.to_microseconds(row["received"]),
        value=round(row["worst"], 9),
        over=row["over"],
        is_distance=row["distance"],
        times_over=round(row["times_over"], 9),
        count=int(row["count"]),
        support=criteria.WARN if early else row["support"],
        wanted=int(row["at_least"]),
        limit=known.limits[row["limit"]],
        plan=plan.number,
        revision=int(row["revision"]),
        window={name: row[name] for name in ("n", "due", "weighted", "excluded", "oxygen", "reference_oxygen")},
    )
