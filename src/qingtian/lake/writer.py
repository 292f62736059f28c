"""Appends rows to the lake exactly once.

Each append is one Delta commit that also names, as an application transaction, the last log sequence it contains. After
a crash the writer of the rows hands in what it is not sure about; what the table already contains is left out.

Data files are written with pyarrow, whose dictionary columns go to Parquet as they are (a third of the time of handing
the rows to delta-rs), and then committed through delta-rs. On a local disk, file and commit are flushed before `append`
returns, since the log may be cut afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, Transaction
from deltalake.exceptions import DeltaError

from qingtian.lake.storage import commit, store
from qingtian.lake.tables import PARTITION, TABLES, LakeUnreachable, TableSpec, create_table, open_table

NOTHING = -1
"""The version of an application that has not written yet: log sequences begin at 1."""


def contained(*, lake_url: str, spec: TableSpec, app_id: str) -> int:
    """Return the last log sequence of ``app_id`` that the table contains, `NOTHING` if none.

    :raises LakeUnreachable: if the storage does not answer.
    """
    table = open_table(lake_url, spec)
    return NOTHING if table is None else _version(table, app_id)


def _version(table: DeltaTable, app_id: str) -> int:
    found = table.transaction_version(app_id)
    return NOTHING if found is None else int(found)


@dataclass(kw_only=True)
class LakeWriter:
    """Appends for one application (``judge.0``) to any of the tables. Not for several threads at once."""

    lake_url: str
    app_id: str
    _tables: dict[str, DeltaTable] = field(default_factory=dict)

    def append(self, rows: Mapping[str, pa.Table], *, last_sequence: int) -> int:
        """Append rows by table name; return how many rows were new.

        ``rows`` hold the columns of `tables`, with log sequences up to ``last_sequence`` and whole: every row of a
        sequence that the lake does not contain yet is among them.

        :raises LakeUnreachable: if the storage refuses; nothing or some whole tables were then written, and handing
            in the same rows again writes the rest.
        """
        try:
            return sum(
                self._append_one(spec, rows[spec.name], last_sequence=last_sequence)
                for spec in TABLES
                if spec.name in rows
            )
        except (OSError, DeltaError) as error:
            self._tables.clear()
            raise LakeUnreachable(url=self.lake_url, why=str(error)) from error

    def _append_one(self, spec: TableSpec, rows: pa.Table, *, last_sequence: int) -> int:
        table = self._fresh(spec)
        known = _version(table, self.app_id)
        if known >= last_sequence:
            return 0
        if known != NOTHING and rows.num_rows and pc.min(rows["sequence"]).as_py() <= known:
            rows = rows.filter(pc.greater(rows["sequence"], known))
        return self._commit(spec, table, rows, last_sequence)

    def append_turn(self, rows: Mapping[str, pa.Table], *, turn: int) -> int:
        """Append what one turn of an application made, by table name; return how many rows were new.

        For applications that count turns of their own: a table takes a turn whole or, if it has it, not at all.

        :raises LakeUnreachable: as `append`.
        """
        try:
            return sum(
                self._commit(spec, table, rows[spec.name], turn)
                for spec in TABLES
                if spec.name in rows and _version(table := self._fresh(spec), self.app_id) < turn
            )
        except (OSError, DeltaError) as error:
            self._tables.clear()
            raise LakeUnreachable(url=self.lake_url, why=str(error)) from error

    def _commit(self, spec: TableSpec, table: DeltaTable, rows: pa.Table, version: int) -> int:
        if rows.num_rows == 0:
            return 0
        actions = [
            store(self.lake_url, spec, day, part, name=f"{self.app_id}-{version}", new_data=True)
            for day, part in _days(rows)
        ]
        commit(self.lake_url, spec, table, actions, transactions=[Transaction(self.app_id, version)])
        return int(rows.num_rows)

    def _fresh(self, spec: TableSpec) -> DeltaTable:
        table = self._tables.get(spec.name)
        if table is None:
            table = self._tables[spec.name] = create_table(self.lake_url, spec)
        else:
            table.update_incremental()
        return table


def _days(rows: pa.Table) -> Iterator[tuple[date, pa.Table]]:
    days = rows[PARTITION].unique().to_pylist()
    if len(days) == 1:
        yield days[0], rows
        return
    for day in sorted(days):
        yield day, rows.filter(pc.equal(rows[PARTITION], pa.scalar(day, pa.date32())))
