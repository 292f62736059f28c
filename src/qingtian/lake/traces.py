"""The times that packets bear, by arrival: for who looks whether they can be. Not the packets themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import pyarrow as pa

from qingtian.lake.files import DAY, TableFiles
from qingtian.lake.tables import PACKETS

COLUMNS = ["mn", "qn", "data_time", "received", "sequence", "index"]
QN = "%Y%m%d%H%M%S%3f"


def open_packets(lake_url: str) -> TableFiles:
    """Return the files of ``packets``, for `between`; keep it, it remembers their list. Nothing is read yet."""
    return TableFiles(lake_url=lake_url, spec=PACKETS)


def between(known: TableFiles, *, first: date, last: date, mns: Sequence[str]) -> pl.DataFrame:
    """Return the times of the packets of these devices that arrived on the Beijing days ``first`` to ``last``; `told`.

    :raises LakeUnreachable: if the storage does not answer.
    """
    found = known.known()
    chosen = found if found.is_empty() else found.filter(pl.col(DAY).is_between(first, last))
    return told(known.scan(chosen).filter(pl.col("mn").is_in(list(mns))).select(COLUMNS).collect())


def told(packets: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Return ``mn`` and, in µs, ``qn``, ``data_time`` (0: unreadable), ``received``, by device in the log's order."""
    rows = packets if isinstance(packets, pl.DataFrame) else pl.DataFrame(pl.from_arrow(packets.select(COLUMNS)))
    ordered = rows.with_columns(pl.col("mn").cast(pl.String)).sort("mn", "sequence", "index")
    stamped = pl.col("qn").cast(pl.String).str.to_datetime(QN, time_unit="us", strict=False)
    return ordered.select(
        "mn",
        qn=stamped.dt.replace_time_zone("Asia/Shanghai").dt.epoch("us").fill_null(0),
        data_time=pl.col("data_time").dt.epoch("us").fill_null(0),
        received=pl.col("received").dt.epoch("us"),
    )
