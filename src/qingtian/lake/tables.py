"""The tables of the lake, as data: their columns, and how to open, create and find them.

``packets`` and ``readings`` are partitioned by ``day``, the Beijing day of *arrival*: nothing arrives before it was
measured, so whoever asks for data of a day reads the partitions from that day on. ``periods`` has one row a revision of
a window, under the Beijing day on which the window begins; ``findings`` one row an event of a finding of closed
periods, under the day on which that begins. The columns: docs/architecture.md and docs/periods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, Field
from deltalake.exceptions import DeltaError, TableNotFoundError

from qingtian.base.errors import QingtianError

TIMESTAMP = pa.timestamp("us", "UTC")
PARTITION = "day"

ORIGIN = [("received", TIMESTAMP), ("sequence", pa.int64()), ("index", pa.int32())]
"""When it arrived, in which message of the log, and which packet of that message it was."""


class LakeUnreachable(QingtianError):
    code = "lake.unreachable"
    zh = "数据湖 {url} 无法访问（{why}）。数据仍保留在日志中；请检查存储空间、权限或网络，恢复后会自动继续。"
    en = (
        "The lake {url} cannot be reached ({why}). The data are still on the log; check space, rights or network, "
        "and writing goes on by itself."
    )


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """A table: ``schema`` is that of the rows handed in, ``sorted_by`` the order of a compacted day.

    ``encoded``: columns kept as places in a dictionary; ``rising``: columns kept as differences, for they grow slowly.
    ``row_group``: rows of one; who reads the history of some devices reads whole ones. ``compression``: of
    readings, encoded as they are, LZ4 is read in three fifths of the time of Zstandard and takes a sixth more room.
    """

    name: str
    schema: pa.Schema
    sorted_by: tuple[str, ...] = ("mn", "data_time")
    encoded: tuple[str, ...] = ()
    rising: tuple[str, ...] = ()
    row_group: int = 128 * 1024
    compression: str = "zstd"

    @property
    def stored(self) -> pa.Schema:
        """The columns of a data file: the partition column lives in the path."""
        return self.schema.remove(self.schema.get_field_index(PARTITION))

    @property
    def counted(self) -> list[str]:
        """The columns whose smallest and largest value each file tells, so that readers can skip it."""
        return ["mn", "data_time", "received", "sequence"]


def _schema(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([(PARTITION, pa.date32()), *columns])


PACKETS = TableSpec(
    name="packets",
    schema=_schema(
        ("mn", pa.string()),
        ("qn", pa.string()),
        ("st", pa.string()),
        ("cn", pa.int16()),
        ("flag", pa.int16()),
        ("data_time", TIMESTAMP),
        ("received", TIMESTAMP),
        ("address", pa.string()),
        ("plan", pa.int32()),
        ("sequence", pa.int64()),
        ("index", pa.int32()),
        ("segment", pa.binary()),
        ("plain", pa.binary()),
    ),
    encoded=("mn", "st", "cn", "flag", "address", "plan", "sequence"),
    rising=("received",),
    row_group=64 * 1024,
)

READINGS = TableSpec(
    name="readings",
    schema=_schema(
        ("mn", pa.string()),
        ("factor", pa.string()),
        ("cn", pa.int16()),
        ("measure", pa.string()),
        ("value", pa.float64()),
        ("flag", pa.string()),
        ("data_time", TIMESTAMP),
        ("received", TIMESTAMP),
        ("sequence", pa.int64()),
        ("index", pa.int32()),
    ),
    encoded=("mn", "factor", "cn", "measure", "value", "flag", "data_time", "sequence", "index"),
    rising=("received",),
    compression="lz4",
)

FLOAT, SMALL, TEXT, FLAG = pa.float64(), pa.int16(), pa.string(), pa.bool_()

PERIODS = TableSpec(
    name="periods",
    schema=_schema(
        *((name, TEXT) for name in ("outlet", "mn", "factor", "medium", "period", "reason", "excluded")),
        ("data_time", TIMESTAMP),
        ("period_end", TIMESTAMP),
        *((name, FLOAT) for name in ("value", "converted", "own", "own_converted", "reported", "reported_converted")),
        *((name, FLOAT) for name in ("low", "high", "oxygen", "reference_oxygen")),
        *((name, FLOAT) for name in ("volume", "amount", "reported_amount")),
        *((name, SMALL) for name in ("n", "covered", "due", "needed")),
        *((name, FLAG) for name in ("valid", "weighted", "exempt", "corrected")),
        ("plan", pa.int32()),
        ("received", TIMESTAMP),
        ("revision", pa.int32()),
        ("superseded", FLAG),
        ("sequence", pa.int64()),
    ),
    encoded=("outlet", "mn", "factor", "medium", "period", "reason", "excluded", "data_time", "plan", "revision"),
)

FINDINGS = TableSpec(
    name="findings",
    schema=_schema(
        *((name, TEXT) for name in ("outlet", "mn", "factor", "detector", "level", "period", "finding", "event")),
        ("number", pa.int32()),
        ("state", TEXT),
        ("told", FLAG),
        ("weight", FLOAT),
        ("support", TEXT),
        ("data_time", TIMESTAMP),
        ("end", TIMESTAMP),
        ("received", TIMESTAMP),
        ("turn", pa.int64()),
        ("sequence", pa.int64()),
        ("message", TEXT),
    ),
    encoded=("outlet", "mn", "factor", "detector", "level", "period", "event", "state", "support"),
)

TABLES = (PACKETS, READINGS, PERIODS, FINDINGS)


def is_local(lake_url: str) -> bool:
    return "://" not in lake_url


def location(lake_url: str, spec: TableSpec) -> str:
    """Return the folder or URL of a table."""
    return f"{lake_url.rstrip('/')}/{spec.name}"


def open_table(lake_url: str, spec: TableSpec) -> DeltaTable | None:
    """Return the table as it is now, or None while nobody has written to it.

    :raises LakeUnreachable: if the storage does not answer.
    """
    try:
        return DeltaTable(location(lake_url, spec))
    except TableNotFoundError:
        return None
    except OSError as error:
        raise LakeUnreachable(url=lake_url, why=str(error)) from error


def create_table(lake_url: str, spec: TableSpec) -> DeltaTable:
    """Open the table; make it first if it is missing, and give it the columns that it does not have yet.

    :raises LakeUnreachable: if the storage does not let us.
    """
    known = open_table(lake_url, spec)
    if known is not None:
        _add_columns(lake_url, spec, known)
        return known
    try:
        if is_local(lake_url):
            Path(location(lake_url, spec)).mkdir(parents=True, exist_ok=True)
        return DeltaTable.create(
            location(lake_url, spec),
            spec.schema,
            mode="ignore",
            partition_by=[PARTITION],
            configuration={"delta.checkpointInterval": "200", "delta.logRetentionDuration": "interval 1 days"},
        )
    except OSError as error:
        raise LakeUnreachable(url=lake_url, why=str(error)) from error


def _add_columns(lake_url: str, spec: TableSpec, table: DeltaTable) -> None:
    """Bring a table of an earlier version up to date; its files stay as they are."""
    known = {field.name for field in table.schema().fields}
    missing = [Field.from_arrow(each) for each in spec.schema if each.name not in known]
    if not missing:
        return
    try:
        table.alter.add_columns(missing)
    except (OSError, DeltaError) as error:
        raise LakeUnreachable(url=lake_url, why=str(error)) from error
