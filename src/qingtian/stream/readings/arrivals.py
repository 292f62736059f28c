"""Messages of the log put end to end: one stretch of packets that a kernel can go through at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.bus.batches import PacketBatch


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """*n* packets in the order of the log.

    ``sequence`` int64 and ``index`` int32: the message and the place in it. ``received`` int64: µs since 1970 UTC.
    ``plan`` int32: the number the gateway stamped. ``address`` int32: index in ``addresses``. ``offsets`` int64[n + 1]:
    frame *i* as it came is ``raw[offsets[i]:offsets[i + 1]]``. ``plain_offsets`` and ``plain_raw``, the same way: the
    frames as they are to be read, where some were repaired; elsewhere the same objects. ``repaired`` bool: which.
    """

    sequence: NDArray[np.int64]
    index: NDArray[np.int32]
    received: NDArray[np.int64]
    plan: NDArray[np.int32]
    address: NDArray[np.int32]
    addresses: tuple[str, ...]
    offsets: NDArray[np.int64]
    raw: bytes
    plain_offsets: NDArray[np.int64]
    plain_raw: bytes
    repaired: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.received)

    def plain(self, packet: int) -> bytes:
        """Return a frame as it is to be read."""
        return self.plain_raw[self.plain_offsets[packet] : self.plain_offsets[packet + 1]]


def gather(messages: Sequence[tuple[int, PacketBatch]]) -> Arrivals:
    """Put messages (log sequence, batch) end to end."""
    return end_to_end([_of_one(sequence, batch) for sequence, batch in messages])


def _of_one(sequence: int, batch: PacketBatch) -> Arrivals:
    count = len(batch)
    offsets = batch.offsets.astype(np.int64)
    plain_offsets, plain_raw, repaired = _plain(batch, offsets)
    return Arrivals(
        sequence=np.full(count, sequence, np.int64),
        index=np.arange(count, dtype=np.int32),
        # a copy: the kernels are compiled for arrays of one kind, and those of a message are read-only
        received=batch.received.copy(),
        plan=np.full(count, batch.plan, np.int32),
        address=batch.address_index.astype(np.int32),
        addresses=batch.addresses,
        offsets=offsets,
        raw=batch.raw,
        plain_offsets=plain_offsets,
        plain_raw=plain_raw,
        repaired=repaired,
    )


def _plain(batch: PacketBatch, offsets: NDArray[np.int64]) -> tuple[NDArray[np.int64], bytes, NDArray[np.bool_]]:
    """Return the frames of a batch as they are to be read, and which of them were repaired."""
    repaired = np.zeros(len(batch), np.bool_)
    if not len(batch.repairs.packets):
        return offsets, batch.raw, repaired
    repaired[batch.repairs.packets] = True
    frames = [batch.plain(index) for index in range(len(batch))]
    plain_offsets = np.zeros(len(batch) + 1, np.int64)
    np.cumsum([len(frame) for frame in frames], out=plain_offsets[1:])
    return plain_offsets, b"".join(frames), repaired


def end_to_end(parts: Sequence[Arrivals]) -> Arrivals:
    """Put stretches of arrivals end to end; at least one."""
    if len(parts) == 1:
        return parts[0]
    first_addresses = np.cumsum([0, *(len(part.addresses) for part in parts)])
    offsets, raw = _joined([(part.offsets, part.raw) for part in parts])
    repaired = np.concatenate([part.repaired for part in parts])
    plain = _joined([(part.plain_offsets, part.plain_raw) for part in parts]) if repaired.any() else (offsets, raw)
    addresses = [part.address + np.int32(first) for part, first in zip(parts, first_addresses, strict=False)]
    return Arrivals(
        sequence=np.concatenate([part.sequence for part in parts]),
        index=np.concatenate([part.index for part in parts]),
        received=np.concatenate([part.received for part in parts]),
        plan=np.concatenate([part.plan for part in parts]),
        address=np.concatenate(addresses),
        addresses=tuple(address for part in parts for address in part.addresses),
        offsets=offsets,
        raw=raw,
        plain_offsets=plain[0],
        plain_raw=plain[1],
        repaired=repaired,
    )


def _joined(parts: Sequence[tuple[NDArray[np.int64], bytes]]) -> tuple[NDArray[np.int64], bytes]:
    starts = np.cumsum([0, *(len(raw) for _, raw in parts)])
    offsets = [offsets[:-1] + start for (offsets, _), start in zip(parts, starts, strict=False)]
    return np.concatenate([*offsets, starts[-1:]]), b"".join(raw for _, raw in parts)
