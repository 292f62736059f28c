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
    frame *i* is ``raw[offsets[i]:offsets[i + 1]]``.
    """

    sequence: NDArray[np.int64]
    index: NDArray[np.int32]
    received: NDArray[np.int64]
    plan: NDArray[np.int32]
    address: NDArray[np.int32]
    addresses: tuple[str, ...]
    offsets: NDArray[np.int64]
    raw: bytes

    def __len__(self) -> int:
        return len(self.received)

    def frame(self, packet: int) -> bytes:
        return self.raw[self.offsets[packet] : self.offsets[packet + 1]]


def gather(messages: Sequence[tuple[int, PacketBatch]]) -> Arrivals:
    """Put messages (log sequence, batch) end to end."""
    return end_to_end([_of_one(sequence, batch) for sequence, batch in messages])


def _of_one(sequence: int, batch: PacketBatch) -> Arrivals:
    count = len(batch)
    return Arrivals(
        sequence=np.full(count, sequence, np.int64),
        index=np.arange(count, dtype=np.int32),
        # a copy: the kernels are compiled for arrays of one kind, and those of a message are read-only
        received=batch.received.copy(),
        plan=np.full(count, batch.plan, np.int32),
        address=batch.address_index.astype(np.int32),
        addresses=batch.addresses,
        offsets=batch.offsets.astype(np.int64),
        raw=batch.raw,
    )


def end_to_end(parts: Sequence[Arrivals]) -> Arrivals:
    """Put stretches of arrivals end to end; at least one."""
    if len(parts) == 1:
        return parts[0]
    raw_starts = np.cumsum([0, *(len(part.raw) for part in parts)])
    first_addresses = np.cumsum([0, *(len(part.addresses) for part in parts)])
    offsets = [part.offsets[:-1] + start for part, start in zip(parts, raw_starts, strict=False)]
    addresses = [part.address + np.int32(first) for part, first in zip(parts, first_addresses, strict=False)]
    return Arrivals(
        sequence=np.concatenate([part.sequence for part in parts]),
        index=np.concatenate([part.index for part in parts]),
        received=np.concatenate([part.received for part in parts]),
        plan=np.concatenate([part.plan for part in parts]),
        address=np.concatenate(addresses),
        addresses=tuple(address for part in parts for address in part.addresses),
        offsets=np.concatenate([*offsets, raw_starts[-1:]]),
        raw=b"".join(part.raw for part in parts),
    )
