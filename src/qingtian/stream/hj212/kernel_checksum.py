"""Kernels for the checksum: it costs no more than reading the bytes.

The step is linear and its eighth power is the identity (see `checksum`), so a segment folds to eight bytes by exclusive
or, and each of these asks a table of its own, all at once: no look-up waits for the one before it.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.checksum import TABLE
from qingtian.stream.hj212.words import Bytes, inner, kernel, load_word


def _tables() -> list[list[int]]:
    """Return what each byte of a folded segment adds to the checksum, by place and value."""
    tables = [list(TABLE)]
    for _ in range(7):
        tables.insert(0, [TABLE[crc >> 8] for crc in tables[0]])
    return tables


TABLES = np.array(_tables(), np.uint16)
EMPTY = 0xFFFF

START_BYTE = 0xFF
"""What the start of the checksum does to the first byte."""


@inner
def first_bytes(buffer: Bytes, start: int, end: int, count: int) -> int:
    """Return a word whose ``count`` lowest bytes are the first of ``buffer[start:end]``; above them may be others."""
    if end - start >= 8:
        return load_word(buffer, start)
    word = types.uint64(0)
    for place in range(count):
        word |= types.uint64(buffer[start + place]) << types.uint64(place << 3)
    return word


@kernel
def fold(buffer: Bytes, start: int, end: int) -> int:
    """Return ``buffer[start:end]`` folded to eight bytes, aligned to its end."""
    head = (end - start) & 7
    folded = types.uint64(0)
    if head != 0:
        folded = first_bytes(buffer, start, end, head) << types.uint64(64 - (head << 3))
    for place in range(start + head, end, 8):
        folded ^= load_word(buffer, place)
    return folded


@inner
def unfolded(folded: int, length: int) -> int:
    """Return the checksum of ``length`` (at least 1) bytes that were folded to these."""
    first = types.uint64((8 - (length & 7)) & 7)
    folded ^= types.uint64(START_BYTE) << (first << types.uint64(3))
    crc = types.uint16(0)
    for place in range(8):
        crc ^= TABLES[place, (folded >> types.uint64(place << 3)) & types.uint64(0xFF)]
    return types.int64(crc)


@kernel
def checksum(buffer: Bytes, start: int, end: int) -> int:
    """Return the checksum of ``buffer[start:end]``."""
    return unfolded(fold(buffer, start, end), end - start) if end > start else EMPTY


@kernel
def checksums(buffer: Bytes, offsets: NDArray[np.int64], out: NDArray[np.uint16]) -> None:
    """Fill ``out`` with the checksum of each ``buffer[offsets[i]:offsets[i + 1]]``."""
    for packet in range(len(out)):
        out[packet] = checksum(buffer, offsets[packet], offsets[packet + 1])


@kernel
def hex_digit(byte: int) -> int:
    """Return the value of a hexadecimal digit of either case, or -1."""
    if 48 <= byte <= 57:
        return byte - 48
    letter = byte | 32
    return letter - 87 if 97 <= letter <= 102 else -1


@kernel
def checksum_holds(buffer: Bytes, segment: int, declared: int) -> bool:
    """Tell whether the four digits at ``declared`` are the checksum of ``buffer[segment:declared]``."""
    carried = 0
    for place in range(declared, declared + 4):
        digit = hex_digit(types.int64(buffer[place]))
        if digit < 0:
            return False
        carried = carried * 16 + digit
    return carried == checksum(buffer, segment, declared)
