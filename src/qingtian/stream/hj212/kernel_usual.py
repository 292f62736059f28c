"""Kernels for items as nearly every sender writes them, without a blank or a doubt: by words of eight bytes.

What they leave (end -1) `kernel_items.read_item` reads, whatever its form.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from numba import types

from qingtian.stream.hj212.kernel_arrays import ReadingArrays, put_reading
from qingtian.stream.hj212.kernel_header import EQUALS
from qingtian.stream.hj212.kernel_keys import CODE, KEY_BYTES, KIND, LEAST_KIND, LENGTH, NEXT, Keys, is_key, learn_key
from qingtian.stream.hj212.kernel_runs import Runs, enter_run, mark_run
from qingtian.stream.hj212.kernel_values import (
    DASH,
    FLAG_TAG,
    MISSING,
    OTHER_TAG,
    POINT,
    POWERS,
    is_separator,
    stamp,
)
from qingtian.stream.hj212.words import (
    ASCII_ZEROS,
    Bytes,
    digits_number,
    inner,
    load_word,
    other_than_digits,
    trailing_zeros,
)

DATA_TIME = int.from_bytes(b"DataTime", "little")
TIME_BYTES = 9 + 14

KNOWN_BYTES = KEY_BYTES + 9
"""A key, a sign, and the word of a value."""

QUICK_DIGITS = 15
"""So many digits are always less than 2**53."""


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
def long_number(buffer: Bytes, start: int, end: int) -> tuple[int, float]:
    """Return what `quick_number` does, of a number of more than eight characters, one by one."""
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
def short_number(word: int) -> tuple[int, float]:
    """Return the length (1–8) and the value of the digits, with or without a point, that ``word`` (its characters,
    first lowest) begins with; length 0 if there are none."""
    others = other_than_digits(word)
    before = trailing_zeros(others) & types.uint64(0x78)
    digits = word ^ types.uint64(ASCII_ZEROS)
    if before < 64 and (word >> before) & types.uint64(0xFF) == types.uint64(POINT):
        length = trailing_zeros(others & (others - types.uint64(1))) & types.uint64(0x78)
        if length <= 8:
            return 0, 0.0
        whole = digits & ((types.uint64(1) << before) - types.uint64(1))
        digits = whole | (digits >> before >> types.uint64(8) << before)
        decimals = (length - before - types.uint64(8)) >> types.uint64(3)
        number = types.float64(digits_number(digits << (types.uint64(72) - length)))
        return types.int64(length >> types.uint64(3)), number / POWERS[decimals]
    if before == 0:
        return 0, 0.0
    number = types.float64(digits_number(digits << (types.uint64(64) - before)))
    return types.int64(before >> types.uint64(3)), number


@inner
def quick_number(buffer: Bytes, start: int, end: int) -> tuple[int, float]:
    """Return the end and the value of a plain number that a separator follows, or -1 for any other."""
    if start + 9 > len(buffer):
        return long_number(buffer, start, end)
    negative = buffer[start] == DASH
    place = start + types.int64(negative)
    length, value = short_number(load_word(buffer, place))
    place += length
    if length == 0 or place > end or (place < end and not is_separator(buffer[place])):
        return long_number(buffer, start, end)
    return place, -value if negative else value


@inner
def usual_time(buffer: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return the end and the value (µs) of ``DataTime=`` with 14 digits at ``start``, or -1 if it is not there."""
    stop = start + TIME_BYTES
    if stop > end or load_word(buffer, start) != types.uint64(DATA_TIME) or buffer[start + 8] != EQUALS:
        return -1, MISSING
    if stop != end and not is_separator(buffer[stop]):
        return -1, MISSING
    micros = stamp(buffer, start + 9, stop)
    return (stop, micros) if micros != MISSING else (-1, MISSING)


@inner
def is_mark(byte: int) -> bool:
    """Tell whether a byte is a data flag of one printable character."""
    return 32 < byte < 127 and not is_separator(byte)


