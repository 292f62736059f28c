"""The cells of a device's factor on one day, side by side in one array: minutes, hours, the day; and their filling."""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import inner, kernel

MINUTES, HOURS = 1440, 24
HOUR_AVG, HOUR_COU, HOUR_ZS = MINUTES, MINUTES + HOURS, MINUTES + 2 * HOURS
DAY_AVG, DAY_COU, DAY_ZS = MINUTES + 3 * HOURS, MINUTES + 3 * HOURS + 1, MINUTES + 3 * HOURS + 2
CELLS = DAY_ZS + 1
EMPTY = -1

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
DAY_US = 24 * HOUR_US

Ints = NDArray[Any]


@inner
def _cell(channel: int, since: int) -> int:
    """Return the cell of a reading ``since`` µs after the day began, -1 if it is not of this day or no channel."""
    if channel < 0 or since < 0 or since >= DAY_US:
        return EMPTY
    if channel == 0:
        return since // MINUTE_US
    if channel <= 3:
        return MINUTES + (channel - 1) * HOURS + since // HOUR_US
    return DAY_AVG + channel - 4


@kernel
def mark_present(
    mn: Ints,
    factor: Ints,
    channel: Ints,
    time: Ints,
    day_start: int,
    wanted: NDArray[np.bool_],
    seen: NDArray[np.bool_],
) -> int:
    """Set ``seen[mn, factor]`` for the ``wanted`` devices that have a reading of the day; return how many rows fit."""
    count = 0
    for row in range(len(time)):
        if mn[row] < 0 or factor[row] < 0 or not wanted[mn[row]]:
            continue
        if _cell(channel[row], time[row] - day_start) != EMPTY:
            seen[mn[row], factor[row]] = True
            count += 1
    return count


@inner
def _is_later(one: int, other: int, received: Ints, sequence: Ints, index: Ints, value: Ints, flag: Ints) -> bool:
    """Say whether row ``one`` arrived after ``other``. Never a tie between rows that differ: sets have no order."""
    if received[one] != received[other]:
        return received[one] > received[other]
    if sequence[one] != sequence[other]:
        return sequence[one] > sequence[other]
    if index[one] != index[other]:
        return index[one] > index[other]
    if value[one] != value[other]:
        # a number before none
        return value[one] > value[other] or value[other] != value[other]
    return flag[one] > flag[other]


@inner
def _differ(one: int, other: int, value: Ints, flag: Ints) -> bool:
    same = value[one] == value[other] or (value[one] != value[one] and value[other] != value[other])
    return not same or flag[one] != flag[other]


@inner
def _take_first(
    mn: Ints, factor: Ints, channel: Ints, time: Ints, value: Ints, flag: Ints, received: Ints, sequence: Ints,
    index: Ints, day_start: int, series_of: Ints, winner: Ints,
) -> None:  # fmt: skip
    """Put the first arrival that said the same in the place of each winner."""
    for row in range(len(time)):
        if mn[row] < 0 or factor[row] < 0:
            continue
        series = series_of[mn[row], factor[row]]
        cell = _cell(channel[row], time[row] - day_start)
        if series < 0 or cell == EMPTY:
            continue
        held = winner[series, cell]
        if not _differ(row, held, value, flag) and _is_later(held, row, received, sequence, index, value, flag):
            winner[series, cell] = row


@kernel
def choose(
    mn: Ints, factor: Ints, channel: Ints, time: Ints, value: Ints, flag: Ints, received: Ints, sequence: Ints,
    index: Ints, day_start: int, series_of: Ints, winner: Ints, corrected: Ints,
) -> None:  # fmt: skip
    """Fill ``winner`` int32[series, CELLS] with the row that arrived last, `EMPTY` where none did.

    Of rows that say the same as that one the earliest is named: a record sent again does not make the first one late.
    ``corrected`` uint8 likewise: 1 where arrivals said different things. Both depend on the set of rows alone: if not
    all that came to a cell is the same, some two that were compared differ, whatever the order.
    """
    repeated = False
    for row in range(len(time)):
        if mn[row] < 0 or factor[row] < 0:
            continue
        series = series_of[mn[row], factor[row]]
        cell = _cell(channel[row], time[row] - day_start)
        if series < 0 or cell == EMPTY:
            continue
        held = winner[series, cell]
        if held == EMPTY:
            winner[series, cell] = row
            continue
        repeated = True
        if _differ(row, held, value, flag):
            corrected[series, cell] = 1
        if _is_later(row, held, received, sequence, index, value, flag):
            winner[series, cell] = row
    if repeated:
        _take_first(mn, factor, channel, time, value, flag, received, sequence, index, day_start, series_of, winner)
