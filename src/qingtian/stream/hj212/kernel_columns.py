"""The column kernel: a batch of frames as kept on the log becomes packet columns and reading columns, in one pass.

It reads what `segment.decode_segment` reads; a property test holds both to the same answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.kernel_frames import (
    CN,
    COMMA,
    EQUALS,
    FLAG,
    HEADER_FIELDS,
    MN,
    MN_LENGTH,
    QN,
    QN_LENGTH,
    SEMICOLON,
    ST,
    Ints,
    Longs,
    checksum_holds,
    find_close,
    find_device,
    is_blank,
    is_digit,
    read_header,
)
from qingtian.stream.hj212.words import Bytes, hash_bytes, kernel

Numbers = NDArray[np.float64]
Codes = NDArray[np.uint64]

MISSING = np.iinfo(np.int64).min
"""A time that is not there. Zero is 1970, and missing is not zero."""

UNREADABLE_FLAG = ord("?")
"""A data flag that is no single ASCII character: neither normal nor unmarked."""

POWERS = np.array([10.0**exponent for exponent in range(23)])
EXACT_MANTISSA = 1 << 53
MAX_DIGITS = 18
DAYS_BEFORE_1970 = 719468
BEIJING_SECONDS = 8 * 3600

# what a value may be
NO_NUMBER, NUMBER, NUMBER_IN_PYTHON = 0, 1, 2

# what a tag may be, besides the code of a measure
OTHER_TAG, FLAG_TAG = -1, -2

SLASH, DASH, PLUS, POINT = b"/-+."
MAX_INT16 = 32767


class PacketArrays(NamedTuple):
    """Where the kernel writes packet columns; see `columns.PacketColumns`."""

    whole: NDArray[np.bool_]
    device: Ints
    qn: Longs
    st: NDArray[np.int16]
    cn: NDArray[np.int16]
    flag: NDArray[np.int16]
    data_time: Longs
    content: Codes
    unreadable: Ints


class ReadingArrays(NamedTuple):
    """Where the kernel writes reading columns; a `NUMBER_IN_PYTHON` stands at ``start:end``, else ``end`` is 0."""

    packet: Ints
    code: Codes
    measure: Bytes
    value: Numbers
    flag: Bytes
    start: Ints
    end: Ints


class Runs(NamedTuple):
    """Stretches of readings of one factor in a packet: its code, the first reading, its Flag (0 none)."""

    code: Codes
    start: Longs
    flag: Bytes


@kernel
def tag_kind(buffer: Bytes, start: int, end: int) -> int:
    """Return the measure code of a tag, `FLAG_TAG` or `OTHER_TAG`."""
    length = end - start
    if length < 3 or length > 5:
        return OTHER_TAG
    word = types.int64(0)
    for place in range(start, end):
        word = word << 8 | types.int64(buffer[place])
    offset = 0
    if length == 5 and (word >> 24) == 0x5A73:  # Zs
        word &= 0xFFFFFF
        offset = 5
    elif length == 4:
        return FLAG_TAG if word == 0x466C6167 else OTHER_TAG
    if word == 0x527464:  # Rtd
        return offset
    if word == 0x4D696E:  # Min
        return offset + 1
    if word == 0x417667:  # Avg
        return offset + 2
    if word == 0x4D6178:  # Max
        return offset + 3
    return 4 if word == 0x436F75 and offset == 0 else OTHER_TAG  # Cou


@kernel
def digits_value(buffer: Bytes, start: int, length: int) -> int:
    number = types.int64(0)
    for place in range(start, start + length):
        number = number * 10 + (types.int64(buffer[place]) - 48)
    return number


@kernel
def all_digits(buffer: Bytes, start: int, end: int) -> bool:
    for place in range(start, end):  # noqa: SIM110 - no generators in a kernel
        if not is_digit(buffer[place]):
            return False
    return True


@kernel
def month_days(year: int, month: int) -> int:
    if month == 2:
        return 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    return 30 if month in (4, 6, 9, 11) else 31


@kernel
def days_since_1970(year: int, month: int, day: int) -> int:
    """Count days in the proleptic Gregorian calendar, by years that begin in March."""
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - DAYS_BEFORE_1970


@kernel
def stamp(buffer: Bytes, start: int, end: int) -> int:
    """Return µs since 1970 UTC of a Beijing stamp of 14 or 17 digits, or `MISSING` (see `base.times.parse_stamp`)."""
    length = end - start
    if (length != 14 and length != 17) or not all_digits(buffer, start, end):
        return MISSING
    year = digits_value(buffer, start, 4)
    month = digits_value(buffer, start + 4, 2)
    day = digits_value(buffer, start + 6, 2)
    hour = digits_value(buffer, start + 8, 2)
    minute = digits_value(buffer, start + 10, 2)
    second = digits_value(buffer, start + 12, 2)
    if year < 1 or month < 1 or month > 12 or day < 1 or hour > 23 or minute > 59 or second > 59:
        return MISSING
    if day > month_days(year, month):
        return MISSING
    seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - BEIJING_SECONDS
    return seconds * 1_000_000 + digits_value(buffer, start + 14, length - 14) * 1000


@kernel
def exponent_is_whole(buffer: Bytes, start: int, end: int) -> bool:
    """Tell whether ``e`` or ``E``, an optional sign and digits fill ``buffer[start:end]``."""
    if start >= end or (buffer[start] | 32) != 101:
        return False
    place = start + 1
    if place < end and (buffer[place] == PLUS or buffer[place] == DASH):
        place += 1
    return place < end and all_digits(buffer, place, end)


@kernel
def read_number(buffer: Bytes, start: int, end: int) -> tuple[int, float]:
    """Return what ``buffer[start:end]`` is and, for `NUMBER`, its value, correctly rounded.

    A mantissa under 2**53 over a power of ten up to 22 is one exact division (Clinger 1990); what is longer, or has an
    exponent, is a `NUMBER_IN_PYTHON`: rare enough to leave to ``float``.
    """
    place = start
    negative = False
    if place < end and (buffer[place] == DASH or buffer[place] == PLUS):
        negative = buffer[place] == DASH
        place += 1
    mantissa = types.int64(0)
    digits = 0
    decimals = 0
    pointed = False
    while place < end:
        byte = types.int64(buffer[place])
        if 48 <= byte <= 57:
            digits += 1
            decimals += pointed
            if digits <= MAX_DIGITS:
                mantissa = mantissa * 10 + (byte - 48)
        elif byte == POINT and not pointed:
            pointed = True
        else:
            break
        place += 1
    if digits == 0:
        return NO_NUMBER, 0.0
    if place < end:
        return (NUMBER_IN_PYTHON if exponent_is_whole(buffer, place, end) else NO_NUMBER), 0.0
    if digits > MAX_DIGITS or mantissa >= EXACT_MANTISSA:
        return NUMBER_IN_PYTHON, 0.0
    value = mantissa / POWERS[decimals]
    return NUMBER, -value if negative else value


@kernel
def is_separator(byte: int) -> bool:
    return byte in (SEMICOLON, COMMA)


@kernel
def trim_start(buffer: Bytes, start: int, end: int) -> int:
    while start < end and is_blank(buffer[start]):
        start += 1
    return start


@kernel
def trim_end(buffer: Bytes, start: int, end: int) -> int:
    while end > start and is_blank(buffer[end - 1]):
        end -= 1
    return end


@kernel
def value_end(buffer: Bytes, start: int, end: int) -> int:
    """Return where a value ends: at the next separator, or behind the ``//`` that closes a log text (§ table B.10)."""
    if start + 1 < end and buffer[start] == SLASH and buffer[start + 1] == SLASH:
        for place in range(start + 2, end - 1):
            if buffer[place] == SLASH and buffer[place + 1] == SLASH:
                behind = trim_start(buffer, place + 2, end)
                if behind >= end or is_separator(buffer[behind]):
                    return place + 2
    place = start
    while place < end and not is_separator(buffer[place]):
        place += 1
    return place


