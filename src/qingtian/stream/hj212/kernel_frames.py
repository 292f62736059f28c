"""The framing kernel: `frames.FrameReader` and `segment.read_header` once more, for a machine.

The rules stand in `frames`; a property test holds both to the same answer.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.checksum import START, TABLE
from qingtian.stream.hj212.limits import ANCHOR_LENGTH, MAX_SEGMENT, SCAN_LIMIT
from qingtian.stream.hj212.status import (
    BAD_CHECKSUM,
    BAD_LENGTH,
    BROKEN_SEGMENT,
    GARBAGE,
    OK,
    OVERSIZE,
    UNKNOWN_MN,
    WAITING,
)
from qingtian.stream.hj212.words import Bytes, find_byte, hash_bytes, kernel, load_word

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

CRC_TABLE = np.array(TABLE, np.uint16)

# places in the scratch row that `read_header` fills
QN, QN_LENGTH, MN, MN_LENGTH, PW, PW_LENGTH, CN, ST, FLAG, PNUM, PNO = range(11)
HEADER_FIELDS = 11

# columns of the output of `frame_chunks`
(
    F_START,
    F_END,
    F_CHUNK,
    F_STATUS,
    F_DEVICE,
    F_QN,
    F_QN_LENGTH,
    F_MN,
    F_MN_LENGTH,
    F_PW,
    F_PW_LENGTH,
    F_CN,
    F_ST,
    F_FLAG,
) = range(14)
FRAME_FIELDS = 14

HASH, AMPERSAND, EQUALS, SEMICOLON, COMMA, CR, LF, BLANK, TAB = b"#&=;,\r\n \t"
LETTER_C, LETTER_P, LETTER_Q, LETTER_N, LETTER_S, LETTER_T, LETTER_M, LETTER_W = b"CPQNSTMW"
MAX_INTEGER_DIGITS = 9


@kernel
def checksum(buffer: Bytes, start: int, end: int) -> int:
    """Return the checksum of ``buffer[start:end]``, folded eight bytes at a time (see `checksum`)."""
    crc = types.uint32(START)
    place = start
    for _ in range((end - start) % 8):
        crc = types.uint32(CRC_TABLE[(crc >> 8) ^ buffer[place]])
        place += 1
    if place < end:
        folded = types.uint64(0)
        while place < end:
            folded ^= load_word(buffer, place)
            place += 8
        for _ in range(8):
            crc = types.uint32(CRC_TABLE[(crc >> 8) ^ types.uint32(folded & types.uint64(0xFF))])
            folded >>= types.uint64(8)
    return crc


@kernel
def hex_digit(byte: int) -> int:
    """Return the value of a hexadecimal digit of either case, or -1."""
    if 48 <= byte <= 57:
        return byte - 48
    letter = byte | 32
    return letter - 87 if 97 <= letter <= 102 else -1


@kernel
def is_digit(byte: int) -> bool:
    return 48 <= byte <= 57


@kernel
def is_blank(byte: int) -> bool:
    return byte in (BLANK, TAB, CR, LF)


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
def find_start(buffer: Bytes, start: int, end: int) -> int:
    """Return the first place of ``##`` and a digit, or -1."""
    place = start
    while True:
        place = find_byte(buffer, place, end - 2, HASH)
        if place >= end - 2:
            return -1
        if buffer[place + 1] == HASH and is_digit(buffer[place + 2]):
            return place
        place += 1


@kernel
def is_anchor(buffer: Bytes, place: int, end: int) -> bool:
    """Tell whether ``##``, one to four digits and ``QN=`` or ``ST=`` stand at ``place``."""
    if place + 1 >= end or buffer[place + 1] != HASH:
        return False
    place += 2
    digits = 0
    while digits < 4 and place < end and is_digit(buffer[place]):
        place += 1
        digits += 1
    if digits == 0 or place + 3 > end or buffer[place + 2] != EQUALS:
        return False
    first, second = buffer[place], buffer[place + 1]
    return (first == LETTER_Q and second == LETTER_N) or (first == LETTER_S and second == LETTER_T)


@kernel
def find_boundary(buffer: Bytes, start: int, segment: int, end: int, ended: bool) -> int:
    """Return where the frame of unknown length at ``start`` gives way to the next, or -1 if that is still open."""
    last = min(end, start + SCAN_LIMIT)
    for place in range(segment, last):
        if buffer[place] == LF:
            return place + 1
        if buffer[place] == HASH and is_anchor(buffer, place, end):
            return place
    if ended or end - start >= SCAN_LIMIT + ANCHOR_LENGTH:
        return last
    return -1


@kernel
def skip_line_end(buffer: Bytes, place: int, end: int) -> int:
    if place < end and buffer[place] == CR:
        place += 1
    if place < end and buffer[place] == LF:
        place += 1
    return place


@kernel
def garbage_end(buffer: Bytes, start: int, found: int, end: int, ended: bool) -> int:
    """Return where stray bytes from ``start`` on end (a frame was found at ``found``, or -1), or -1 if still open."""
    if found >= 0:
        return min(found, start + SCAN_LIMIT)
    if ended or end - start >= SCAN_LIMIT + 2:
        return min(end, start + SCAN_LIMIT)
    return -1


