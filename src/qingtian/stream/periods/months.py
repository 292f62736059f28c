"""The month of each series, from its hours and days; what is missing from it is not filled here (`totals`)."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from qingtian.stream.periods import parameters
from qingtian.stream.periods.parameters import MEDIAN, POLLUTANT, Parameters
from qingtian.stream.periods.table import SCHEMA, as_frame

SERIES = ["outlet", "mn", "factor", "medium"]
HOURS_OF_A_DAY = 24


def month_of(windows: pl.DataFrame, *, first: date) -> pl.DataFrame:
    """Return the month that begins on ``first`` for each series, as windows (`table.SCHEMA`).

    ``windows`` holds its hours and days; others are left out. Hours of days that are not there count as due.
    """
    known = parameters.at(first)
    local = windows.with_columns(day=pl.col("data_time").dt.convert_time_zone("Asia/Shanghai").dt.date())
    last = _next(first) - timedelta(days=1)
    inside = local.filter(pl.col("day").is_between(first, last))
    hours, days = inside.filter(period="hour"), inside.filter(period="day")
    length = (last - first).days + 1
    counted = days.group_by(SERIES, maintain_order=True).agg(
        due=pl.col("due").sum() + HOURS_OF_A_DAY * (length - pl.len()),
        n=pl.col("n").sum(),
        corrected=pl.col("corrected").any(),
        plan=pl.col("plan").max(),
        received=pl.col("received").max(),
    )
    whole = counted.join(_means(hours, known), on=SERIES, how="left", maintain_order="left")
    return _as_windows(whole, first, known)


def _next(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def _means(hours: pl.DataFrame, known: Parameters) -> pl.DataFrame:
    judged = hours.filter(pl.col("valid") & ~pl.col("exempt")).sort(*SERIES, "data_time")
    value, volume = pl.col("value"), pl.col("volume")
    loads = (value * volume).sum()
    by_flow = volume.is_not_null().all() & (volume.sum() > 0)
    judged = judged.with_columns(
        role=pl.col("factor").replace_strict(_roles(judged, known), return_dtype=pl.Int32, default=None),
        weighs=pl.col("medium").is_in([one for one in ("water", "gas") if known.means[one, "month"].weighted]),
    )
    asked = pl.col("weighs").first() & (pl.col("role").first() == POLLUTANT) & by_flow
    mean = pl.when(asked).then(loads / volume.sum()).otherwise(value.mean())
    means = judged.group_by(SERIES, maintain_order=True).agg(
        own=pl.when(pl.col("role").first() == MEDIAN).then(value.median()).otherwise(mean).round(9),
        weighted=asked,
        converted=pl.col("converted").mean().round(9),
        low=pl.col("low").min(),
        high=pl.col("high").max(),
        reference_oxygen=pl.col("reference_oxygen").first(),
    )
    sums = hours.sort(*SERIES, "data_time").group_by(SERIES, maintain_order=True)
    totals = sums.agg(
        volume=pl.when(volume.count() > 0).then(volume.sum()).round(9),
        amount=pl.when(pl.col("amount").count() > 0).then(pl.col("amount").sum()).round(9),
    )
    return totals.join(means, on=SERIES, how="left", maintain_order="left")


def _roles(hours: pl.DataFrame, known: Parameters) -> dict[str, int]:
    return {code: known.role(code) for code in hours["factor"].unique().sort()}


def _as_windows(whole: pl.DataFrame, first: date, known: Parameters) -> pl.DataFrame:
    share = {medium: known.means[medium, "month"].min_share for medium in ("water", "gas")}
    needed = (pl.col("due") * pl.col("medium").replace_strict(share, return_dtype=pl.Float64) - 1e-9).ceil()
    start = pl.lit(first).cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    end = pl.lit(_next(first)).cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    told = whole.with_columns(needed=pl.max_horizontal(needed, pl.lit(1.0)), data_time=start, period_end=end)
    judged = told.with_columns(valid=(pl.col("n") >= pl.col("needed")) & pl.col("own").is_not_null())
    texts = {"period": pl.lit("month"), "excluded": pl.lit("")}
    filled = judged.with_columns(
        **texts,
        reason=pl.when("valid").then(pl.lit("")).otherwise(pl.lit("hours")),
        value=pl.when("valid").then("own"),
        converted=pl.when("valid").then("converted"),
        weighted=pl.col("weighted").fill_null(value=False),
    )
    empty = as_frame([]).schema
    nothing = {"n": 0, "covered": 0, "due": 0, "needed": 0, "exempt": False}
    missing = [name for name in SCHEMA.names if name not in filled.columns]
    complete = filled.with_columns(**{name: pl.lit(nothing.get(name), empty[name]) for name in missing})
    return complete.select(pl.col(name).cast(empty[name]) for name in SCHEMA.names).sort(*SERIES[:3])
