"""Accepted frames into batches for the log: of one partition each, none longer than `bus.batches.MAX_BYTES`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.bus.batches import MAX_BYTES, NO_REPAIRS, PacketBatch, Repairs
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.hj212.columns import FrameColumns
from qingtian.stream.hj212.status import OK

FACTS = 8 + 4 + 2
"""Bytes a batch adds to a packet: arrival, offset, address index."""

Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True, kw_only=True)
class AsCame:
    """The bytes of frames as they came, ``buffer[start[i]:end[i]]``; ``repaired``: the frames that were mended."""

    buffer: bytes
    start: Integers
    end: Integers
    repaired: Integers = field(default_factory=lambda: np.zeros(0, np.int64))


def batches(
    buffer: bytes,
    frames: FrameColumns,
    *,
    arrived: NDArray[np.int64],
    addresses: Sequence[str],
    registry: Registry,
    came: AsCame | None = None,
) -> Iterator[tuple[int, PacketBatch]]:
    """Yield (partition, batch) for the accepted ``frames`` of ``buffer``, in the order of the chunks.

    ``arrived`` (µs since 1970 UTC) and ``addresses`` are those of the chunks. ``came``: the same frames as they came,
    if some stand repaired in ``buffer``.
    """
    accepted = np.flatnonzero(frames.status == OK)
    distinct = tuple(dict.fromkeys(addresses))
    numbers = {address: number for number, address in enumerate(distinct)}
    of_chunk = np.array([numbers[address] for address in addresses], np.uint16)
    came = came or AsCame(buffer=buffer, start=frames.start, end=frames.end)
    for partition, chosen in _by_partition(accepted, frames, registry):
        for part in _pieces(chosen, _sizes(chosen, frames, came)):
            chunks = frames.chunk[part]
            yield (
                partition,
                PacketBatch(
                    plan=registry.number,
                    received=arrived[chunks],
                    offsets=_offsets(came.start[part], came.end[part]),
                    address_index=of_chunk[chunks],
                    addresses=distinct,
                    raw=_gather(came.buffer, came.start[part], came.end[part]),
                    repairs=_repairs(buffer, frames, part, came.repaired),
                ),
            )


def _repairs(buffer: bytes, frames: FrameColumns, part: Integers, repaired: Integers) -> Repairs:
    places = np.flatnonzero(np.isin(part, repaired)) if len(repaired) else repaired
    if not len(places):
        return NO_REPAIRS
    starts, ends = frames.start[part[places]], frames.end[part[places]]
    return Repairs(packets=places.astype(np.uint32), offsets=_offsets(starts, ends), raw=_gather(buffer, starts, ends))


def _sizes(chosen: Integers, frames: FrameColumns, came: AsCame) -> Integers:
    """Return the bytes that each packet takes in a batch."""
    sizes = came.end[chosen] - came.start[chosen] + FACTS
    if len(came.repaired):
        again = np.isin(chosen, came.repaired)
        sizes = sizes + np.where(again, frames.end[chosen] - frames.start[chosen] + FACTS, 0)
    return sizes


def _by_partition(accepted: Integers, frames: FrameColumns, registry: Registry) -> Iterator[tuple[int, Integers]]:
    if registry.partition_count == 1:
        if len(accepted):
            yield 0, accepted
        return
    places = registry.partitions[frames.device[accepted]]
    for partition in np.unique(places):
        yield int(partition), accepted[places == partition]


def _pieces(chosen: Integers, sizes: Integers) -> Iterator[Integers]:
    """Cut before the message would grow too long."""
    ends = np.cumsum(sizes, dtype=np.int64)
    first, base = 0, 0
    while first < len(chosen):
        last = max(int(np.searchsorted(ends, base + MAX_BYTES, side="right")), first + 1)
        yield chosen[first:last]
        base = int(ends[last - 1])
        first = last


def _offsets(starts: Integers, ends: Integers) -> NDArray[np.uint32]:
    offsets = np.zeros(len(starts) + 1, np.uint32)
    np.cumsum(ends - starts, out=offsets[1:])
    return offsets


def _gather(buffer: bytes, starts: Integers, ends: Integers) -> bytes:
    """Return the frames end to end: one slice where nothing stands between them, which is the rule."""
    if np.array_equal(starts[1:], ends[:-1]):
        return buffer[int(starts[0]) : int(ends[-1])]
    return b"".join(buffer[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