@inner
def put_usual(
    buffer: Bytes,
    start: int,
    end: int,
    packed: int,
    kind: int,
    packet: int,
    count: int,
    runs: Runs,
    run_count: int,
    out: ReadingArrays,
) -> tuple[int, int, int, bool]:
    """Read the value at ``start``, as nearly every sender writes it, of the key that says ``packed`` and ``kind``.

    Returns its end, or -1 to leave it to `read_item`; the new counts of readings and runs; and whether the factor
    had been met before.
    """
    if kind == FLAG_TAG:
        mark = types.int64(buffer[start])
        if not is_mark(mark) or (start + 1 < end and not is_separator(buffer[start + 1])):
            return -1, count, run_count, False
        run_count, before = enter_run(runs, run_count, packed, count)
        mark_run(runs, run_count - 1, mark, count, out.flag)
        return start + 1, count, run_count, before
    stop, number = quick_number(buffer, start, end)
    if stop < 0 or count == len(out.packet):
        return -1, count, run_count, False
    run_count, before = enter_run(runs, run_count, packed, count)
    put_reading(out, count, packet, packed, kind, number, max(runs.flag[run_count - 1], 0))
    return stop, count + 1, run_count, before


@inner
def read_usual(
    buffer: Bytes,
    key: int,
    end: int,
    packet: int,
    count: int,
    runs: Runs,
    run_count: int,
    out: ReadingArrays,
    keys: Keys,
    last: int,
) -> tuple[int, int, int, bool, int]:
    """Read one ``code-Tag=value`` as nearly every sender writes it, and remember its key as following ``last``.

    Returns what `put_usual` does, and the slot of the key.
    """
    dash, packed = read_code(buffer, key, end)
    if dash < 0 or dash + 9 > len(buffer):
        return -1, count, run_count, False, last
    kind, length = quick_tag(load_word(buffer, dash + 1))
    start = dash + 1 + length
    if length == 0 or start >= end:
        return -1, count, run_count, False, last
    stop, count, run_count, before = put_usual(buffer, start, end, packed, kind, packet, count, runs, run_count, out)
    if stop >= 0:
        last = learn_key(buffer, key, start - key, packed, kind, keys, last)
    return stop, count, run_count, before, last


@inner
def read_known(
    buffer: Bytes,
    place: int,
    end: int,
    packet: int,
    count: int,
    runs: Runs,
    run_count: int,
    out: ReadingArrays,
    keys: Keys,
    last: int,
) -> tuple[int, int, int, bool, int]:
    """Read items from ``place`` on while each key is the one remembered after that of ``last``, and values are plain.

    Returns the place of the first item that is otherwise, and then what `read_usual` does.
    """
    scattered = False
    limit = min(end, len(buffer) - KNOWN_BYTES)
    code = runs.code[run_count - 1] if run_count else types.uint64(0)
    mark = max(types.int64(runs.flag[run_count - 1]), 0) if run_count else 0
    while place < limit:
        slot = keys[types.uint64(last), NEXT]
        if not is_key(buffer, place, keys, slot):
            break
        start = place + types.int64(keys[slot, LENGTH])
        kind = types.int64(keys[slot, KIND]) + LEAST_KIND
        word = load_word(buffer, start)
        value = 0.0
        if kind == FLAG_TAG:
            stop = start + 1
            if start >= end or not is_mark(word & types.uint64(0xFF)):
                break
        else:
            negative = word & types.uint64(0xFF) == types.uint64(DASH)
            if negative:
                start += 1
                word = load_word(buffer, start)
            length, value = short_number(word)
            stop = start + length
            if length == 0 or count == len(out.packet):
                break
            value = -value if negative else value
        if stop != end and not is_separator(buffer[types.uint64(stop)]):
            break
        if code != keys[slot, CODE]:
            code, mark = keys[slot, CODE], 0
            run_count, before = enter_run(runs, run_count, code, count)
            scattered = scattered or before
        if kind == FLAG_TAG:
            mark = types.int64(word & types.uint64(0xFF))
            mark_run(runs, run_count - 1, mark, count, out.flag)
        else:
            put_reading(out, count, packet, code, kind, value, mark)
            count += 1
        last = types.int64(slot)
        place = stop + 1
    return place, count, run_count, scattered, last
