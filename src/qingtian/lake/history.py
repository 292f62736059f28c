"""All readings of a stretch of measured time, for programs that go through history: Arrow, texts as dictionaries.

A reading of a day may have arrived on any later day: every file whose statistics leave room for it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.fs

from qingtian.lake import files
from qingtian.lake.files import TableFiles
from qingtian.lake.tables import READINGS, is_local, location

TEXTS = ("mn", "factor", "measure", "flag")
PERIOD_DATA = (2051, 2061, 2031)
"""The commands whose data windows are made of: minutes, hours, days."""


def open_readings(lake_url: str) -> TableFiles:
    """Return the files of ``readings``, for `readings_between`; keep it, it remembers their list."""
    return TableFiles(lake_url=lake_url, spec=READINGS)


def readings_between(
    known: TableFiles,
    start: datetime,
    end: datetime,
    *,
    mns: Sequence[str] | None = None,
    cns: Sequence[int] = PERIOD_DATA,
) -> pa.Table:
    """Return every reading with DataTime in ``[start, end)`` (of these devices), versions and resends included.

    Columns of the lake's ``readings`` without ``day``; the texts are dictionary columns. In no particular order.

    :raises LakeUnreachable: if the storage does not answer.
    """
    chosen = files.between(known.known(), start, end)
    if mns is not None:
        chosen = _of_devices(chosen, mns)
    if chosen.is_empty():
        return READINGS.stored.empty_table()
    first, last = (pa.scalar(at.astimezone(UTC), pa.timestamp("us", "UTC")) for at in (start, end))
    wanted = (pc.field("data_time") >= first) & (pc.field("data_time") < last) & pc.field("cn").isin(list(cns))
    table = _dataset(known, chosen).to_table(filter=wanted)
    return table if mns is None else table.filter(pc.is_in(table["mn"].cast(pa.string()), pa.array(list(mns))))


def _of_devices(chosen: pl.DataFrame, mns: Sequence[str]) -> pl.DataFrame:
    """Keep the files that may hold one of the devices."""
    if chosen.is_empty() or not mns:
        return chosen.clear()
    parts = [files.of_device(chosen, mn) for mn in mns]
    return pl.concat(parts).unique("path", maintain_order=True)


def _dataset(known: TableFiles, chosen: pl.DataFrame) -> ds.Dataset:
    root = location(known.lake_url, READINGS)
    system = None
    if not is_local(known.lake_url):
        system, root = pyarrow.fs.FileSystem.from_uri(root)
    text = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([field.with_type(text) if field.name in TEXTS else field for field in READINGS.stored])
    form = ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(dictionary_columns=set(TEXTS)))
    paths = [f"{root}/{path}" for path in chosen["path"].to_list()]
    return ds.dataset(paths, schema=schema, format=form, filesystem=system)
