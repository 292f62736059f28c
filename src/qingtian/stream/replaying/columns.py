"""Rows of the lake as the columns that the judge goes through: what the parser gave when the packets arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingtian.stream.hj212.columns import MISSING_TIME, PacketColumns, ReadingColumns
from qingtian.stream.hj212.factor_codes import pack_code
from qingtian.stream.hj212.measures import MEASURES

INDEX_BITS = 20
"""A message of the log has fewer than 2^20 packets: `bus.batches.MAX_BYTES` holds no more."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Packets and their readings in the order of the log, as `findings.judge.Judge.screen` takes them; and ``plan``."""

    packets: PacketColumns
    readings: ReadingColumns
    device: NDArray[np.int32]
    plan: NDArray[np.int32]
    received: NDArray[np.int64]
    sequence: NDArray[np.int64]
    index: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.device)

    def part(self, first: int, last: int) -> Heard:
        """Return packets [first, last) with their readings."""
        low, high = np.searchsorted(self.readings.packet, (first, last))
        readings = {name: column[low:high] for name, column in vars(self.readings).items()}
        readings["packet"] = readings["packet"] - np.int32(first)
        own = {name: getattr(self, name)[first:last] for name in ("device", "plan", "received", "sequence", "index")}
        return Heard(
            packets=PacketColumns(**{name: column[first:last] for name, column in vars(self.packets).items()}),
            readings=ReadingColumns(**readings),
            **own,
        )


def heard(packets: pa.Table, readings: pa.Table, register: Mapping[str, int]) -> Heard:
    """Put packets and readings of one day of arrival together. Devices that ``register`` does not name are left out."""
    device = coded(packets["mn"], lambda mn: register.get(mn, -1), np.int32)
    place = _key(packets)
    order = np.argsort(place, kind="stable")
    order = order[device[order] >= 0]
    place = place[order]
    return Heard(
        packets=_packets(packets, order, device, place),
        readings=_readings(readings, register, place),
        device=device[order],
        plan=numbers(packets["plan"], np.int32)[order],
        received=times_of(packets["received"])[order],
        sequence=numbers(packets["sequence"], np.int64)[order],
        index=numbers(packets["index"], np.int32)[order],
    )


def _key(table: pa.Table) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (numbers(table["sequence"], np.int64) << INDEX_BITS) | numbers(table["index"], np.int64)
    return found


def _packets(
    packets: pa.Table, order: NDArray[np.intp], device: NDArray[np.int32], place: NDArray[np.int64]
) -> PacketColumns:
    size = len(order)
    qn = packets["qn"].cast(pa.int64())
    return PacketColumns(
        whole=np.ones(size, np.bool_),
        device=device[order],
        qn=numbers(qn, np.int64, missing=0)[order],
        st=np.full(size, -1, np.int16),
        cn=numbers(packets["cn"], np.int16)[order],
        flag=np.full(size, -1, np.int16),
        data_time=times_of(packets["data_time"])[order],
        # the lake has each packet once, so each is new
        content=place.astype(np.uint64),
        unreadable=np.zeros(size, np.int32),
    )


def _readings(readings: pa.Table, register: Mapping[str, int], place: NDArray[np.int64]) -> ReadingColumns:
    ours = np.flatnonzero(coded(readings["mn"], lambda mn: register.get(mn, -1), np.int32) >= 0)
    chosen, packet = _with_packets(ours, _key(readings)[ours], place)
    if (packet[1:] < packet[:-1]).any():
        order = np.argsort(packet, kind="stable")
        chosen, packet = chosen[order], packet[order]
    return ReadingColumns(
        packet=packet,
        code=coded(readings["factor"], pack_code, np.uint64)[chosen],
        measure=coded(readings["measure"], MEASURES.index, np.uint8)[chosen],
        value=numbers(readings["value"], np.float64, missing=float("nan"))[chosen],
        flag=coded(readings["flag"], _flag, np.uint8)[chosen],
    )


def _with_packets(
    rows: NDArray[np.intp], key: NDArray[np.int64], place: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Return the rows whose packet is there, and its number: looked up once for the rows of a packet that adjoin."""
    if not len(key) or not len(place):
        return rows[:0], np.zeros(0, np.int32)
    first = np.concatenate(([True], key[1:] != key[:-1]))
    of_run = np.searchsorted(place, key[first])
    of_run[place[np.minimum(of_run, len(place) - 1)] != key[first]] = -1
    packet = of_run.astype(np.int32)[np.cumsum(first) - 1]
    found = packet >= 0
    return (rows, packet) if found.all() else (rows[found], packet[found])


def _flag(text: str) -> int:
    return ord(text) & 127


def coded(column: pa.ChunkedArray, code: Callable[[str], int], kind: Any) -> NDArray[Any]:
    """Return the code of each text; 0 for null. Each text of a dictionary is coded once."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    parts = [_of_chunk(chunk, code, kind) for chunk in column.chunks]
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def _of_chunk(chunk: pa.DictionaryArray, code: Callable[[str], int], kind: Any) -> NDArray[Any]:
    codes = np.array([*(0 if text is None else code(text) for text in chunk.dictionary.to_pylist()), 0], kind)
    indices = chunk.indices
    places = (indices.fill_null(-1) if indices.null_count else indices).to_numpy(zero_copy_only=False)
    found: NDArray[Any] = codes[places]
    return found


def times_of(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return µs since 1970 UTC, `MISSING_TIME` for null."""
    return numbers(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()), np.int64, missing=MISSING_TIME)


def numbers(column: pa.ChunkedArray, kind: Any, *, missing: float = -1) -> NDArray[Any]:
    """Return a column of numbers, with ``missing`` for null."""
    if column.null_count:
        column = column.fill_null(missing)
    found: NDArray[Any] = column.to_numpy().astype(kind, copy=False)
    return found
