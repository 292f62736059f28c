"""What arrived behind a place of the log: which devices and days were touched, and when the last of it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from qingtian.lake import files
from qingtian.lake.files import TableFiles
from qingtian.lake.history import PERIOD_DATA
from qingtian.lake.tables import LakeUnreachable

BEIJING = "Asia/Shanghai"
FOR_EVER = (1 << 63) - 1


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """``touched``: one row a device, command and Beijing day of DataTime: ``mn``, ``cn``, ``day``, ``first``, ``last``
    (DataTimes, µs). ``position``: the last log sequence it holds; ``latest``: the latest arrival of all, µs, or None.
    """

    touched: pl.DataFrame
    position: int
    latest: int | None


def arrived(known: TableFiles, *, behind: int, cns: Sequence[int] = PERIOD_DATA) -> Arrived:
    """Return what the table of readings holds of messages behind log sequence ``behind``.

    ``latest`` and ``position`` are of all readings, ``touched`` of these commands.

    :raises LakeUnreachable: if the storage does not answer.
    """
    rows = known.scan(files.within_sequences(known.known(), behind + 1, FOR_EVER)).filter(pl.col("sequence") > behind)
    day = pl.col("data_time").dt.convert_time_zone(BEIJING).dt.date().alias("day")
    at = pl.col("data_time").dt.epoch("us")
    grouped = rows.group_by("mn", "cn", day).agg(
        at.min().alias("first"),
        at.max().alias("last"),
        pl.col("sequence").max(),
        pl.col("received").dt.epoch("us").max(),
    )
    try:
        found = grouped.collect()
    except (OSError, pl.exceptions.ComputeError) as error:
        raise LakeUnreachable(url=known.lake_url, why=str(error)) from error
    touched = found.filter(pl.col("cn").is_in(list(cns)), pl.col("day").is_not_null())
    return Arrived(
        touched=touched.select("mn", "cn", "day", "first", "last").sort("day", "mn", "cn"),
        position=max(behind, int(found["sequence"].max() or 0)) if len(found) else behind,  # type: ignore[arg-type]
        latest=int(found["received"].max()) if len(found) else None,  # type: ignore[arg-type]
    )
