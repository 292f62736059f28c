"""What is asked of the lake's ``periods``: the newest revision of the windows of some days, or all their revisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from qingtian.lake import files
from qingtian.lake.files import DAY, TableFiles
from qingtian.lake.tables import PERIODS

WINDOW = ["outlet", "mn", "factor", "period", "data_time"]
NAMED = [*WINDOW, "revision", "superseded"]


def open_windows(lake_url: str) -> TableFiles:
    """Return the files of ``periods``, for `windows`. Nothing is read yet."""
    return files.followed(lake_url, PERIODS)


def windows(
    known: TableFiles,
    *,
    first: date,
    last: date,
    outlets: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    history: bool = False,
) -> pl.DataFrame:
    """Return the windows that begin on the Beijing days from ``first`` to ``last`` (included), by name and revision.

    Without ``history`` each window once, as it was last made; a window that was taken back is left out. ``columns``:
    what is wanted beside the window's name and its revision.

    :raises LakeUnreachable: if the storage does not answer.
    """
    found = known.known()
    chosen = found if found.is_empty() else found.filter(pl.col(DAY).is_between(first, last))
    rows = known.scan(chosen)
    for column, wanted in (("outlet", outlets), ("period", periods), ("factor", factors)):
        if wanted is not None:
            rows = rows.filter(pl.col(column).is_in(list(wanted)))
    # a row that was offered twice is one row
    names = files.polars_schema(PERIODS).names() if columns is None else [*NAMED, *columns]
    every = rows.select(names).collect().unique([*WINDOW, "revision"], keep="any")
    every = every.sort(*WINDOW, "revision")
    if history:
        return every
    return every.unique(WINDOW, keep="last", maintain_order=True).filter(~pl.col("superseded"))


OF_A_SERIES = [
    *("outlet", "mn", "factor", "period", "data_time"),
    *("own", "reported", "converted", "covered", "high", "reason", "excluded", "received"),
]
"""What of an hour a series needs."""

OF_DAYS = [*OF_A_SERIES, "low", "n", "due", "valid"]
"""What of a day."""


def of_devices(known: TableFiles, *, first: date, last: date, mns: Sequence[str], period: str = "hour") -> pl.DataFrame:
    """Return the hours, or days, of these devices that begin on the Beijing days ``first`` to ``last``, as last made.

    Columns: `OF_A_SERIES`, of days `OF_DAYS`.

    :raises LakeUnreachable: if the storage does not answer.
    """
    found = known.known()
    chosen = found if found.is_empty() else found.filter(pl.col(DAY).is_between(first, last))
    rows = known.scan(chosen).filter(pl.col("mn").is_in(list(mns)), pl.col("period") == period)
    wanted = OF_DAYS if period == "day" else OF_A_SERIES
    every = rows.select(*wanted, "revision", "superseded").collect().sort(*WINDOW, "revision")
    newest = every.unique(WINDOW, keep="last", maintain_order=True)
    return newest.filter(~pl.col("superseded")).select(wanted)


def first_hours(known: TableFiles, *, mns: Sequence[str]) -> dict[str, int]:
    """Return the start (µs) of the first hour of each of these devices that has any, by MN.

    :raises LakeUnreachable: if the storage does not answer.
    """
    rows = known.scan(known.known()).filter(pl.col("mn").is_in(list(mns)), pl.col("period") == "hour")
    found = rows.group_by("mn").agg(pl.col("data_time").min().dt.epoch("us")).collect()
    return dict(found.sort("mn").iter_rows())