@kernel
def flag_mark(buffer: Bytes, start: int, end: int) -> int:
    if end <= start:
        return 0
    return types.int64(buffer[start]) if end - start == 1 and buffer[start] < 128 else UNREADABLE_FLAG


@kernel
def is_data_time(buffer: Bytes, start: int, end: int) -> bool:
    if end - start != 8:
        return False
    word = types.int64(0)
    for place in range(start, end):
        word = word << 8 | types.int64(buffer[place])
    return word == 0x4461746154696D65


@kernel
def spread_flags(runs: Runs, count: int, end: int, flag: Bytes) -> None:
    """Give every reading of a factor the last Flag of that factor, where its tags were scattered over the packet."""
    for run in range(count):
        if runs.flag[run] == 0:
            continue
        for other in range(count):
            if runs.code[other] == runs.code[run]:
                stop = runs.start[other + 1] if other + 1 < count else end
                for reading in range(runs.start[other], stop):
                    flag[reading] = runs.flag[run]


@kernel
def read_key(buffer: Bytes, start: int, end: int) -> tuple[int, int, int]:
    """Read a key from ``start`` on.

    Returns where it stops (at ``=``, a separator or ``end``), the place of its first dash (-1 without one), and the
    packed factor code before the dash: 0 if that is empty, longer than 8 bytes or not printable ASCII.
    """
    dash = -1
    packed = types.uint64(0)
    plain = True
    place = start
    while place < end:
        byte = buffer[place]
        if byte == EQUALS or is_separator(byte):
            break
        if dash < 0:
            if byte == DASH:
                dash = place
            else:
                packed = packed << types.uint64(8) | types.uint64(byte)
                plain = plain and 32 < byte < 127
        place += 1
    if dash - start > 8 or not plain:
        packed = types.uint64(0)
    return place, dash, packed


