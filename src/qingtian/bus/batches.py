"""A batch of packets as one message on the log: columns of arrival facts and the raw bytes, untouched.

Layout, little endian: magic ``QTB1`` · plan u32 · count u32 · addresses-length u32 · raw-length u32 ·
received i64[count] (µs since 1970 UTC) · offsets u32[count + 1] · address index u16[count] ·
addresses (UTF-8, newline between) · raw frames, end to end.

A packet that deviates from the standard and was accepted all the same (another checksum, a wrong length, an enciphered
data area) stands there as it came, as evidence; how it is to be read stands behind: magic ``QTB2``, the same, then
repaired-count u32 · repaired u32[repaired-count] (which packets) · offsets u32[repaired-count + 1] · plain frames, end
to end, each as the standard writes it. A batch without such packets is written as QTB1, and both are read.

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
MAGIC_REPAIRED = b"QTB2"
COUNT = struct.Struct("<I")
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
class Repairs:
    """How the packets that deviate are to be read.

    ``packets`` uint32: their places in the batch, rising. ``raw[offsets[i]:offsets[i + 1]]`` is the frame to read
    instead of frame ``packets[i]``: plain, with the length and the checksum of the standard.
    """

    packets: NDArray[np.uint32]
    offsets: NDArray[np.uint32]
    raw: bytes


NO_REPAIRS = Repairs(packets=np.zeros(0, np.uint32), offsets=np.zeros(1, np.uint32), raw=b"")


@dataclass(frozen=True, kw_only=True)
class PacketBatch:
    """Packets in order of arrival. ``raw[offsets[i]:offsets[i + 1]]`` is frame *i* as it came, from ``##`` on."""

    plan: int
    received: NDArray[np.int64]
    offsets: NDArray[np.uint32]
    address_index: NDArray[np.uint16]
    addresses: tuple[str, ...]
    raw: bytes
    repairs: Repairs = NO_REPAIRS

    def __len__(self) -> int:
        return len(self.received)

    def frame(self, index: int) -> bytes:
        """Return a frame as it came: evidence."""
        return self.raw[self.offsets[index] : self.offsets[index + 1]]

    def plain(self, index: int) -> bytes:
        """Return a frame as it is to be read: as it came, or repaired."""
        place = int(np.searchsorted(self.repairs.packets, index))
        if place == len(self.repairs.packets) or self.repairs.packets[place] != index:
            return self.frame(index)
        return self.repairs.raw[self.repairs.offsets[place] : self.repairs.offsets[place + 1]]


def encode(batch: PacketBatch) -> bytes:
    """Return the message. The arrays are written as they are; the raw bytes are copied once."""
    addresses = "\n".join(batch.addresses).encode()
    magic = MAGIC_REPAIRED if len(batch.repairs.packets) else MAGIC
    header = HEADER.pack(magic, batch.plan, len(batch), len(addresses), len(batch.raw))
    return b"".join(
        (
            header,
            np.ascontiguousarray(batch.received, "<i8").tobytes(),
            np.ascontiguousarray(batch.offsets, "<u4").tobytes(),
            np.ascontiguousarray(batch.address_index, "<u2").tobytes(),
            addresses,
            batch.raw,
            *_repairs_encoded(batch.repairs),
        )
    )


def _repairs_encoded(repairs: Repairs) -> tuple[bytes, ...]:
    if not len(repairs.packets):
        return ()
    return (
        COUNT.pack(len(repairs.packets)),
        np.ascontiguousarray(repairs.packets, "<u4").tobytes(),
        np.ascontiguousarray(repairs.offsets, "<u4").tobytes(),
        repairs.raw,
    )


def decode(message: bytes) -> PacketBatch:
    """Read a message; the arrays are views of it.

    :raises BrokenBatch: if it is not a whole batch of this layout.
    """
    if len(message) < HEADER.size:
        raise BrokenBatch(why="shorter than its header")
    magic, plan, count, addresses_length, raw_length = HEADER.unpack_from(message)
    if magic not in (MAGIC, MAGIC_REPAIRED):
        raise BrokenBatch(why=f"magic {magic!r}")
    received_at = HEADER.size
    offsets_at = received_at + 8 * count
    index_at = offsets_at + 4 * (count + 1)
    addresses_at = index_at + 2 * count
    raw_at = addresses_at + addresses_length
    raw_end = raw_at + raw_length
    if len(message) < raw_end or (magic == MAGIC and len(message) != raw_end):
        raise BrokenBatch(why=f"{len(message)} bytes where the header says {raw_end}")
    return PacketBatch(
        plan=plan,
        received=np.frombuffer(message, "<i8", count, received_at),
        offsets=np.frombuffer(message, "<u4", count + 1, offsets_at),
        address_index=np.frombuffer(message, "<u2", count, index_at),
        addresses=tuple(message[addresses_at:raw_at].decode().split("\n")) if addresses_length else (),
        raw=message[raw_at:raw_end],
        repairs=NO_REPAIRS if magic == MAGIC else _repairs(message, raw_end, count),
    )


def _repairs(message: bytes, start: int, packets: int) -> Repairs:
    if len(message) < start + COUNT.size:
        raise BrokenBatch(why="it ends before its repaired packets")
    (count,) = COUNT.unpack_from(message, start)
    packets_at = start + COUNT.size
    offsets_at = packets_at + 4 * count
    raw_at = offsets_at + 4 * (count + 1)
    if count > packets or len(message) < raw_at:
        raise BrokenBatch(why=f"{count} repaired packets do not fit")
    found = Repairs(
        packets=np.frombuffer(message, "<u4", count, packets_at),
        offsets=np.frombuffer(message, "<u4", count + 1, offsets_at),
        raw=message[raw_at:],
    )
    if len(found.raw) != found.offsets[-1]:
        raise BrokenBatch(why=f"{len(found.raw)} bytes of repaired packets instead of {found.offsets[-1]}")
    return found
