"""A batch of packets as one message on the log: columns of arrival facts and the raw bytes, untouched.

Layout, little endian: magic ``QTB1`` · plan u32 · count u32 · addresses-length u32 · raw-length u32 ·
received i64[count] (µs since 1970 UTC) · offsets u32[count + 1] · address index u16[count] ·
addresses (UTF-8, newline between) · raw frames, end to end.

The plan number is the one the gateway knew its devices by, so a replay reads the log with the same plan.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.base.errors import QingtianError

HEADER = struct.Struct("<4sIIII")
MAGIC = b"QTB1"
MAX_BYTES = 512 * 1024
"""A batch stays under this, so that it fits any NATS server's payload limit (1 MiB by default)."""


class BrokenBatch(QingtianError):
    code = "bus.broken_batch"
    zh = "日志中的数据包批次损坏（{why}），已跳过并保留原文。请检查写入该流的程序版本。"
    en = (
        "A packet batch on the log is broken ({why}); it was skipped and its bytes kept. "
        "Check the version of the program that writes this stream."
    )


@dataclass(frozen=True, kw_only=True)
class PacketBatch:
    """Packets in order of arrival. ``raw[offsets[i]:offsets[i + 1]]`` is frame *i*, from ``##`` on."""

    plan: int
    received: NDArray[np.int64]
    offsets: NDArray[np.uint32]
    address_index: NDArray[np.uint16]
    addresses: tuple[str, ...]
    raw: bytes

    def __len__(self) -> int:
        return len(self.received)

    def frame(self, index: int) -> bytes:
        return self.raw[self.offsets[index] : self.offsets[index + 1]]


def encode(batch: PacketBatch) -> bytes:
    """Return the message. The arrays are written as they are; the raw bytes are copied once."""
    addresses = "\n".join(batch.addresses).encode()
    header = HEADER.pack(MAGIC, batch.plan, len(batch), len(addresses), len(batch.raw))
    return b"".join(
        (
            header,
            np.ascontiguousarray(batch.received, "<i8").tobytes(),
            np.ascontiguousarray(batch.offsets, "<u4").tobytes(),
            np.ascontiguousarray(batch.address_index, "<u2").tobytes(),
            addresses,
            batch.raw,
        )
    )


def decode(message: bytes) -> PacketBatch:
    """Read a message; the arrays are views of it.

    :raises BrokenBatch: if it is not a whole batch of this layout.
    """
    if len(message) < HEADER.size:
        raise BrokenBatch(why="shorter than its header")
    magic, plan, count, addresses_length, raw_length = HEADER.unpack_from(message)
    if magic != MAGIC:
        raise BrokenBatch(why=f"magic {magic!r}")
    received_at = HEADER.size
    offsets_at = received_at + 8 * count
    index_at = offsets_at + 4 * (count + 1)
    addresses_at = index_at + 2 * count
    raw_at = addresses_at + addresses_length
    if len(message) != raw_at + raw_length:
        raise BrokenBatch(why=f"{len(message)} bytes where the header says {raw_at + raw_length}")
    return PacketBatch(
        plan=plan,
        received=np.frombuffer(message, "<i8", count, received_at),
        offsets=np.frombuffer(message, "<u4", count + 1, offsets_at),
        address_index=np.frombuffer(message, "<u2", count, index_at),
        addresses=tuple(message[addresses_at:raw_at].decode().split("\n")) if addresses_length else (),
        raw=message[raw_at:],
    )
