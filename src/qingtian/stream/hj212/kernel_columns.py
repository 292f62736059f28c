"""The column kernel: a batch of frames as kept on the log becomes packet columns and reading columns, in one pass.

It reads what `segment.decode_segment` reads; a property test holds both to the same answer.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.kernel_header import (
    CN,
    EQUALS,
    FLAG,
    MN,
    MN_LENGTH,
    QN,
    QN_LENGTH,
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
from qingtian.stream.hj212.kernel_runs import Codes, Runs, enter_run, mark_run, spread_flags
from qingtian.stream.hj212.kernel_values import (
    DASH,
    FLAG_TAG,
    MISSING,
    NO_NUMBER,
    NUMBER_IN_PYTHON,
    OTHER_TAG,
    POINT,
    POWERS,
    all_digits,
    digits_value,
    flag_mark,
    is_data_time,
    is_separator,
    read_number,
    stamp,
    tag_kind,
    trim_end,
    trim_start,
    value_end,
)
from qingtian.stream.hj212.words import (
    Bytes,
    hash_bytes,
    inner,
    kernel,
    lit_where,
    load_word,
    reversed_bytes,
    trailing_zeros,
)

Numbers = NDArray[np.float64]

MAX_INT16 = 32767

QUICK_DIGITS = 15
"""So many digits are always less than 2**53."""


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


@inner
def read_code(buffer: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return the place of the dash that ends the factor code at ``start``, and the packed code; -1 if it is none."""
    packed = types.uint64(0)
    for place in range(start, min(end, start + 9)):
        byte = buffer[place]
        if byte == DASH:
            return (place if place > start else -1), packed
        if byte <= 32 or byte >= 127 or byte == EQUALS or is_separator(byte):
            return -1, packed
        packed = packed << types.uint64(8) | types.uint64(byte)
    return -1, packed


@inner
def running_code(buffer: Bytes, start: int, runs: Runs, run_count: int) -> int:
    """Return the place of the dash at ``start`` if the code before it is that of the running factor, or -1."""
    if run_count == 0 or start + 8 > len(buffer):
        return -1
    word = load_word(buffer, start)
    bits = trailing_zeros(lit_where(word, DASH)) & types.uint64(0x78)
    if bits == 0 or bits == 64 or reversed_bytes(word) >> (types.uint64(64) - bits) != runs.code[run_count - 1]:
        return -1
    return start + types.int64(bits >> types.uint64(3))


@inner
def quick_tag(word: int) -> tuple[int, int]:
    """Return the kind of the tag that ``word`` (its first eight bytes, first lowest) begins with, and its length
    with the ``=``; length 0 if it is not one of the usual."""
    offset, length = 0, 4
    if word & types.uint64(0xFFFF) == types.uint64(0x735A):  # Zs
        word >>= types.uint64(16)
        offset, length = 5, 6
    first = word & types.uint64(0xFFFFFFFF)
    if first == types.uint64(0x3D647452):  # Rtd=
        return offset, length
    if first == types.uint64(0x3D677641):  # Avg=
        return offset + 2, length
    if first == types.uint64(0x3D6E694D):  # Min=
        return offset + 1, length
    if first == types.uint64(0x3D78614D):  # Max=
        return offset + 3, length
    if offset:
        return OTHER_TAG, 0
    if first == types.uint64(0x3D756F43):  # Cou=
        return 4, length
    if word & types.uint64(0xFFFFFFFFFF) == types.uint64(0x3D67616C46):  # Flag=
        return FLAG_TAG, 5
    return OTHER_TAG, 0


@inner
def quick_number(buffer: Bytes, start: int, end: int) -> tuple[int, float]:
    """Return the end and the value of a plain number that a separator follows, or -1 for any other."""
    place = start
    negative = place < end and buffer[place] == DASH
    if negative:
        place += 1
    first = place
    mantissa = types.int64(0)
    point = -1
    while place < end:
        digit = types.int64(buffer[place]) - 48
        if 0 <= digit <= 9:
            mantissa = mantissa * 10 + digit
        elif digit == POINT - 48 and point < 0:
            point = place
        else:
            break
        place += 1
    digits = place - first - (point >= 0)
    if digits < 1 or digits > QUICK_DIGITS or (place < end and not is_separator(buffer[place])):
        return -1, 0.0
    value = mantissa / POWERS[place - 1 - point] if point >= 0 else types.float64(mantissa)
    return place, -value if negative else value


