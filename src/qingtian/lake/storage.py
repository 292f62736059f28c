"""One data file of the lake: written, flushed, and described as the Delta log wants it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.transaction import AddAction, RemoveAction

from qingtian.lake.tables import PARTITION, TableSpec, is_local, location


def store(lake_url: str, spec: TableSpec, day: date, rows: pa.Table, *, name: str, new_data: bool) -> AddAction:
    """Write the rows of one day as one file and return the action that makes it part of the table.

    ``new_data`` is False where the rows were in the table before (a compaction).

    :raises OSError: if the storage refuses.
    """
    path = f"{PARTITION}={day.isoformat()}/{name}.parquet"
    return AddAction(
        path=path,
        size=_write(lake_url, spec, path, rows.select(spec.stored.names)),
        partition_values={PARTITION: day.isoformat()},
        modification_time=int(time.time() * 1000),
        data_change=new_data,
        stats=_stats(spec, rows),
    )


def commit(
    lake_url: str,
    spec: TableSpec,
    table: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    *,
    transactions: Sequence[Transaction] = (),
) -> None:
    """Make the actions part of the table, all or none, and bring ``table`` up to date.

    The commit is flushed: delta-rs leaves it to the page cache, and a power cut must not take it.

    :raises deltalake.exceptions.CommitFailedError: if somebody else removed the same files first.
    """
    before = table.version()
    table.create_write_transaction(
        list(actions),
        mode="append",
        schema=spec.schema,
        partition_by=[PARTITION],
        commit_properties=CommitProperties(app_transactions=list(transactions) or None),
    )
    table.update_incremental()
    if is_local(lake_url):
        log = Path(location(lake_url, spec)) / "_delta_log"
        for version in range(before + 1, table.version() + 1):
            _flush_file(log / f"{version:020d}.json")
        _flush_folder(log)


def _write(lake_url: str, spec: TableSpec, path: str, rows: pa.Table) -> int:
    target = f"{location(lake_url, spec)}/{path}"
    if is_local(lake_url):
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        with open(target, "wb") as file:
            _write_parquet(spec, rows, file)
            file.flush()
            os.fsync(file.fileno())
        _flush_folder(Path(target).parent)
        return os.path.getsize(target)
    filesystem, inner = pyarrow.fs.FileSystem.from_uri(target)
    with filesystem.open_output_stream(inner) as stream:
        _write_parquet(spec, rows, stream)
    return int(filesystem.get_file_info(inner).size)


def _write_parquet(spec: TableSpec, rows: pa.Table, file: object) -> None:
    pq.write_table(
        _as_full(rows),
        file,
        compression=spec.compression,
        compression_level=1 if spec.compression == "zstd" else None,
        use_dictionary=list(spec.encoded),
        column_encoding=dict.fromkeys(spec.rising, "DELTA_BINARY_PACKED") or None,
        write_statistics=spec.counted,
        row_group_size=spec.row_group,
        # without the Arrow schema every file reads back as plain text columns, compacted or not
        store_schema=False,
    )


def _as_full(rows: pa.Table) -> pa.Table:
    """Say of each column without nulls that it has none: it takes half the time to read."""
    return rows.cast(pa.schema([field.with_nullable(bool(rows[field.name].null_count)) for field in rows.schema]))


def _flush_file(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stats(spec: TableSpec, rows: pa.Table) -> str:
    """Return the file's statistics as Delta's protocol writes them (JSON)."""
    low: dict[str, object] = {}
    high: dict[str, object] = {}
    nulls: dict[str, int] = {}
    for name in spec.counted:
        column = rows[name]
        if pa.types.is_dictionary(column.type):
            column = pa.chunked_array([chunk.dictionary.take(chunk.indices.unique()) for chunk in column.chunks])
        edges = pc.min_max(column).as_py()
        nulls[name] = rows[name].null_count
        if edges["min"] is not None:
            low[name], high[name] = _plain(edges["min"]), _plain(edges["max"], up=True)
    return orjson.dumps({"numRecords": rows.num_rows, "minValues": low, "maxValues": high, "nullCount": nulls}).decode()


def _plain(value: object, *, up: bool = False) -> object:
    """Delta keeps timestamps in statistics to the millisecond, so the upper edge is rounded up."""
    if not isinstance(value, datetime):
        return value
    whole = value.replace(microsecond=value.microsecond // 1000 * 1000)
    milliseconds = int(whole.timestamp() * 1000) + (1 if up and whole != value else 0)
    return datetime.fromtimestamp(milliseconds / 1000, value.tzinfo).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
