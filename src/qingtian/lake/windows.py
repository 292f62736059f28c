"""What is asked of the lake's ``periods``: the newest revision of the windows of some days, or all their revisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from qingtian.lake import files
from qingtian.lake.files import DAY, TableFiles
from qingtian.lake.tables import PERIODS

WINDOW = ["outlet", "mn", "factor", "period", "data_time"]


def open_windows(lake_url: str) -> TableFiles:
    """Return the files of ``periods``, for `windows`; keep it, it remembers their list. Nothing is read yet."""
    return TableFiles(lake_url=lake_url, spec=PERIODS)


def windows(
    known: TableFiles,
    *,
    first: date,
    last: date,
    outlets: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    history: bool = False,
) -> pl.DataFrame:
    """Return the windows that begin on the Beijing days from ``first`` to ``last`` (included), by name and revision.

    Without ``history`` each window once, as it was last made; a window that was taken back is left out.

    :raises LakeUnreachable: if the storage does not answer.
    """
    found = known.known()
    chosen = found if found.is_empty() else found.filter(pl.col(DAY).is_between(first, last))
    rows = known.scan(chosen)
    for column, wanted in (("outlet", outlets), ("period", periods)):
        if wanted is not None:
            rows = rows.filter(pl.col(column).is_in(list(wanted)))
    # a row that was offered twice is one row
    every = rows.select(files.polars_schema(PERIODS).names()).collect().unique([*WINDOW, "revision"], keep="any")
    every = every.sort(*WINDOW, "revision")
    if history:
        return every
    return every.unique(WINDOW, keep="last", maintain_order=True).filter(~pl.col("superseded"))
