"""Which data files of a table can hold an answer, by partition and by the statistics each file carries."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from qingtian.base import times
from qingtian.lake.tables import PARTITION, LakeUnreachable, TableSpec, location, open_table

DAY = "partition." + PARTITION


@dataclass(kw_only=True)
class TableFiles:
    """The files of one table, followed as it grows. Safe for several threads."""

    lake_url: str
    spec: TableSpec
    _table: DeltaTable | None = None
    _version: int = -1
    _known: pl.DataFrame = field(default_factory=pl.DataFrame)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self) -> pl.DataFrame:
        """Return one row a file: ``path``, ``num_records``, ``partition.day``, ``min.…`` and ``max.…``; may be empty.

        :raises LakeUnreachable: if the storage does not answer.
        """
        with self._lock:
            try:
                self._refresh()
            except (OSError, DeltaError) as error:
                self._table, self._version = None, -1
                raise LakeUnreachable(url=self.lake_url, why=str(error)) from error
            return self._known

    def _refresh(self) -> None:
        if self._table is None:
            self._table = open_table(self.lake_url, self.spec)
        else:
            self._table.update_incremental()
        if self._table is not None and self._table.version() != self._version:
            self._known = pl.DataFrame(self._table.get_add_actions(flatten=True))
            self._version = self._table.version()

    def scan(self, files: pl.DataFrame) -> pl.LazyFrame:
        """Read the chosen files lazily; no files give an empty frame with the same columns."""
        if files.is_empty():
            return pl.DataFrame(schema=polars_schema(self.spec)).lazy()
        return scan_files(self.lake_url, self.spec, files["path"].to_list())


@lru_cache(maxsize=64)
def followed(lake_url: str, spec: TableSpec) -> TableFiles:
    """Return the files of a table, the same for all who ask in this process: a table takes 5 ms to open."""
    return TableFiles(lake_url=lake_url, spec=spec)


def scan_files(lake_url: str, spec: TableSpec, paths: Sequence[str]) -> pl.LazyFrame:
    """Read data files lazily; a column that the table got later is null in the files before."""
    root = location(lake_url, spec)
    return pl.scan_parquet(
        [f"{root}/{path}" for path in paths],
        schema=polars_schema(spec),
        missing_columns="insert",
        hive_partitioning=False,
        glob=False,
    )


def polars_schema(spec: TableSpec) -> pl.Schema:
    empty = pl.from_arrow(spec.stored.empty_table())
    assert isinstance(empty, pl.DataFrame)
    return empty.schema


def arrived_from(files: pl.DataFrame, day: date) -> pl.DataFrame:
    """Keep the files of partitions from ``day`` on."""
    return files if files.is_empty() else files.filter(pl.col(DAY) >= day)


def of_device(files: pl.DataFrame, mn: str) -> pl.DataFrame:
    """Drop the files whose smallest and largest MN leave ``mn`` out (compacted days are sorted by MN)."""
    if not {"min.mn", "max.mn"} <= set(files.columns):
        return files
    # a long text is cut in statistics, so only its beginning may decide
    inside = (pl.col("min.mn") <= mn) & (pl.col("max.mn").str.pad_end(64, "\U0010ffff") >= mn)
    return files.filter(inside | pl.col("min.mn").is_null() | pl.col("max.mn").is_null())


def between(files: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Keep the files of packets and readings whose DataTime may lie in ``[start, end)``."""
    files = arrived_from(files, start.astimezone(times.BEIJING).date())
    if not {"min.data_time", "max.data_time"} <= set(files.columns):
        return files
    low, high = pl.col("min.data_time"), pl.col("max.data_time")
    first, last = pl.lit(start.astimezone(UTC)), pl.lit(end.astimezone(UTC))
    return files.filter(((low < last) & (high >= first)) | low.is_null() | high.is_null())


def with_sequence(files: pl.DataFrame, sequence: int) -> pl.DataFrame:
    """Keep the files that may hold rows of one message of the log."""
    if not {"min.sequence", "max.sequence"} <= set(files.columns):
        return files
    low, high = pl.col("min.sequence"), pl.col("max.sequence")
    return files.filter(((low <= sequence) & (high >= sequence)) | low.is_null() | high.is_null())


def within_sequences(files: pl.DataFrame, first: int, before: int) -> pl.DataFrame:
    """Keep the files that may hold rows of messages in ``[first, before)`` of the log."""
    if not {"min.sequence", "max.sequence"} <= set(files.columns):
        return files
    low, high = pl.col("min.sequence"), pl.col("max.sequence")
    return files.filter(((low < before) & (high >= first)) | low.is_null() | high.is_null())
