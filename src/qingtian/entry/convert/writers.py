"""The files a conversion writes: JSON lines, CSV, Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import BinaryIO, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from qingtian.entry.convert.rows import COLUMNS, Row, line, rows
from qingtian.entry.convert.sources import Found

BATCH = 20_000
"""Rows of a Parquet row group."""

_TYPES = {"offset": pa.int64(), "ok": pa.bool_(), "value": pa.float64()}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])


class Writer(Protocol):
    """Takes packets; ``close`` writes what is left, and leaves the file open."""

    def write(self, found: Found) -> None: ...
    def close(self) -> None: ...


class JsonLines:
    """One object a packet."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, found: Found) -> None:
        self._file.write(orjson.dumps(line(found), option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        self._file.flush()


class Csv:
    """One row a value, UTF-8 with a mark that spreadsheets know it by."""

    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        self._csv = csv.writer(self._text)
        self._csv.writerow(COLUMNS)

    def write(self, found: Found) -> None:
        self._csv.writerows(rows(found))

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


class Parquet:
    """One row a value."""

    def __init__(self, file: BinaryIO) -> None:
        self._writer = pq.ParquetWriter(file, SCHEMA, compression="zstd")
        self._rows: list[Row] = []

    def write(self, found: Found) -> None:
        self._rows.extend(rows(found))
        if len(self._rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))
            self._rows.clear()


FORMATS: dict[str, Callable[[BinaryIO], Writer]] = {"jsonl": JsonLines, "csv": Csv, "parquet": Parquet}
