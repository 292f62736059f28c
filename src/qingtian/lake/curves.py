"""Long curves of one factor: every record of a stretch once, as it arrived last, and brought down honestly if too many.

What is brought down keeps the smallest, the largest and the mean value of each stretch, and how many records it stands
for; so nothing that stuck out is lost, and a page can say what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from qingtian.lake import files
from qingtian.lake.reader import Lake

STRETCHES = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
"""Lengths in seconds that people can read; the last is about a month."""
EIGHT_HOURS = "8h"
VALID = "N"


@dataclass(frozen=True, kw_only=True)
class Curve:
    """``points``: ``measure``, ``data_time``, ``value`` (mean), ``low``, ``high``, ``count``, by measure and time.

    ``every_s``: the stretch that a point stands for in seconds, None where each point is one record; ``records`` how
    many there were. ``flags``: ``flag``, ``first``, ``last`` of the stretches whose data flag is not N.
    """

    points: pl.DataFrame
    flags: pl.DataFrame
    every_s: int | None
    records: int


def curve(
    lake: Lake,
    *,
    mns: Sequence[str],
    factor: str,
    cn: int,
    measures: Sequence[str],
    start: datetime,
    end: datetime,
    most: int,
    to: int,
) -> Curve:
    """Return the records of a factor with DataTime in ``[start, end)``; more than ``most`` a measure are brought down.

    :raises LakeUnreachable: if the storage does not answer.
    """
    chosen = files.between(lake.reading_files.known(), start, end)
    rows = lake.reading_files.scan(chosen).filter(
        pl.col("mn").is_in(list(mns)),
        pl.col("data_time") >= start,
        pl.col("data_time") < end,
        pl.col("factor") == factor,
        pl.col("cn") == cn,
        pl.col("measure").is_in(list(measures)),
    )
    found = rows.select("mn", "measure", "data_time", "value", "flag", "sequence", "index").collect()
    last = found.sort("sequence", "index").unique(["mn", "measure", "data_time"], keep="last")
    last = last.sort("measure", "data_time")
    points, every = thinned(last.select("measure", "data_time", "value"), start=start, end=end, most=most, to=to)
    return Curve(points=points, flags=flagged(last), every_s=every, records=len(last))


def thinned(
    rows: pl.DataFrame, *, start: datetime, end: datetime, most: int, to: int
) -> tuple[pl.DataFrame, int | None]:
    """Return ``rows`` (``measure``, ``data_time``, ``value``) as points, and how many seconds a point stands for.

    Up to ``most`` rows a measure stay as they are (None seconds); more are brought down to about ``to`` points.
    """
    largest = max(rows.group_by("measure").len()["len"].to_list(), default=0)
    value = pl.col("value")
    if largest <= most:
        return rows.with_columns(low=value, high=value, count=pl.lit(1, pl.UInt32)), None
    every = _stretch(end - start, to)
    at = pl.col("data_time").dt.offset_by(EIGHT_HOURS).dt.truncate(f"{every}s").dt.offset_by("-" + EIGHT_HOURS)
    known = rows.filter(value.is_not_null()).with_columns(data_time=at)
    points = known.group_by("measure", "data_time").agg(
        value.mean(), value.min().alias("low"), value.max().alias("high"), pl.len().alias("count")
    )
    return points.sort("measure", "data_time"), every


def flagged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches of neighbouring records with the same data flag other than N."""
    first = rows.unique("data_time", keep="first").sort("data_time")
    runs = first.with_columns(run=pl.col("flag").fill_null(VALID).rle_id()).group_by("run", maintain_order=True)
    told = runs.agg(
        pl.col("flag").first().fill_null(VALID),
        pl.col("data_time").min().alias("first"),
        pl.col("data_time").max().alias("last"),
    )
    return told.filter(pl.col("flag") != VALID).select("flag", "first", "last")


def _stretch(span: timedelta, points: int) -> int:
    least = span.total_seconds() / points
    return next((length for length in STRETCHES if length >= least), STRETCHES[-1])
