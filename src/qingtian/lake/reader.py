"""What pages ask of the lake: a device's readings for a chart, its latest packets, one packet, how much there is.

Works from the first second on: while nobody has written, the answers are empty frames with the right columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from qingtian.lake import files
from qingtian.lake.files import TableFiles
from qingtian.lake.tables import PACKETS, READINGS

SERIES = ["factor", "cn", "measure"]


@dataclass(frozen=True, kw_only=True)
class Lake:
    """A reader of one lake. Keep it: it remembers the list of files between calls. Safe for several threads."""

    packet_files: TableFiles
    reading_files: TableFiles

    def readings(
        self,
        *,
        mn: str,
        start: datetime,
        end: datetime,
        factors: Sequence[str] | None = None,
        cns: Sequence[int] | None = None,
        measures: Sequence[str] | None = None,
        points: int | None = None,
    ) -> pl.DataFrame:
        """Return the readings of a device with DataTime in ``[start, end)``, by series and time.

        Columns: ``factor``, ``cn``, ``measure``, ``data_time``, ``value``, ``low``, ``high``, ``count``, ``flag``. With
        ``points`` each series is brought down to about that many rows: mean, smallest and largest value of each
        stretch, and its most telling flag (a mark before ``N``). Without, each row is one reading.

        :raises LakeUnreachable: if the storage does not answer.
        """
        chosen = files.of_device(files.between(self.reading_files.known(), start, end), mn)
        rows = self.reading_files.scan(chosen).filter(
            pl.col("mn") == mn, pl.col("data_time") >= start, pl.col("data_time") < end
        )
        for column, wanted in (("factor", factors), ("cn", cns), ("measure", measures)):
            if wanted is not None:
                rows = rows.filter(pl.col(column).is_in(list(wanted)))
        rows = rows.select(*SERIES, "data_time", "value", "flag")
        thinned = _as_they_are(rows) if points is None else _stretches(rows, (end - start) / max(points, 1))
        return thinned.sort(*SERIES, "data_time").collect()

    def latest_packets(self, mn: str, n: int = 20, *, within_days: int = 30) -> pl.DataFrame:
        """Return the last ``n`` packets of a device, newest first, raw segment included.

        :raises LakeUnreachable: if the storage does not answer.
        """
        table, found = self.packet_files, pl.DataFrame(schema=files.polars_schema(PACKETS))
        chosen = files.of_device(table.known(), mn)
        days = sorted(chosen[files.DAY].unique().to_list(), reverse=True) if len(chosen) else []
        for day in [day for day in days if day > days[0] - timedelta(days=within_days)]:
            rows = table.scan(chosen.filter(pl.col(files.DAY) == day)).filter(pl.col("mn") == mn)
            part = rows.sort("sequence", "index", descending=True).head(n - len(found)).collect()
            found = pl.concat([found, part.select(found.columns)]) if len(part) else found
            if len(found) >= n:
                break
        return found

    def packet(self, sequence: int, index: int) -> dict[str, object] | None:
        """Return the packet that a finding names as evidence, as a dictionary of the columns, or None.

        :raises LakeUnreachable: if the storage does not answer.
        """
        chosen = files.with_sequence(self.packet_files.known(), sequence)
        place = (pl.col("sequence") == sequence) & (pl.col("index") == index)
        found = self.packet_files.scan(chosen).filter(place).collect()
        return found.row(0, named=True) if len(found) else None

    def counts(self, *, since: date | None = None) -> dict[str, int]:
        """Return how many ``packets`` and ``readings`` there are (arrived on or after ``since``); reads no data file.

        :raises LakeUnreachable: if the storage does not answer.
        """
        return {
            table.spec.name: _rows(files.arrived_from(table.known(), since) if since else table.known())
            for table in (self.packet_files, self.reading_files)
        }


def open_lake(lake_url: str) -> Lake:
    """Return a reader of the lake in that folder or object store; nothing is read yet."""
    return Lake(
        packet_files=TableFiles(lake_url=lake_url, spec=PACKETS),
        reading_files=TableFiles(lake_url=lake_url, spec=READINGS),
    )


def _rows(known: pl.DataFrame) -> int:
    return int(known["num_records"].sum()) if len(known) else 0


def _as_they_are(rows: pl.LazyFrame) -> pl.LazyFrame:
    value = pl.col("value")
    return rows.select(
        *SERIES, "data_time", value, value.alias("low"), value.alias("high"), pl.lit(1).alias("count"), "flag"
    )


def _stretches(rows: pl.LazyFrame, length: timedelta) -> pl.LazyFrame:
    every = max(int(length.total_seconds()), 1)
    stretch = pl.col("data_time").dt.truncate(f"{every}s").alias("stretch")
    value, flag = pl.col("value"), pl.col("flag")
    return (
        rows.group_by(*SERIES, stretch)
        .agg(
            pl.col("data_time").min(),
            value.mean(),
            value.min().alias("low"),
            value.max().alias("high"),
            pl.len().cast(pl.Int32).alias("count"),
            flag.filter(flag != "N").first().fill_null(flag.first()).alias("flag"),
        )
        .drop("stretch")
    )