@kernel
def damaged_end(buffer: Bytes, segment: int, declared: int, end: int) -> int:
    """Return the end of a frame whose length is right (``&&`` closes it) but whose checksum is not, or -1."""
    if declared > end or declared - segment < 2:
        return -1
    if buffer[declared - 1] != AMPERSAND or buffer[declared - 2] != AMPERSAND:
        return -1
    place = declared
    while place < end and place < declared + 4 and hex_digit(buffer[place]) >= 0:
        place += 1
    if place < declared + 4 and place < end and not is_blank(buffer[place]) and buffer[place] != HASH:
        return -1
    return place


@kernel
def checksum_holds(buffer: Bytes, segment: int, declared: int) -> bool:
    carried = 0
    for place in range(declared, declared + 4):
        digit = hex_digit(types.int64(buffer[place]))
        if digit < 0:
            return False
        carried = carried * 16 + digit
    return carried == checksum(buffer, segment, declared)


@kernel
def next_frame(buffer: Bytes, start: int, end: int, ended: bool) -> tuple[int, int, int, int]:
    """Return status, end of the frame, start and end of its segment for what stands at ``start``."""
    found = find_start(buffer, start, end)
    if found != start:
        stop = garbage_end(buffer, start, found, end, ended)
        return (WAITING, start, start, start) if stop < 0 else (GARBAGE, stop, start, start)
    segment = start + 2
    length = 0
    while segment < start + 6 and segment < end and is_digit(buffer[segment]):
        length = length * 10 + (types.int64(buffer[segment]) - 48)
        segment += 1
    if segment == end and segment < start + 6 and not ended:
        return WAITING, start, start, start
    status = OVERSIZE
    if length <= MAX_SEGMENT:
        declared = segment + length
        if declared + 4 <= end:
            if checksum_holds(buffer, segment, declared):
                return OK, skip_line_end(buffer, declared + 4, end), segment, declared
        elif not ended:
            return WAITING, start, start, start
        stop = damaged_end(buffer, segment, declared, end)
        if stop >= 0:
            return BAD_CHECKSUM, skip_line_end(buffer, stop, end), segment, declared
        status = BAD_LENGTH
    stop = find_boundary(buffer, start, segment, end, ended)
    return (WAITING, start, start, start) if stop < 0 else (status, stop, segment, stop)


@kernel
def find_device(buffer: Bytes, start: int, length: int, slots: Ints, offsets: Ints, names: Bytes) -> int:
    """Return the index of a device in an open-addressing table with linear probing, or -1."""
    mask = len(slots) - 1
    slot = types.int64(hash_bytes(buffer, start, start + length) & types.uint64(mask))
    while slots[slot] >= 0:
        index = slots[slot]
        name = offsets[index]
        if offsets[index + 1] - name == length:
            same = True
            for place in range(length):
                if buffer[start + place] != names[name + place]:
                    same = False
                    break
            if same:
                return index
        slot = (slot + 1) & mask
    return -1


@kernel
def judge_segment(buffer: Bytes, body: int, end: int, row: Longs, device: int) -> int:
    """Return the status of a segment whose length and checksum are right."""
    if body < 0 or row[CN] < 0 or find_close(buffer, body, end) < 0:
        return BROKEN_SEGMENT
    return OK if device >= 0 else UNKNOWN_MN


@kernel
def frame_chunks(
    buffer: Bytes,
    starts: Longs,
    ended: Bytes,
    slots: Ints,
    offsets: Ints,
    names: Bytes,
    out: Ints,
    consumed: Longs,
) -> int:
    """Frame every chunk; fill ``out`` (`FRAME_FIELDS` × room) and ``consumed``.

    Returns the number of frames, or -1 if there was not room for all.
    """
    row = np.empty(HEADER_FIELDS, np.int64)
    count = 0
    for chunk in range(len(starts) - 1):
        place = starts[chunk]
        end = starts[chunk + 1]
        while True:
            while place < end and (buffer[place] == CR or buffer[place] == LF):
                place += 1
            if place >= end:
                break
            status, stop, segment, segment_end = next_frame(buffer, place, end, ended[chunk] != 0)
            if status == WAITING:
                break
            if count == out.shape[1]:
                return -1
            body = read_header(buffer, segment, segment_end, row)
            device = -1
            if row[MN_LENGTH] > 0:
                device = find_device(buffer, row[MN], row[MN_LENGTH], slots, offsets, names)
            if status == OK:
                status = judge_segment(buffer, body, segment_end, row, device)
            out[F_START, count] = place
            out[F_END, count] = stop
            out[F_CHUNK, count] = chunk
            out[F_STATUS, count] = status
            out[F_DEVICE, count] = device
            for field in range(FRAME_FIELDS - F_QN):
                out[F_QN + field, count] = row[field]
            count += 1
            place = stop
        consumed[chunk] = place - starts[chunk]
    return count
