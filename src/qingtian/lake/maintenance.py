"""Housekeeping of the lake: the judge writes a small file every two seconds, readers want few and sorted ones.

Small files are merged into files sorted by device and time, whose row groups then tell which devices they hold. Safe
while the judge appends (an append never conflicts with a merge), and safe to run twice: what is in order stays.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from qingtian.base.identifiers import deterministic
from qingtian.lake.files import DAY, scan_files
from qingtian.lake.storage import commit, store
from qingtian.lake.tables import PARTITION, TABLES, LakeUnreachable, TableSpec, open_table

SORTED = "sorted-"
"""The names of merged files begin so."""

SMALL_FILES = 8
"""An open day is left alone until so many files have gathered."""

FULL_ROWS = 8_000_000
"""A merge takes files up to so many rows (below 2 GB of memory); a file with half of it is not merged again."""

RETENTION_HOURS = 24
"""Merged files are kept so long for readers that still hold the older list of files."""


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """What one run did to one table: merges made, files before and after, files deleted from the storage."""

    table: str
    merges: int
    files_before: int
    files_after: int
    deleted: int


def tidy(*, lake_url: str, today: date, retention_hours: int = RETENTION_HOURS) -> list[Tidied]:
    """Merge small files of every day, checkpoint the Delta log, delete what was replaced long ago.

    ``today`` is the Beijing day at the time of the run; of earlier days every unsorted file is merged.

    :raises LakeUnreachable: if the storage does not answer.
    """
    try:
        opened = [(spec, open_table(lake_url, spec)) for spec in TABLES]
        return [_tidy_table(lake_url, spec, table, today, retention_hours) for spec, table in opened if table]
    except (OSError, DeltaError) as error:
        raise LakeUnreachable(url=lake_url, why=str(error)) from error


def _tidy_table(lake_url: str, spec: TableSpec, table: DeltaTable, today: date, retention_hours: int) -> Tidied:
    before = _files(table)
    merges = sum(
        _merge(lake_url, spec, table, day, group)
        for (day,), files in before.group_by(DAY, maintain_order=True)
        for group in _groups(files, closed=day < today)
    )
    if merges:
        table.create_checkpoint()
    # only an up-to-date table tells which files are nobody's
    table.update_incremental()
    deleted = table.vacuum(retention_hours=retention_hours, dry_run=False, enforce_retention_duration=False, full=True)
    table.cleanup_metadata()
    return Tidied(
        table=spec.name,
        merges=merges,
        files_before=len(before),
        files_after=len(_files(table)),
        deleted=len(deleted),
    )


def _files(table: DeltaTable) -> pl.DataFrame:
    found = pl.DataFrame(table.get_add_actions(flatten=True))
    return found if found.is_empty() else found.sort(DAY, "path")


def _groups(files: pl.DataFrame, *, closed: bool) -> Iterator[pl.DataFrame]:
    """Choose the files of one day that go together into one sorted file each."""
    is_sorted = pl.col("path").str.contains("/" + SORTED, literal=True)
    fresh = files.filter(~is_sorted)
    small = files.filter(is_sorted & (pl.col("num_records") < FULL_ROWS // 2))
    enough = 1 if closed else SMALL_FILES
    chosen = [fresh] if len(fresh) >= enough else []
    if len(small) >= SMALL_FILES:
        chosen.append(small)
    if chosen:
        together = pl.concat(chosen)
        number = (together["num_records"].cum_sum() - 1) // FULL_ROWS
        yield from together.group_by(number.alias("group"), maintain_order=True).agg(pl.all()).pipe(_each)


def _each(groups: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for row in range(len(groups)):
        group = groups.slice(row, 1)
        yield group.explode([name for name in group.columns if name != "group"])


def _merge(lake_url: str, spec: TableSpec, table: DeltaTable, day: date, files: pl.DataFrame) -> bool:
    """Replace ``files`` by one sorted file in one commit; False if somebody else replaced one of them first."""
    paths: list[str] = files["path"].to_list()
    rows = _sorted_rows(lake_url, spec, paths)
    name = SORTED + deterministic(*sorted(paths))
    added = store(lake_url, spec, day, rows, name=name, new_data=False)
    actions: list[AddAction | RemoveAction] = [added, *(_removal(path, day) for path in paths)]
    try:
        commit(lake_url, spec, table, actions)
    except CommitFailedError:
        table.update_incremental()
        return False
    return True


def _sorted_rows(lake_url: str, spec: TableSpec, paths: list[str]) -> pa.Table:
    rows = scan_files(lake_url, spec, paths)
    return rows.sort(*spec.sorted_by).collect().to_arrow().cast(spec.stored)


def _removal(path: str, day: date) -> RemoveAction:
    return RemoveAction(
        path=path,
        deletion_timestamp=int(time.time() * 1000),
        data_change=False,
        partition_values={PARTITION: day.isoformat()},
    )