@kernel
def enter_run(runs: Runs, count: int, packed: int, reading: int) -> tuple[int, bool]:
    """Begin a run of one factor unless it is already running; return their number, and whether it was before."""
    if count and runs.code[count - 1] == packed:
        return count, False
    before = False
    for run in range(count):
        before = before or runs.code[run] == packed
    runs.code[count] = packed
    runs.start[count] = reading
    runs.flag[count] = 0
    return count + 1, before


@kernel
def read_body(
    buffer: Bytes, body: int, end: int, packet: int, count: int, runs: Runs, out: ReadingArrays
) -> tuple[int, int, int]:
    """Read ``buffer[body:end]``, the data area, from reading ``count`` on.

    Returns the new count (-1 if there was not room for all), DataTime in µs (or `MISSING`), and the number of values
    that are none.
    """
    data_time = MISSING
    timed = False
    unreadable = 0
    run_count = 0
    scattered = False
    place = body
    while place < end:
        while place < end and (is_separator(buffer[place]) or is_blank(buffer[place])):
            place += 1
        key = place
        place, dash, packed = read_key(buffer, key, end)
        if place >= end or buffer[place] != EQUALS:
            continue
        key_end = trim_end(buffer, key, place)
        start = trim_start(buffer, place + 1, end)
        place = value_end(buffer, start, end)
        stop = trim_end(buffer, start, place)
        if dash < 0:
            if not timed and is_data_time(buffer, key, key_end):
                data_time = stamp(buffer, start, stop)
                timed = True
            continue
        tag = dash + 1
        while tag < key_end and buffer[tag] == DASH:
            tag += 1
        kind = tag_kind(buffer, tag, key_end)
        if packed == 0 or kind == OTHER_TAG:
            continue
        run_count, before = enter_run(runs, run_count, packed, count)
        scattered = scattered or before
        if kind == FLAG_TAG:
            runs.flag[run_count - 1] = flag_mark(buffer, start, stop)
            for reading in range(runs.start[run_count - 1], count):
                out.flag[reading] = runs.flag[run_count - 1]
            continue
        found, number = read_number(buffer, start, stop)
        if found == NO_NUMBER:
            unreadable += 1
            continue
        if count == len(out.packet):
            return -1, data_time, unreadable
        out.packet[count] = packet
        out.code[count] = packed
        out.measure[count] = kind
        out.value[count] = number
        out.flag[count] = runs.flag[run_count - 1]
        out.start[count] = start
        out.end[count] = stop if found == NUMBER_IN_PYTHON else 0
        count += 1
    if scattered:
        spread_flags(runs, run_count, count, out.flag)
    return count, data_time, unreadable


