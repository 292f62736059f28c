"""Packets as they were received, for evidence: of some devices, commands and a stretch of measured time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from qingtian.lake import files
from qingtian.lake.reader import Lake


def packets_between(
    lake: Lake, *, mns: Sequence[str], cns: Sequence[int], start: datetime, end: datetime, most: int
) -> pl.DataFrame:
    """Return the packets with DataTime in ``[start, end)``, whole rows, in the order of the log; the ``most`` newest.

    :raises LakeUnreachable: if the storage does not answer.
    """
    chosen = files.between(lake.packet_files.known(), start, end)
    wanted = pl.col("mn").is_in(list(mns)) & pl.col("cn").is_in(list(cns))
    wanted &= (pl.col("data_time") >= start) & (pl.col("data_time") < end)
    rows = lake.packet_files.scan(chosen).filter(wanted).sort("sequence", "index", descending=True).head(most)
    return rows.collect().reverse()
