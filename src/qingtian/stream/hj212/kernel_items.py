"""The kernel for an item of any form: blanks, doubled dashes, values that are none."""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np
from numba import types

from qingtian.stream.hj212.kernel_arrays import ReadingArrays, put_reading
from qingtian.stream.hj212.kernel_header import EQUALS
from qingtian.stream.hj212.kernel_runs import Runs, enter_run, mark_run
from qingtian.stream.hj212.kernel_values import (
    DASH,
    FLAG_TAG,
    NO_NUMBER,
    NUMBER_IN_PYTHON,
    OTHER_TAG,
    flag_mark,
    is_data_time,
    is_separator,
    read_number,
    tag_kind,
    trim_end,
    trim_start,
    value_end,
)
from qingtian.stream.hj212.words import Bytes, kernel


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
    put_reading(out, count, packet, packed, kind, number, max(runs.flag[run_count - 1], 0))
    if found == NUMBER_IN_PYTHON:
        out.value[count] = np.nan
        out.start[count] = start
        out.end[count] = stop
    return place, count + 1, run_count, before, 0, -1
