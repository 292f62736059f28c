"""The packets of some devices in the order of the log, from a place on: what a relay reads once the log was cut."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qingtian.lake import files
from qingtian.lake.files import TableFiles
from qingtian.lake.tables import PACKETS, LakeUnreachable

FRAME = pl.coalesce("plain", "segment").alias("frame")
"""How a packet is to be read: repaired if it deviated, else as it came."""


class Passage:
    """A reader of one lake, kept: it remembers the list of files between calls."""

    def __init__(self, lake_url: str) -> None:
        self._files = TableFiles(lake_url=lake_url, spec=PACKETS)

    def packets(self, *, sequence: int, index: int, before: int, mns: Sequence[str], limit: int) -> pl.DataFrame:
        """Return at most ``limit`` packets behind the place (``sequence``, ``index``), of messages before ``before``.

        Columns: ``sequence``, ``index``, ``mn``, ``received``, ``frame`` (as it is to be read), sorted by place.

        :raises LakeUnreachable: if the storage does not answer.
        """
        known = files.within_sequences(self._files.known(), sequence, before)
        place, number = pl.col("sequence"), pl.col("index")
        rows = self._files.scan(known).filter(
            place < before, (place > sequence) | ((place == sequence) & (number > index)), pl.col("mn").is_in(list(mns))
        )
        try:
            return (
                rows.select("sequence", "index", "mn", "received", FRAME)
                .sort("sequence", "index")
                .head(limit)
                .collect()
            )
        except (OSError, pl.exceptions.ComputeError) as error:
            raise LakeUnreachable(url=self._files.lake_url, why=str(error)) from error
