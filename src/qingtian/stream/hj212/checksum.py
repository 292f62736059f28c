"""The checksum of HJ 212-2017 annex A (also HJ/T 212-2005): CRC-16 with polynomial 0xA001, but *not* Modbus.

Each step throws the low byte of the state away (``crc >> 8``) before it takes the next byte in. So only the high
byte lives on, the step is linear, and its eighth power is the identity on that byte: bytes eight places apart act
alike, and a long segment folds to eight bytes by exclusive or before the table is asked at all.
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from struct import unpack

POLYNOMIAL = 0xA001
START = 0xFFFF


def _step(crc: int, byte: int) -> int:
    crc = (crc >> 8) ^ byte
    for _ in range(8):
        crc = (crc >> 1) ^ POLYNOMIAL if crc & 1 else crc >> 1
    return crc


TABLE = tuple(_step(0, byte) for byte in range(256))


def checksum_by_definition(segment: bytes) -> int:
    """Return the checksum as annex A writes it, bit by bit: slow, and the measure of every faster way."""
    return reduce(_step, segment, START)


def checksum(segment: bytes) -> int:
    """Return the checksum (0–0xFFFF) of a data segment, from the byte after the length to the closing ``&&``."""
    head = len(segment) % 8
    crc = START
    for byte in segment[:head]:
        crc = TABLE[(crc >> 8) ^ byte]
    if len(segment) >= 8:
        words = unpack(f"<{len(segment) // 8}Q", memoryview(segment)[head:])
        for byte in reduce(xor, words).to_bytes(8, "little"):
            crc = TABLE[(crc >> 8) ^ byte]
    return crc


def printed(crc: int) -> bytes:
    """Return the four upper-case hexadecimal digits that a frame carries, high byte first."""
    return b"%04X" % crc
