"""Which records of a period arrived: the DataTimes of minute, hour and day messages by device. For finding gaps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl

from qingtian.lake import files
from qingtian.lake.reader import Lake


def record_times(
    lake: Lake, *, cns: Sequence[int], start: datetime, end: datetime, mns: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the DataTimes in ``[start, end)`` of the packets of these commands, each once, sorted.

    Columns: ``mn``, ``cn`` (int16), ``data_time`` (µs, UTC). ``mns`` keeps to these devices.

    :raises LakeUnreachable: if the storage does not answer.
    """
    chosen = files.between(lake.packet_files.known(), start, end)
    wanted = (pl.col("cn").is_in(list(cns))) & (pl.col("data_time") >= start) & (pl.col("data_time") < end)
    if mns is not None:
        wanted &= pl.col("mn").is_in(list(mns))
    rows = lake.packet_files.scan(chosen).filter(wanted)
    return rows.select("mn", "cn", "data_time").unique().sort("mn", "cn", "data_time").collect()