@inner
def put_reading(out: ReadingArrays, count: int, packet: int, packed: int, kind: int, number: float, mark: int) -> None:
    out.packet[count] = packet
    out.code[count] = packed
    out.measure[count] = kind
    out.value[count] = number
    out.flag[count] = max(mark, 0)
    out.end[count] = 0


@inner
def read_usual(
    buffer: Bytes, key: int, end: int, packet: int, count: int, runs: Runs, run_count: int, out: ReadingArrays
) -> tuple[int, int, int, bool]:
    """Read one ``code-Tag=value`` as nearly every sender writes it, without a blank or a doubt.

    Returns its end, or -1 to leave it to `read_item`; the new counts of readings and runs; and whether the factor
    had been met before.
    """
    dash = running_code(buffer, key, runs, run_count)
    if dash >= 0:
        packed = runs.code[run_count - 1]
    else:
        dash, packed = read_code(buffer, key, end)
    if dash < 0 or dash + 9 > len(buffer):
        return -1, count, run_count, False
    kind, length = quick_tag(load_word(buffer, dash + 1))
    start = dash + 1 + length
    if length == 0 or start >= end:
        return -1, count, run_count, False
    if kind == FLAG_TAG:
        mark = types.int64(buffer[start])
        if mark <= 32 or mark >= 127 or is_separator(mark) or (start + 1 < end and not is_separator(buffer[start + 1])):
            return -1, count, run_count, False
        run_count, before = enter_run(runs, run_count, packed, count)
        mark_run(runs, run_count - 1, mark, count, out.flag)
        return start + 1, count, run_count, before
    stop, number = quick_number(buffer, start, end)
    if stop < 0 or count == len(out.packet):
        return -1, count, run_count, False
    run_count, before = enter_run(runs, run_count, packed, count)
    put_reading(out, count, packet, packed, kind, number, runs.flag[run_count - 1])
    return stop, count + 1, run_count, before


@kernel
def read_item(
    buffer: Bytes, key: int, end: int, packet: int, count: int, runs: Runs, run_count: int, out: ReadingArrays
) -> tuple[int, int, int, bool, int, int]:
    """Read one item of any form.

    Returns its end; the new counts of readings (-1 if there was not room) and runs; whether the factor had been met
    before; how many values were none; and the place of a DataTime value, or -1.
    """
    place, dash, packed = read_key(buffer, key, end)
    if place >= end or buffer[place] != EQUALS:
        return place, count, run_count, False, 0, -1
    key_end = trim_end(buffer, key, place)
    start = trim_start(buffer, place + 1, end)
    place = value_end(buffer, start, end)
    stop = trim_end(buffer, start, place)
    if dash < 0:
        return place, count, run_count, False, 0, start if is_data_time(buffer, key, key_end) else -1
    tag = dash + 1
    while tag < key_end and buffer[tag] == DASH:
        tag += 1
    kind = tag_kind(buffer, tag, key_end)
    if packed == 0 or kind == OTHER_TAG:
        return place, count, run_count, False, 0, -1
    run_count, before = enter_run(runs, run_count, packed, count)
    if kind == FLAG_TAG:
        mark_run(runs, run_count - 1, flag_mark(buffer, start, stop), count, out.flag)
        return place, count, run_count, before, 0, -1
    found, number = read_number(buffer, start, stop)
    if found == NO_NUMBER:
        return place, count, run_count, before, 1, -1
    if count == len(out.packet):
        return place, -1, run_count, before, 0, -1
    put_reading(out, count, packet, packed, kind, number, runs.flag[run_count - 1])
    if found == NUMBER_IN_PYTHON:
        out.start[count] = start
        out.end[count] = stop
    return place, count + 1, run_count, before, 0, -1


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
        place, count, run_count, before = read_usual(buffer, key, end, packet, count, runs, run_count, out)
        if place < 0:
            place, count, run_count, before, lost, time = read_item(
                buffer, key, end, packet, count, runs, run_count, out
            )
            if count < 0:
                return -1, data_time, unreadable
            unreadable += lost
            if time >= 0 and not timed:
                data_time = stamp(buffer, time, trim_end(buffer, time, place))
                timed = True
        scattered = scattered or before
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
def parse_columns(
    buffer: Bytes,
    offsets: Longs,
    slots: Ints,
    name_offsets: Ints,
    names: Bytes,
    row: Longs,
    runs: Runs,
    packets: PacketArrays,
    readings: ReadingArrays,
) -> int:
    """Fill the columns of all frames ``buffer[offsets[i]:offsets[i + 1]]``; return the number of readings.

    Returns -1 if there was not room for all.
    """
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