@kernel
def locate_segment(buffer: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return start and end of the data segment of the frame ``buffer[start:end]``; an end of -1 if it is no frame."""
    place = start + 2
    length = 0
    while place < end and place < start + 6 and is_digit(buffer[place]):
        length = length * 10 + (types.int64(buffer[place]) - 48)
        place += 1
    if place == start + 2 or place + length + 4 > end or buffer[start] != 35 or buffer[start + 1] != 35:
        return place, -1
    return place, place + length


@kernel
def read_envelope(buffer: Bytes, row: Longs, packet: int, out: PacketArrays) -> None:
    """Write the header fields that `read_header` found into the columns of one packet."""
    out.qn[packet] = 0
    if row[QN_LENGTH] == 17 and all_digits(buffer, row[QN], row[QN] + 17):
        out.qn[packet] = digits_value(buffer, row[QN], 17)
    out.st[packet] = row[ST] if row[ST] <= MAX_INT16 else -1
    out.cn[packet] = row[CN] if row[CN] <= MAX_INT16 else -1
    out.flag[packet] = row[FLAG] if row[FLAG] <= MAX_INT16 else -1


@kernel
def make_runs(offsets: Longs) -> Runs:
    """Return room for the runs of the longest packet: ``a-Rtd=;`` is the shortest item that begins one."""
    longest = 0
    for packet in range(len(offsets) - 1):
        longest = max(longest, offsets[packet + 1] - offsets[packet])
    room = longest // 7 + 1
    return Runs(np.empty(room, np.uint64), np.empty(room, np.int64), np.empty(room, np.uint8))


@kernel
def parse_columns(
    buffer: Bytes,
    offsets: Longs,
    slots: Ints,
    name_offsets: Ints,
    names: Bytes,
    packets: PacketArrays,
    readings: ReadingArrays,
) -> int:
    """Fill the columns of all frames ``buffer[offsets[i]:offsets[i + 1]]``; return the number of readings.

    Returns -1 if there was not room for all.
    """
    row = np.empty(HEADER_FIELDS, np.int64)
    runs = make_runs(offsets)
    count = 0
    for packet in range(len(offsets) - 1):
        segment, end = locate_segment(buffer, offsets[packet], offsets[packet + 1])
        body = read_header(buffer, segment, max(segment, end), row)
        close = find_close(buffer, body, end) if body >= 0 else -1
        whole = close >= 0 and row[CN] >= 0 and checksum_holds(buffer, segment, end)
        read_envelope(buffer, row, packet, packets)
        packets.whole[packet] = whole
        packets.device[packet] = -1
        if row[MN_LENGTH] > 0:
            packets.device[packet] = find_device(buffer, row[MN], row[MN_LENGTH], slots, name_offsets, names)
        packets.content[packet] = hash_bytes(buffer, segment, max(segment, end))
        packets.data_time[packet] = MISSING
        packets.unreadable[packet] = 0
        if whole:
            count, packets.data_time[packet], packets.unreadable[packet] = read_body(
                buffer, body, close, packet, count, runs, readings
            )
            if count < 0:
                return -1
    return count
