"""The column kernel: a batch of frames as kept on the log becomes packet columns and reading columns, in one pass.

It reads what `segment.decode_segment` reads; a property test holds both to the same answer.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from numba import types

from qingtian.stream.hj212.kernel_arrays import PacketArrays, ReadingArrays
from qingtian.stream.hj212.kernel_checksum import checksum_holds
from qingtian.stream.hj212.kernel_header import (
    CN,
    FLAG,
    MN,
    MN_LENGTH,
    QN,
    QN_LENGTH,
    ST,
    Ints,
    Longs,
    find_close,
    find_device,
    is_blank,
    is_digit,
)
from qingtian.stream.hj212.kernel_items import read_item
from qingtian.stream.hj212.kernel_keys import Keys, root_of
from qingtian.stream.hj212.kernel_runs import Runs, spread_flags
from qingtian.stream.hj212.kernel_usual import read_known, read_usual, usual_time
from qingtian.stream.hj212.kernel_usual_header import find_header
from qingtian.stream.hj212.kernel_values import (
    MISSING,
    is_separator,
    stamp,
    trim_end,
)
from qingtian.stream.hj212.words import (
    ASCII_ZEROS,
    Bytes,
    digits_number,
    hash_bytes,
    inner,
    kernel,
    load_word,
    other_than_digits,
)

MAX_INT16 = 32767


@kernel
def read_body(
    buffer: Bytes, body: int, end: int, packet: int, count: int, runs: Runs, keys: Keys, root: int, out: ReadingArrays
) -> tuple[int, int, int]:
    """Read ``buffer[body:end]``, the data area, from reading ``count`` on.

    Returns the new count (-1 if there was not room for all), DataTime in µs (or `MISSING`), and the number of values
    that are none.
    """
    place, data_time = usual_time(buffer, body, end)
    timed = place >= 0
    place = place + 1 if timed else body
    unreadable = 0
    run_count = 0
    scattered = False
    last = root
    while place < end:
        place, count, run_count, before, last = read_known(
            buffer, place, end, packet, count, runs, run_count, out, keys, last
        )
        scattered = scattered or before
        if place >= end:
            break
        while place < end and (is_separator(buffer[place]) or is_blank(buffer[place])):
            place += 1
        key = place
        place, count, run_count, before, last = read_usual(
            buffer, key, end, packet, count, runs, run_count, out, keys, last
        )
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
        # the next item is known only by where it begins
        if place < end and is_separator(buffer[place]):
            place += 1
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


@inner
def qn_number(buffer: Bytes, start: int) -> int:
    """Return the number that 17 digits write, or 0 if they are no digits."""
    first, second = load_word(buffer, start), load_word(buffer, start + 8)
    last = buffer[start + 16]
    if (other_than_digits(first) | other_than_digits(second)) != 0 or not is_digit(last):
        return 0
    zeros = types.uint64(ASCII_ZEROS)
    high, low = types.int64(digits_number(first ^ zeros)), types.int64(digits_number(second ^ zeros))
    return (high * 100_000_000 + low) * 10 + (types.int64(last) - 48)


@kernel
def read_envelope(buffer: Bytes, row: Longs, packet: int, out: PacketArrays) -> None:
    """Write the header fields that `read_header` found into the columns of one packet."""
    out.qn[packet] = 0
    if row[QN_LENGTH] == 17:
        out.qn[packet] = qn_number(buffer, row[QN])
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
    keys: Keys,
    packets: PacketArrays,
    readings: ReadingArrays,
) -> int:
    """Fill the columns of all frames ``buffer[offsets[i]:offsets[i + 1]]``; return the number of readings.

    Returns -1 if there was not room for all.
    """
    count = 0
    for packet in range(len(offsets) - 1):
        segment, end = locate_segment(buffer, offsets[packet], offsets[packet + 1])
        body = find_header(buffer, segment, max(segment, end), row)
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
                buffer, body, close, packet, count, runs, keys, root_of(row[CN]), readings
            )
            if count < 0:
                return -1
    return count
