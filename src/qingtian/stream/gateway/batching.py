"""Accepted frames into batches for the log: of one partition each, none longer than `bus.batches.MAX_BYTES`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.bus.batches import MAX_BYTES, PacketBatch
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.hj212.columns import FrameColumns
from qingtian.stream.hj212.status import OK

FACTS = 8 + 4 + 2
"""Bytes a batch adds to a packet: arrival, offset, address index."""

Integers = NDArray[np.integer[Any]]


def batches(
    buffer: bytes,
    frames: FrameColumns,
    *,
    arrived: NDArray[np.int64],
    addresses: Sequence[str],
    registry: Registry,
) -> Iterator[tuple[int, PacketBatch]]:
    """Yield (partition, batch) for the accepted ``frames`` of ``buffer``, in the order of the chunks.

    ``arrived`` (µs since 1970 UTC) and ``addresses`` are those of the chunks.
    """
    accepted = np.flatnonzero(frames.status == OK)
    distinct = tuple(dict.fromkeys(addresses))
    numbers = {address: number for number, address in enumerate(distinct)}
    of_chunk = np.array([numbers[address] for address in addresses], np.uint16)
    for partition, chosen in _by_partition(accepted, frames, registry):
        for part in _pieces(chosen, frames):
            chunks = frames.chunk[part]
            yield (
                partition,
                PacketBatch(
                    plan=registry.number,
                    received=arrived[chunks],
                    offsets=_offsets(frames.start[part], frames.end[part]),
                    address_index=of_chunk[chunks],
                    addresses=distinct,
                    raw=_gather(buffer, frames.start[part], frames.end[part]),
                ),
            )


def _by_partition(accepted: Integers, frames: FrameColumns, registry: Registry) -> Iterator[tuple[int, Integers]]:
    if registry.partition_count == 1:
        if len(accepted):
            yield 0, accepted
        return
    places = registry.partitions[frames.device[accepted]]
    for partition in np.unique(places):
        yield int(partition), accepted[places == partition]


def _pieces(chosen: Integers, frames: FrameColumns) -> Iterator[Integers]:
    """Cut before the message would grow too long."""
    ends = np.cumsum(frames.end[chosen] - frames.start[chosen] + FACTS, dtype=np.int64)
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
