"""The kernel at the door: password, clock and shape of each sound frame, in one pass over what a turn has found.

The *shape* of a packet is what is left when the digits of its values are taken away. Which deviations a packet shows
(`hj212.observed`) hangs on its shape alone, for the uploads that carry no typed item but DataTime; a logger sends few
shapes, so each need be read in Python once.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.columns import MISSING_TIME
from qingtian.stream.hj212.kernel_frames import (
    F_CHUNK,
    F_CN,
    F_DEVICE,
    F_END,
    F_PW,
    F_PW_LENGTH,
    F_QN,
    F_QN_LENGTH,
    F_START,
    F_STATUS,
)
from qingtian.stream.hj212.kernel_header import Ints, Longs
from qingtian.stream.hj212.kernel_values import stamp
from qingtian.stream.hj212.status import OK
from qingtian.stream.hj212.words import Bytes, inner, kernel

Codes = NDArray[np.uint64]

RIGHT, WRONG = 0, 1
"""Of a password."""

NOT_LOOKED_AT, UNREAD = -2, -1
"""Of a shape: skipped this time; not in the table."""

STANDARD_LENGTH = 1024
LONG_RUN = 12
"""A run of more digits keeps its length: stamps have 13, 14 or 17."""

FNV_START, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3

# keys, packed as big-endian numbers
KEY_MN, KEY_ST, KEY_CN = 0x4D4E, 0x5354, 0x434E
KEY_FLAG, KEY_FLAG_CAPITALS, KEY_PNUM, KEY_PNO = 0x466C6167, 0x464C4147, 0x504E554D, 0x504E4F
KEY_DATA_TIME = 0x4461746154696D65
ENDS_LIKE_FLAG = 0x6167

MASKED, KEPT, DEVICE_ID, INSTANT = 0, 1, 2, 3

LAST_ANSWER, FIRST_ANSWER = 9014, 9011


@inner
def mixed(state: int, byte: int) -> int:
    return (state ^ types.uint64(byte)) * types.uint64(FNV_PRIME)


@inner
def kind_of_value(key: int) -> int:
    """Return how the value of a key is taken: digits away, as it is, by the kinds of its characters, or as a time."""
    if key == KEY_MN:
        return DEVICE_ID
    if key == KEY_DATA_TIME:
        return INSTANT
    if key & types.uint64(0xFFFF) == ENDS_LIKE_FLAG:
        return KEPT
    if key in (KEY_ST, KEY_CN, KEY_FLAG_CAPITALS, KEY_PNUM, KEY_PNO):
        return KEPT
    return MASKED


@inner
def ends_value(byte: int) -> bool:
    # ; , &
    return (byte == 59) | (byte == 44) | (byte == 38)


@inner
def character_kind(byte: int) -> int:
    """Return one character for all digits and A to F, one for the other capitals, one for small letters."""
    if 48 <= byte <= 57 or 65 <= byte <= 70:
        return 65
    if 71 <= byte <= 90:
        return 71
    return 97 if 97 <= byte <= 122 else byte


@kernel
def instant_shape(buffer: Bytes, start: int, end: int) -> int:
    """Return 0 for no time, else 1, or 2 with seconds."""
    moment = stamp(buffer, start, end)
    if moment == MISSING_TIME:
        return 0
    return 1 if moment % 60_000_000 == 0 else 2


@kernel
def shape_of(buffer: Bytes, start: int, end: int) -> int:
    """Return a number for the shape of a sound frame."""
    place = start + 2
    length = types.int64(0)
    while place < start + 6 and 48 <= buffer[place] <= 57:
        length = length * 10 + (types.int64(buffer[place]) - 48)
        place += 1
    close = min(place + length, end)
    state = mixed(types.uint64(FNV_START), place - start)
    state = mixed(state, 1 if length > STANDARD_LENGTH else 0)
    key = types.uint64(0)
    kind = -1
    run = 0
    while place < close:
        byte = types.int64(buffer[place])
        if ends_value(byte):
            kind, key, run = -1, types.uint64(0), 0
        elif kind < 0:
            if byte == 61:
                kind = kind_of_value(key)
                if kind == INSTANT:
                    first = place + 1
                    while place + 1 < close and not ends_value(buffer[place + 1]):
                        place += 1
                    state = mixed(state, instant_shape(buffer, first, place + 1))
                    state = mixed(state, place + 1 - first)
            else:
                key = key << types.uint64(8) | types.uint64(byte)
        elif kind == DEVICE_ID:
            byte = character_kind(byte)
        elif kind == MASKED and 48 <= byte <= 57:
            run += 1
            place += 1
            if run == 1 or run > LONG_RUN:
                state = mixed(state, 48)
            continue
        else:
            run = 0
        state = mixed(state, byte)
        place += 1
    return tail_shape(buffer, close, end, state)


@kernel
def tail_shape(buffer: Bytes, close: int, end: int, state: int) -> int:
    """Go on with the case of the checksum and the line end."""
    small = 0
    for place in range(close, min(close + 4, end)):
        small |= buffer[place] >= 97
    state = mixed(state, small)
    for place in range(close + 4, end):
        state = mixed(state, buffer[place])
    return state


@kernel
def find_shape(shape: int, keys: Codes, found: Ints) -> int:
    """Return what is known of a shape, `UNREAD` if nothing is. ``keys`` 0 is an empty slot."""
    mask = len(keys) - 1
    slot = types.int64(shape & types.uint64(mask))
    while keys[slot] != 0:
        if keys[slot] == shape:
            return found[slot]
        slot = (slot + 1) & mask
    return UNREAD


@kernel
def password_is_right(buffer: Bytes, start: int, length: int, passwords: Bytes, first: int, last: int) -> bool:
    """Compare without an early end: the time tells nothing of how much was right."""
    wrong = types.int64(length != last - first)
    for place in range(last - first):
        # beyond the text that came, the registered one is compared with itself
        byte = buffer[start + place] if place < length else passwords[first + place]
        wrong |= types.int64(byte ^ passwords[first + place])
    return wrong == 0


@kernel
def look_at(
    buffer: Bytes,
    frames: Ints,
    count: int,
    arrived: Longs,
    password_places: Ints,
    passwords: Bytes,
    rest: NDArray[np.int16],
    shaped: NDArray[np.int16],
    keys: Codes,
    known: Ints,
    clocks: Longs,
    logins: Bytes,
    shapes: Codes,
    found: Ints,
) -> None:
    """Look at every sound frame of a registered device.

    ``arrived`` µs by chunk; passwords by device; ``rest[device]``: frames of it not to look at, counted down (negative:
    never look here). ``shaped``: commands whose deviations hang on their shape. ``clocks[device]``: the largest QN
    minus arrival seen, µs. Writes ``logins`` (`RIGHT`, `WRONG`), ``shapes`` and ``found`` (`find_shape`) by frame.
    """
    for index in range(count):
        logins[index] = RIGHT
        shapes[index] = 0
        found[index] = NOT_LOOKED_AT
        device = frames[F_DEVICE, index]
        if frames[F_STATUS, index] != OK or device < 0:
            continue
        cn = frames[F_CN, index]
        answers = FIRST_ANSWER <= cn <= LAST_ANSWER
        pw, length = max(frames[F_PW, index], 0), frames[F_PW_LENGTH, index]
        first, last = password_places[device], password_places[device + 1]
        # an answer may come without a password (HJ/T 212-2005 §6)
        if not (answers and length == 0) and not password_is_right(buffer, pw, length, passwords, first, last):
            logins[index] = WRONG
        if not answers and frames[F_QN_LENGTH, index] == 17:
            sent = stamp(buffer, frames[F_QN, index], frames[F_QN, index] + 17)
            if sent != MISSING_TIME:
                clocks[device] = max(clocks[device], sent - arrived[frames[F_CHUNK, index]])
        if rest[device] > 0:
            rest[device] -= 1
            continue
        found[index] = UNREAD
        if rest[device] == 0 and is_shaped(cn, shaped):
            shapes[index] = max(shape_of(buffer, frames[F_START, index], frames[F_END, index]), types.uint64(1))
            found[index] = find_shape(shapes[index], keys, known)


@kernel
def is_shaped(cn: int, shaped: NDArray[np.int16]) -> bool:
    for each in shaped:  # noqa: SIM110 - no generators in a kernel
        if each == cn:
            return True
    return False
