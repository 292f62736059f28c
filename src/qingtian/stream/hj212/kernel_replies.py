"""The kernel that writes the answers to uploads (HJ 212-2017 §6.5, table 3: command 9014, or 9013 to a notice)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.kernel_checksum import checksum
from qingtian.stream.hj212.kernel_frames import (
    F_CN,
    F_FLAG,
    F_MN,
    F_MN_LENGTH,
    F_PW,
    F_PW_LENGTH,
    F_QN,
    F_QN_LENGTH,
    F_STATUS,
)
from qingtian.stream.hj212.kernel_header import Ints
from qingtian.stream.hj212.status import OK
from qingtian.stream.hj212.words import Bytes, kernel

FIXED_BYTES = 96
"""More than a reply has besides QN, PW and MN."""

ASKS = 1
"""Bit A of the Flag: the receiver must answer."""

VERSION_BITS = 0xFC
VERSION_2025 = 8

DATA_ANSWER = 9014
NOTICE_ANSWER = 9013

QN_TEXT = np.frombuffer(b"QN=", np.uint8)
ST_TEXT = np.frombuffer(b";ST=91;CN=", np.uint8)
PW_TEXT = np.frombuffer(b";PW=", np.uint8)
MN_TEXT = np.frombuffer(b";MN=", np.uint8)
FLAG_TEXT = np.frombuffer(b";Flag=", np.uint8)
CP_TEXT = np.frombuffer(b";CP=&&", np.uint8)
CN_TEXT = np.frombuffer(b";CN=", np.uint8)
HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)


@kernel
def put(out: Bytes, place: int, source: Bytes, start: int, length: int) -> int:
    for index in range(length):
        out[place + index] = source[start + index]
    return place + length


@kernel
def put_number(out: Bytes, place: int, number: int, digits: int) -> int:
    """Write ``number`` with exactly ``digits`` decimal digits."""
    for index in range(digits):
        out[place + digits - 1 - index] = 48 + number % 10
        number //= 10
    return place + digits


@kernel
def put_flag(out: Bytes, place: int, flag: int) -> int:
    digits = 1 if flag < 10 else 2 if flag < 100 else 3
    return put_number(out, place, flag, digits)


@kernel
def answer_command(cn: int, flag: int) -> int:
    """Return the command of the answer, or 0 where none is due: an answer is never answered."""
    if 9011 <= cn <= 9014:
        return 0
    if cn in (1013, 2072) or (flag >= VERSION_2025 and cn in (9015, 1001)):
        return NOTICE_ANSWER
    return DATA_ANSWER


@kernel
def write_reply(buffer: Bytes, frames: Ints, index: int, cn: int, out: Bytes, start: int) -> int:
    """Write the answer to one frame at ``start``; return its end.

    HJ/T 212-2005 (Flag version 0) carries the QN of the exchange inside CP, and the command it answers to.
    """
    version = frames[F_FLAG, index] & VERSION_BITS
    segment = start + 6
    place = segment
    qn, qn_length = frames[F_QN, index], frames[F_QN_LENGTH, index]
    if version:
        place = put(out, place, QN_TEXT, 0, 3)
        place = put(out, place, buffer, qn, qn_length)
        place = put(out, place, ST_TEXT, 0, len(ST_TEXT))
    else:
        place = put(out, place, ST_TEXT, 1, len(ST_TEXT) - 1)
    place = put_number(out, place, cn, 4)
    if frames[F_PW, index] >= 0:
        place = put(out, place, PW_TEXT, 0, 4)
        place = put(out, place, buffer, frames[F_PW, index], frames[F_PW_LENGTH, index])
    place = put(out, place, MN_TEXT, 0, 4)
    place = put(out, place, buffer, frames[F_MN, index], frames[F_MN_LENGTH, index])
    place = put_flag(out, put(out, place, FLAG_TEXT, 0, len(FLAG_TEXT)), version)
    place = put(out, place, CP_TEXT, 0, len(CP_TEXT))
    if not version:
        place = put(out, place, QN_TEXT, 0, 3)
        place = put(out, place, buffer, qn, qn_length)
        if cn == DATA_ANSWER:
            place = put(out, place, CN_TEXT, 0, 4)
            place = put_number(out, place, frames[F_CN, index], 4)
    return close_frame(out, start, segment, place)


@kernel
def close_frame(out: Bytes, start: int, segment: int, place: int) -> int:
    """Write the closing ``&&``, the length before the segment, the checksum and the line end behind it."""
    out[place] = out[place + 1] = 38
    place += 2
    out[start] = out[start + 1] = 35
    put_number(out, start + 2, place - segment, 4)
    crc = checksum(out, segment, place)
    for index in range(4):
        out[place + 3 - index] = HEX[crc & 15]
        crc >>= 4
    out[place + 4] = 13
    out[place + 5] = 10
    return place + 6


@kernel
def write_replies(buffer: Bytes, frames: Ints, count: int, out: Bytes, offsets: NDArray[np.int64]) -> int:
    """Write the answer to every frame that is due one; ``offsets[i]:offsets[i + 1]`` is that to frame *i*."""
    place = 0
    offsets[0] = 0
    for index in range(count):
        flag = frames[F_FLAG, index]
        if (
            frames[F_STATUS, index] == OK
            and flag > 0
            and flag < 256
            and flag & ASKS
            and frames[F_QN_LENGTH, index] > 0
            and frames[F_CN, index] <= 9999
        ):
            cn = answer_command(frames[F_CN, index], flag)
            if cn:
                place = write_reply(buffer, frames, index, cn, out, place)
        offsets[index + 1] = place
    return place


@kernel
def reply_room(frames: Ints, count: int) -> int:
    """Return a number of bytes that all answers together cannot exceed."""
    room = 0
    for index in range(count):
        room += FIXED_BYTES + frames[F_QN_LENGTH, index] + frames[F_PW_LENGTH, index] + frames[F_MN_LENGTH, index]
    return room
