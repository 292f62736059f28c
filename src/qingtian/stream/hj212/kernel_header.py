"""Kernels for the header of a data segment: where its fields stand, and whose it is."""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.words import Bytes, find_byte, hash_bytes, inner, kernel, same_bytes

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

# places in the scratch row that `read_header` fills
QN, QN_LENGTH, MN, MN_LENGTH, PW, PW_LENGTH, CN, ST, FLAG, PNUM, PNO = range(11)
HEADER_FIELDS = 11

HASH, AMPERSAND, EQUALS, SEMICOLON, COMMA, CR, LF, BLANK, TAB = b"#&=;,\r\n \t"
LETTER_C, LETTER_P, LETTER_Q, LETTER_N, LETTER_S, LETTER_T, LETTER_M, LETTER_W = b"CPQNSTMW"
MAX_INTEGER_DIGITS = 9


@inner
def is_digit(byte: int) -> bool:
    return 48 <= byte <= 57


@inner
def is_blank(byte: int) -> bool:
    # `in` and `or` would be a loop and jumps
    return (byte == BLANK) | (byte == TAB) | (byte == CR) | (byte == LF)


@kernel
def integer(buffer: Bytes, start: int, end: int) -> int:
    """Return the number that the digits of ``buffer[start:end]`` write, or -1 if they are no digits or too many."""
    if end <= start or end - start > MAX_INTEGER_DIGITS:
        return -1
    number = 0
    for place in range(start, end):
        if not is_digit(buffer[place]):
            return -1
        number = number * 10 + (types.int64(buffer[place]) - 48)
    return number


@kernel
def find_body(buffer: Bytes, start: int, end: int) -> int:
    """Return the place of the first ``CP=&&``, or -1."""
    place = start
    while True:
        place = find_byte(buffer, place, end - 1, AMPERSAND)
        if place >= end - 1:
            return -1
        if (
            buffer[place + 1] == AMPERSAND
            and place - 3 >= start
            and buffer[place - 1] == EQUALS
            and buffer[place - 2] == LETTER_P
            and buffer[place - 3] == LETTER_C
        ):
            return place - 3
        place += 1


@kernel
def find_close(buffer: Bytes, body: int, end: int) -> int:
    """Return the place of the last ``&&`` in ``buffer[body:end]``, or -1."""
    place = end - 2
    while place >= body:
        if buffer[place] == AMPERSAND and buffer[place + 1] == AMPERSAND:
            return place
        place -= 1
    return -1


@kernel
def keep_text(row: Longs, field: int, start: int, end: int) -> None:
    if row[field] < 0:
        row[field] = start
        row[field + 1] = end - start


@kernel
def keep_number(row: Longs, field: int, seen: int, buffer: Bytes, start: int, end: int) -> int:
    """Keep the first of equal names; return ``seen`` with this field marked."""
    if not seen & (1 << field):
        row[field] = integer(buffer, start, end)
    return seen | (1 << field)


@kernel
def keep_field(row: Longs, seen: int, buffer: Bytes, key: int, equals: int, end: int) -> int:
    """Put one header field where it belongs; unknown names pass."""
    value = equals + 1
    length = equals - key
    first = buffer[key]
    second = buffer[key + 1] if length > 1 else types.uint8(0)
    if length == 2:
        if first == LETTER_Q and second == LETTER_N:
            keep_text(row, QN, value, end)
        elif first == LETTER_M and second == LETTER_N:
            keep_text(row, MN, value, end)
        elif first == LETTER_P and second == LETTER_W:
            keep_text(row, PW, value, end)
        elif first == LETTER_C and second == LETTER_N:
            return keep_number(row, CN, seen, buffer, value, end)
        elif first == LETTER_S and second == LETTER_T:
            return keep_number(row, ST, seen, buffer, value, end)
    elif length == 4:
        word = (
            types.int64(first) << 24
            | types.int64(second) << 16
            | types.int64(buffer[key + 2]) << 8
            | types.int64(buffer[key + 3])
        )
        if word in (0x466C6167, 0x464C4147):  # Flag, FLAG
            return keep_number(row, FLAG, seen, buffer, value, end)
        if word == 0x504E554D:  # PNUM
            return keep_number(row, PNUM, seen, buffer, value, end)
    elif length == 3 and first == LETTER_P and second == LETTER_N and buffer[key + 2] == 79:  # PNO
        return keep_number(row, PNO, seen, buffer, value, end)
    return seen


@kernel
def read_header(buffer: Bytes, start: int, end: int, row: Longs) -> int:
    """Fill ``row`` from the header of ``buffer[start:end]``; return the place behind ``CP=&&``, or -1 without one."""
    row[:] = -1
    row[QN_LENGTH] = row[MN_LENGTH] = row[PW_LENGTH] = 0
    body = find_body(buffer, start, end)
    stop = end if body < 0 else body
    seen = 0
    place = start
    while place < stop:
        while place < stop and is_blank(buffer[place]):
            place += 1
        key = place
        equals = -1
        while place < stop and buffer[place] != SEMICOLON and buffer[place] != COMMA:
            if equals < 0 and buffer[place] == EQUALS:
                equals = place
            place += 1
        if equals >= 0:
            seen = keep_field(row, seen, buffer, key, equals, place)
        place += 1
    return -1 if body < 0 else body + 5


@kernel
def find_device(buffer: Bytes, start: int, length: int, slots: Ints, offsets: Ints, names: Bytes) -> int:
    """Return the index of a device in an open-addressing table with linear probing, or -1."""
    mask = len(slots) - 1
    slot = types.int64(hash_bytes(buffer, start, start + length) & types.uint64(mask))
    while slots[slot] >= 0:
        index = slots[slot]
        name = offsets[index]
        if offsets[index + 1] - name == length and same_bytes(buffer, start, names, name, length):
            return index
        slot = (slot + 1) & mask
    return -1
