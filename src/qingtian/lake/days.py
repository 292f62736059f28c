"""Readings and packets of some devices by day of arrival, row group by row group: for programs that read all history.

A merged day is sorted by device, so whoever asks for devices that stand together in that order reads only their row
groups. Rows of other devices that stand between theirs come along: the reader looks devices up anyway.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs
import pyarrow.parquet as pq

from qingtian.base import times
from qingtian.lake import files
from qingtian.lake.columns import Texts
from qingtian.lake.files import DAY, TableFiles
from qingtian.lake.tables import PACKETS, READINGS, LakeUnreachable, TableSpec, is_local, location

READING_COLUMNS = ("mn", "factor", "cn", "measure", "value", "flag", "data_time", "received", "sequence", "index")
PACKET_COLUMNS = ("mn", "qn", "cn", "data_time", "received", "plan", "sequence", "index")
TEXTS = ("mn", "factor", "measure", "flag")

KEPT_DAYS = 2
"""Days of readings kept in memory: what arrived on a day is also the late data of the day before."""


class DayReader:
    """Reads for the devices ``mns``. Keeps the list of files and the last `KEPT_DAYS` days of readings."""

    def __init__(self, lake_url: str, *, mns: Sequence[str]) -> None:
        self._mns = sorted(mns)
        self._is_ours = frozenset(mns).__contains__
        self._readings = files.followed(lake_url, READINGS)
        self._packets = files.followed(lake_url, PACKETS)
        self._kept: OrderedDict[date, pa.Table] = OrderedDict()

    def arrived(self, day: date) -> pa.Table:
        """Return the readings that arrived on a Beijing day (`READING_COLUMNS`; texts are dictionaries).

        :raises LakeUnreachable: if the storage does not answer.
        """
        if day not in self._kept:
            chosen = _of_day(self._readings.known(), day)
            self._kept[day] = self._read(self._readings, chosen, READING_COLUMNS)
            while len(self._kept) > KEPT_DAYS:
                self._kept.popitem(last=False)
        return self._kept[day]

    def packets(self, day: date) -> pa.Table:
        """Return the packets that arrived on a Beijing day (`PACKET_COLUMNS`).

        :raises LakeUnreachable: if the storage does not answer.
        """
        return self._read(self._packets, _of_day(self._packets.known(), day), PACKET_COLUMNS)

    def measured(self, day: date) -> pa.Table:
        """Return all readings with DataTime on a Beijing day, however late they arrived; some of other days among them.

        :raises LakeUnreachable: if the storage does not answer.
        """
        start = datetime(day.year, day.month, day.day, tzinfo=times.BEIJING)
        end = start + timedelta(days=1)
        chosen = files.between(self._readings.known(), start, end)
        later = sorted(each for each in chosen[DAY].unique().to_list() if each > day) if len(chosen) else []
        late = [self._late(chosen, each, end, next_day=each == day + timedelta(days=1)) for each in later]
        return pa.concat_tables([self.arrived(day), *late])

    def _late(self, chosen: pl.DataFrame, day: date, end: datetime, *, next_day: bool) -> pa.Table:
        """Return what arrived on ``day`` and was measured before ``end``."""
        if next_day:
            table = self.arrived(day)
        else:
            table = self._read(self._readings, _of_day(chosen, day), READING_COLUMNS, before=end)
        return table.filter(pc.less(table["data_time"], pa.scalar(end, pa.timestamp("us", "UTC"))))

    def _read(
        self, known: TableFiles, chosen: pl.DataFrame, columns: Sequence[str], *, before: datetime | None = None
    ) -> pa.Table:
        paths = chosen["path"].to_list() if len(chosen) else []
        try:
            tables = [table for path in paths for table in self._of_file(known, path, columns, before)]
        except (OSError, pa.ArrowException) as error:
            raise LakeUnreachable(url=known.lake_url, why=str(error)) from error
        return pa.concat_tables(tables) if tables else _empty(known.spec, columns)

    def _of_file(
        self, known: TableFiles, path: str, columns: Sequence[str], before: datetime | None
    ) -> Iterator[pa.Table]:
        with _opened(known, path) as file:
            groups = [number for number, edges in enumerate(_edges(file)) if self._may_hold(edges, before)]
            if groups:
                table = file.read_row_groups(groups, columns=list(columns), use_threads=False).select(list(columns))
                yield from self._ours(table)

    def _ours(self, table: pa.Table) -> Iterator[pa.Table]:
        """Yield the stretches of rows that begin and end with a device of ours: edges of row groups are neighbours'."""
        for batch in table.to_batches():
            mn = Texts.of(batch["mn"])
            rows = np.flatnonzero(mn.table(self._is_ours, np.bool_)[mn.places])
            if len(rows):
                ours = batch.slice(rows[0], rows[-1] + 1 - rows[0])
                # names alone, for files differ in which columns they say to be without nulls
                yield pa.Table.from_arrays(ours.columns, names=ours.schema.names)

    def _may_hold(self, edges: dict[str, pq.Statistics], before: datetime | None) -> bool:
        if "mn" in edges:
            place = bisect_left(self._mns, edges["mn"].min)
            if place == len(self._mns) or self._mns[place] > edges["mn"].max:
                return False
        return before is None or "data_time" not in edges or bool(edges["data_time"].min < before)


def latest_arrival(known: TableFiles) -> int | None:
    """Return when the last rows of a table arrived (µs, rounded up to the millisecond), None if it has none.

    :raises LakeUnreachable: if the storage does not answer.
    """
    found = known.known()
    if found.is_empty() or "max.received" not in found.columns or found["max.received"].null_count() == len(found):
        return None
    return int(found["max.received"].dt.epoch("us").max())  # type: ignore[arg-type]


def plans_named(known: TableFiles, *, first: date, last: date) -> list[int]:
    """Return the plans under which the packets of these Beijing days of arrival (included) were accepted.

    :raises LakeUnreachable: if the storage does not answer.
    """
    found = known.known()
    chosen = found if found.is_empty() else found.filter(pl.col(DAY).is_between(first, last))
    numbers = known.scan(chosen).select(pl.col("plan").unique()).collect()["plan"]
    return sorted(number for number in numbers.to_list() if number)


def _edges(file: pq.ParquetFile) -> Iterator[dict[str, pq.Statistics]]:
    """Yield of each row group the least and greatest device and DataTime, as far as the file tells them."""
    places = [(name, place) for place, name in enumerate(file.schema.names) if name in ("mn", "data_time")]
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        told = ((name, group.column(place).statistics) for name, place in places)
        yield {name: found for name, found in told if found and found.has_min_max}


def _of_day(known: pl.DataFrame, day: date) -> pl.DataFrame:
    return known if known.is_empty() else known.filter(pl.col(DAY) == day)


def _opened(known: TableFiles, path: str) -> pq.ParquetFile:
    root = location(known.lake_url, known.spec)
    texts = [name for name in TEXTS if name in known.spec.schema.names]
    if is_local(known.lake_url):
        return pq.ParquetFile(f"{root}/{path}", read_dictionary=texts, memory_map=True, pre_buffer=True)
    system, inner = pyarrow.fs.FileSystem.from_uri(f"{root}/{path}")
    return pq.ParquetFile(system.open_input_file(inner), read_dictionary=texts)


def _empty(spec: TableSpec, columns: Sequence[str]) -> Any:
    text = pa.dictionary(pa.int32(), pa.string())
    fields = [spec.stored.field(name) for name in columns]
    return pa.schema([field.with_type(text) if field.name in TEXTS else field for field in fields]).empty_table()
