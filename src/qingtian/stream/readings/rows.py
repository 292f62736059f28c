"""Packet and reading columns → Arrow tables for the lake. No Python per row: dictionaries, views and takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingtian.lake.tables import PACKETS, READINGS, TIMESTAMP
from qingtian.stream.hj212.columns import MISSING_TIME, PacketColumns, ReadingColumns
from qingtian.stream.hj212.factor_codes import unpack_code
from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.readings.arrivals import Arrivals, end_to_end

BEIJING_MICROSECONDS = 8 * 3600 * 1_000_000
DAY_MICROSECONDS = 24 * 3600 * 1_000_000

FLAGS = pa.array([chr(code) for code in range(128)])


@dataclass(frozen=True, kw_only=True)
class JudgedStretch:
    """What the judge has seen of the log and the lake shall keep: ``kept`` bool, False for packets sent again."""

    arrivals: Arrivals
    packets: PacketColumns
    readings: ReadingColumns
    device: NDArray[np.int32]
    kept: NDArray[np.bool_]
    mns: tuple[str, ...]


def join(stretches: Sequence[JudgedStretch]) -> JudgedStretch:
    """Put stretches end to end (one Arrow table of many is dear, one of all is cheap). The last knows all devices."""
    if len(stretches) == 1:
        return stretches[0]
    firsts = np.cumsum([0, *(len(stretch.arrivals) for stretch in stretches)])
    readings = [
        replace(stretch.readings, packet=stretch.readings.packet + np.int32(first))
        for stretch, first in zip(stretches, firsts, strict=False)
    ]
    return JudgedStretch(
        arrivals=end_to_end([stretch.arrivals for stretch in stretches]),
        packets=PacketColumns(**_stacked([stretch.packets for stretch in stretches])),
        readings=ReadingColumns(**_stacked(readings)),
        device=np.concatenate([stretch.device for stretch in stretches]),
        kept=np.concatenate([stretch.kept for stretch in stretches]),
        mns=stretches[-1].mns,
    )


def _stacked(columns: Sequence[PacketColumns] | Sequence[ReadingColumns]) -> dict[str, NDArray[Any]]:
    return {name: np.concatenate([getattr(part, name) for part in columns]) for name in vars(columns[0])}


def packet_rows(stretch: JudgedStretch) -> pa.Table:
    """Return the rows of the table ``packets``, duplicates left out."""
    arrivals, packets = stretch.arrivals, stretch.packets
    table = pa.table(
        {
            "day": _days(arrivals.received),
            "mn": _texts(stretch.device, stretch.mns),
            "qn": _optional(packets.qn, missing=0).cast(pa.string()),
            "st": _numbers_as_text(packets.st),
            "cn": _optional(packets.cn, missing=-1),
            "flag": _optional(packets.flag, missing=-1),
            "data_time": _times(packets.data_time),
            "received": _times(arrivals.received),
            "address": _texts(arrivals.address, arrivals.addresses),
            "plan": arrivals.plan,
            "sequence": arrivals.sequence,
            "index": arrivals.index,
            "segment": _binary(arrivals.offsets, arrivals.raw),
            "plain": _plain(arrivals),
        }
    ).select(PACKETS.schema.names)
    return table if stretch.kept.all() else table.filter(pa.array(stretch.kept))


def _binary(offsets: NDArray[np.int64], raw: bytes) -> pa.Array:
    places = pa.py_buffer(offsets.astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, places, pa.py_buffer(raw)])


def _plain(arrivals: Arrivals) -> pa.Array:
    """Return what was read where it is not what came: null for nearly every packet."""
    if not arrivals.repaired.any():
        return pa.nulls(len(arrivals), pa.binary())
    texts = [arrivals.plain(packet) if repaired else None for packet, repaired in enumerate(arrivals.repaired)]
    return pa.array(texts, pa.binary())


def reading_rows(stretch: JudgedStretch) -> pa.Table:
    """Return the rows of the table ``readings``, those of duplicates left out."""
    arrivals, readings = stretch.arrivals, stretch.readings
    if not stretch.kept.all():
        chosen = np.flatnonzero(stretch.kept[readings.packet])
        readings = ReadingColumns(**{name: column[chosen] for name, column in vars(readings).items()})
    packet = readings.packet
    codes, factor = np.unique(readings.code, return_inverse=True)
    return pa.table(
        {
            "day": _days(arrivals.received[packet]),
            "mn": _texts(stretch.device[packet], stretch.mns),
            "factor": _texts(factor.astype(np.int32), tuple(unpack_code(code) for code in codes)),
            "cn": stretch.packets.cn[packet],
            "measure": _texts(readings.measure.astype(np.int8), MEASURES),
            "value": readings.value,
            "flag": pa.DictionaryArray.from_arrays(
                pa.array((readings.flag & 127).astype(np.int8), mask=readings.flag == 0), FLAGS
            ),
            "data_time": _times(stretch.packets.data_time[packet]),
            "received": _times(arrivals.received[packet]),
            "sequence": arrivals.sequence[packet],
            "index": arrivals.index[packet],
        }
    ).select(READINGS.schema.names)


def _texts(indices: NDArray[np.signedinteger], texts: tuple[str, ...]) -> pa.Array:
    """Return a dictionary column; an index of -1 is null."""
    missing = indices < 0
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, mask=missing if missing.any() else None), pa.array(texts, pa.string())
    )


def _numbers_as_text(numbers: NDArray[np.int16]) -> pa.Array:
    known, place = np.unique(numbers, return_inverse=True)
    texts = tuple(str(number) for number in known)
    return _texts(np.where(numbers < 0, -1, place).astype(np.int32), texts)


def _optional(numbers: NDArray[np.signedinteger], *, missing: int) -> pa.Array:
    gaps = numbers == missing
    return pa.array(numbers, mask=gaps if gaps.any() else None)


def _times(microseconds: NDArray[np.int64]) -> pa.Array:
    return _optional(microseconds, missing=MISSING_TIME).cast(TIMESTAMP)


def _days(received: NDArray[np.int64]) -> pa.Array:
    """Return the Beijing day of arrival."""
    return pa.array(((received + BEIJING_MICROSECONDS) // DAY_MICROSECONDS).astype(np.int32)).cast(pa.date32())
