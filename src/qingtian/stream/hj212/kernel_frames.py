"""The framing kernel: `frames.FrameReader` and `segment.read_header` once more, for a machine.

The rules stand in `frames`; a property test holds both to the same answer.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from numba import types

from qingtian.stream.hj212.kernel_checksum import checksum_holds, hex_digit
from qingtian.stream.hj212.kernel_header import (
    AMPERSAND,
    CN,
    CR,
    EQUALS,
    HASH,
    LETTER_N,
    LETTER_Q,
    LETTER_S,
    LETTER_T,
    LF,
    MN,
    MN_LENGTH,
    Ints,
    Longs,
    find_close,
    find_device,
    is_blank,
    is_digit,
)
from qingtian.stream.hj212.kernel_usual_header import find_header
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
from qingtian.stream.hj212.words import Bytes, find_byte, kernel

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
def next_frame(buffer: Bytes, start: int, end: int, ended: bool) -> tuple[int, int, int, int]:
    """Return status, end of the frame, start and end of its segment for what stands at ``start``."""
    found = find_start(buffer, start, min(end, start + SCAN_LIMIT + 3))
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
    row: Longs,
    out: Ints,
    consumed: Longs,
) -> int:
    """Frame every chunk; fill ``out`` (`FRAME_FIELDS` × room) and ``consumed``.

    Returns the number of frames, or -1 if there was not room for all.
    """
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
            body = find_header(buffer, segment, segment_end, row)
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
