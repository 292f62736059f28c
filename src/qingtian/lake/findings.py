"""What is asked of the lake's ``findings``: the last event of each finding of closed periods, or events by turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from qingtian.lake import files
from qingtian.lake.files import DAY, TableFiles
from qingtian.lake.tables import FINDINGS


def open_findings(lake_url: str) -> TableFiles:
    """Return the files of ``findings``, for the functions here; keep it. Nothing is read yet."""
    return TableFiles(lake_url=lake_url, spec=FINDINGS)


def last_events(
    known: TableFiles,
    *,
    first: date,
    last: date,
    outlets: Sequence[str] | None = None,
    detectors: Sequence[str] | None = None,
    history: bool = False,
) -> pl.DataFrame:
    """Return the findings that begin on the Beijing days ``first`` to ``last`` (included), by time and name.

    Each once, as its last event left it; with ``history`` every event. Columns: those of the table, without ``day``.

    :raises LakeUnreachable: if the storage does not answer.
    """
    found = known.known()
    chosen = found if found.is_empty() else found.filter(pl.col(DAY).is_between(first, last))
    rows = known.scan(chosen)
    for column, wanted in (("outlet", outlets), ("detector", detectors)):
        if wanted is not None:
            rows = rows.filter(pl.col(column).is_in(list(wanted)))
    # an event that was offered twice is one event
    every = rows.collect().unique(["finding", "number"], keep="any").sort("data_time", "finding", "number")
    return every if history else every.unique("finding", keep="last", maintain_order=True)


def behind_turn(known: TableFiles, turn: int) -> pl.DataFrame:
    """Return the events written after a turn, in their order.

    :raises LakeUnreachable: if the storage does not answer.
    """
    rows = known.scan(known.known()).filter(pl.col("turn") > turn)
    return rows.select(files.polars_schema(FINDINGS).names()).collect().sort("turn", "finding", "number")
