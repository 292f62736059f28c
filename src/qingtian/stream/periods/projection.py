"""Where a day is heading (日均值预测): the running mean, and the mean at day's end if the latest hours go on."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from qingtian.law import rules
from qingtian.stream.periods import criteria, parameters
from qingtian.stream.periods.day import beijing_start
from qingtian.stream.periods.parameters import POLLUTANT
from qingtian.stream.periods.plan import PeriodPlan

SERIES = ["outlet", "mn", "factor", "measure"]


def project(windows: pl.DataFrame, plan: PeriodPlan, *, day: date, now: datetime) -> pl.DataFrame:
    """Return, for each series with a day limit, how its day stands at ``now``.

    Columns: outlet, mn, factor, measure; ``hours`` valid so far; ``left`` hours to come; ``running`` mean so far;
    ``projected`` mean at day's end; ``upper`` limit; ``room``: the mean of the hours to come at which the day reaches
    its limit, negative: it is over whatever comes. Weighted by flow where the day will be. Only with enough hours.
    """
    (rule,) = rules.table("periods/projection").at(day)
    known = parameters.at(day)
    left = 24 - min(max((round(now.timestamp() * 1e6) - beijing_start(day)) // 3_600_000_000, 0), 24)
    weighted = [medium for medium in ("water", "gas") if known.means[medium, "day"].weighted]
    beside = _beside(windows, plan, day)
    plain = ~(pl.col("medium").is_in(weighted) & pl.col("mass"))
    weight = pl.when(plain).then(1.0).otherwise(pl.col("volume"))
    heavy = beside.with_columns(weight=weight).with_columns(load=pl.col("level") * pl.col("weight"))
    recent = rule["recent_hours"]
    found = heavy.group_by(SERIES, maintain_order=True).agg(
        hours=pl.len(),
        upper=pl.col("upper").first(),
        running=pl.col("load").sum() / pl.col("weight").sum(),
        load=pl.col("load").sum(),
        weight=pl.col("weight").sum(),
        coming=pl.col("weight").tail(recent).mean() * left,
        recent=pl.col("load").tail(recent).sum() / pl.col("weight").tail(recent).sum(),
    )
    whole = pl.col("weight") + pl.col("coming")
    return found.filter(pl.col("hours") >= rule["from_hours"]).select(
        *SERIES,
        "hours",
        "running",
        "upper",
        left=pl.lit(left),
        projected=(pl.col("load") + pl.col("recent") * pl.col("coming")) / whole,
        room=(pl.col("upper") * whole - pl.col("load")) / pl.col("coming"),
    )


def _beside(windows: pl.DataFrame, plan: PeriodPlan, day: date) -> pl.DataFrame:
    """Return the valid hours beside the strictest day limit in force, with the ``level`` that it is held against."""
    at = beijing_start(day)
    limits = criteria.at(plan, day, outlets=set(windows["outlet"])).frame.filter(
        pl.col("period") == "day", pl.col("upper").is_not_null(), pl.col("start") <= at, pl.col("end") > at
    )
    strictest = limits.sort("upper").unique(["outlet", "factor", "measure"], keep="first", maintain_order=True)
    hours = windows.filter(pl.col("period") == "hour", pl.col("valid") & ~pl.col("exempt"))
    on_day = hours.filter(pl.col("data_time").dt.convert_time_zone("Asia/Shanghai").dt.date() == day)
    known = parameters.at(day)
    masses = [code for code in windows["factor"].unique() if known.role(code) == POLLUTANT]
    chosen = strictest.select("outlet", "factor", "measure", "upper")
    level = pl.when(pl.col("measure").str.starts_with("Zs")).then("converted").otherwise("value")
    return (
        on_day.join(chosen, on=["outlet", "factor"])
        .with_columns(level=level, mass=pl.col("factor").is_in(masses))
        .filter(pl.col("level").is_not_null())
        .sort(*SERIES, "data_time")
    )
