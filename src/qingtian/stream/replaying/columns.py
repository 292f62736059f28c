"""Rows of the lake as the columns that the judge goes through: what the parser gave when the packets arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingtian.lake.columns import Texts, coded, fixed, numbers, times_of
from qingtian.stream.hj212.columns import MISSING_TIME, PacketColumns, ReadingColumns
from qingtian.stream.hj212.factor_codes import pack_code
from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.replaying import kernels
from qingtian.stream.replaying.kernels import INDEX_BITS

READ = ("mn", "factor", "measure", "flag", "value", "sequence", "index")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Packets and their readings, as `findings.judge.Judge.screen` takes them; and ``plan``.

    Those of each device stand in the order of the log; all of them do, if that was asked for.
    """

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


def heard(packets: pa.Table, readings: pa.Table, register: Mapping[str, int], *, as_on_log: bool = True) -> Heard:
    """Put packets and readings of one day of arrival together. Devices that ``register`` does not name are left out.

    ``as_on_log``: in the order of the log. Else those of a device may stay together, as a merged day of the lake has
    them: what a device is judged by is its own packets alone, so that this tells the same, and sooner.
    """
    device = coded(packets["mn"], lambda mn: register.get(mn, -1), np.int32, missing=-1)
    order = np.flatnonzero(device >= 0)
    place = _key(packets)[order]
    sooner = _in_order(device[order], place, devices=len(register), as_on_log=as_on_log)
    if sooner is not None:
        order, place = order[sooner], place[sooner]
    return Heard(
        packets=_packets(packets, order, device, place),
        readings=_readings(readings, register, place),
        device=device[order],
        plan=numbers(packets["plan"], np.int32)[order],
        received=times_of(packets["received"], missing=MISSING_TIME)[order],
        sequence=numbers(packets["sequence"], np.int64)[order],
        index=numbers(packets["index"], np.int32)[order],
    )


def _in_order(
    device: NDArray[np.int32], place: NDArray[np.int64], *, devices: int, as_on_log: bool
) -> NDArray[np.intp] | None:
    """Return in which order packets are taken, None: as they are. Those of a device together keep its state at hand."""
    if as_on_log:
        return np.argsort(place, kind="stable")
    if kernels.is_in_order(device, place, np.empty(devices, np.int64)):
        return None
    return np.lexsort((place, device))


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
        data_time=times_of(packets["data_time"], missing=MISSING_TIME)[order],
        # the lake has each packet once, so each is new
        content=place.astype(np.uint64),
        unreadable=np.zeros(size, np.int32),
    )


def _readings(readings: pa.Table, register: Mapping[str, int], place: NDArray[np.int64]) -> ReadingColumns:
    """Return the readings of the packets at these places, in their order."""
    slots = np.empty(1 << max(3, (2 * len(place)).bit_length()), np.int32)
    kernels.index_packets(place, slots)
    size = len(readings)
    found = ReadingColumns(
        packet=np.empty(size, np.int32),
        code=np.empty(size, np.uint64),
        measure=np.empty(size, np.uint8),
        value=np.empty(size, np.float64),
        flag=np.empty(size, np.uint8),
    )
    out = tuple(getattr(found, name) for name in ("packet", "code", "measure", "value", "flag"))
    end = 0
    for part in readings.select(READ).to_batches():
        given: tuple[Any, ...] = (*_numbers(part, register), place, slots, end, *out)
        end = kernels.take_readings(*given)
    columns = {name: column[:end] for name, column in vars(found).items()}
    packet = columns["packet"]
    if (packet[1:] < packet[:-1]).any():
        order = np.argsort(packet, kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
    return ReadingColumns(**columns)


def _numbers(part: pa.RecordBatch, register: Mapping[str, int]) -> tuple[Any, ...]:
    """Return the columns of `READ`, texts as places in tables, and these tables."""
    texts = [Texts.of(part[name]) for name in READ[:4]]
    mn, factor, measure, flag = texts
    return (
        *(each.places for each in texts),
        fixed(part["value"], np.float64, missing=float("nan")),
        fixed(part["sequence"], np.int64),
        fixed(part["index"], np.int32),
        mn.table(register.__contains__, np.bool_),
        factor.table(pack_code, np.uint64),
        measure.table(MEASURES.index, np.uint8),
        flag.table(_flag, np.uint8),
    )


def _flag(text: str) -> int:
    return ord(text) & 127
