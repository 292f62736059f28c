"""Minutes into hours and into five minutes: the kernels, and `warm`, which compiles them."""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import inner, kernel
from qingtian.stream.periods import cells, coding
from qingtian.stream.periods.cells import EMPTY, HOURS, MINUTES
from qingtian.stream.periods.parameters import COUNTED, INVALID, MEDIAN, VALID

Ints = NDArray[Any]
Floats = NDArray[Any]

ZERO = COUNTED.index("zero")
NOTHING_FLOWED = 3
"""Beside VALID, STOPPED, INVALID: a value of water that did not flow."""

BITS = 6
"""Bits of one counter in ``excluded``: up to 60 records of an hour."""

MARK_INVALID, MARK_STOPPED, MARK_EXEMPT, MARK_EXEMPT_IF_CLEAN, MARK_OUT_OF_CONTROL = 1, 2, 4, 8, 16
"""What marks do to a minute, as bits of a mask; what is out of control is invalid as well."""

HOUR = np.dtype(
    [
        ("own", np.float64), ("low", np.float64), ("high", np.float64), ("n", np.int16), ("covered", np.int16),
        ("marked", np.int16), ("stopped", np.int16), ("exempt", np.int16), ("exempt_if_clean", np.int16),
        ("weighted", np.bool_), ("corrected", np.bool_), ("excluded", np.int64), ("received", np.int64),
    ]
)  # fmt: skip
"""An hour made of minutes. ``own`` NaN: no valid record. ``covered`` to ``exempt_if_clean``: minutes. ``excluded``:
counters of `COUNTED`, `BITS` each. ``weighted``: by flow. ``received``: µs, the last arrival it rests on."""


@inner
def _step_of(winner: Ints, series: int, given: int) -> int:
    """Return how many minutes a record stands for: as given, else the day's smallest gap, if that divides an hour."""
    if given > 0:
        return given
    last, gap = EMPTY, 61
    for minute in range(MINUTES):
        if winner[series, minute] != EMPTY:
            if last != EMPTY and minute - last < gap:
                gap = minute - last
            last = minute
    return gap if gap <= 30 and 60 % gap == 0 else 1


@inner
def _bits(masks: Ints, mask: int, minute: int, step: int) -> int:
    found = 0
    for covered in range(minute, min(minute + step, MINUTES)):
        found |= masks[mask, covered]
    return found


@inner
def _count(excluded: int, counter: int) -> int:
    return excluded + (1 << (BITS * counter))


@inner
def _middle(values: Floats, count: int) -> float:
    """Return the median of the first ``count`` values; sorts them in place."""
    for place in range(1, count):
        value, before = values[place], place - 1
        while before >= 0 and values[before] > value:
            values[before + 1] = values[before]
            before -= 1
        values[before + 1] = value
    half = count // 2
    return values[half] if count % 2 else (values[half - 1] + values[half]) / 2


@inner
def _mask_minutes(hour: Any, masks: Ints, mask: int, start: int) -> None:
    for minute in range(start, start + 60):
        bits = masks[mask, minute]
        hour["marked"] += (bits & MARK_INVALID) != 0
        hour["stopped"] += (bits & MARK_STOPPED) != 0
        hour["exempt"] += (bits & MARK_EXEMPT) != 0
        hour["exempt_if_clean"] += (bits & MARK_EXEMPT_IF_CLEAN) != 0


@inner
def _finish(hour: Any, role: int, totals: Floats, kept: Floats) -> None:
    """Make the mean: the median for pH, weighted where every record has its flow, else plain."""
    count = hour["n"]
    if count == 0:
        return
    if role == MEDIAN:
        hour["own"] = _middle(kept, count)
    elif totals[3] == count and totals[2] > 0:
        hour["own"] = totals[1] / totals[2]
        hour["weighted"] = True
    else:
        hour["own"] = totals[0] / count


@inner
def _take(hour: Any, number: float, flow: float, totals: Floats, kept: Floats) -> None:
    """Add a valid value to its hour; ``flow`` NaN: it has none to be weighted by."""
    kept[hour["n"]] = number
    totals[0] += number
    if flow >= 0:
        totals[1] += number * flow
        totals[2] += flow
        totals[3] += 1
    hour["low"] = number if hour["n"] == 0 else min(hour["low"], number)
    hour["high"] = number if hour["n"] == 0 else max(hour["high"], number)
    hour["n"] += 1


@inner
def _leave_out(hour: Any, found: int, step: int, counter: int) -> None:
    hour["excluded"] = _count(hour["excluded"], ZERO if found == NOTHING_FLOWED else counter)
    if found != INVALID:
        hour["stopped"] += step


@kernel
def hours(
    winner: Ints, corrected: Ints, value: Floats, flag: Ints, received: Ints, role: Ints, flow: Ints, weigh: Ints,
    zero_counts: Ints, given_step: Ints, mask_of: Ints, masks: Ints, effect: Ints, counter: Ints, totals: Floats,
    kept: Floats, out: Ints,
) -> None:  # fmt: skip
    """Fill ``out`` (`HOUR`[series, 24], zeros) from the minutes. By series: ``role``; ``flow``: the series of its flow,
    -1 none; ``weigh``: weighted by it; ``zero_counts``: invalid while it is zero; ``given_step``; ``mask_of``: row of
    ``masks``. ``totals`` float64[4] and ``kept`` float64[60] are scratch.
    """
    for series in range(len(winner)):
        step = _step_of(winner, series, given_step[series])
        mask, stream = mask_of[series], flow[series]
        for number in range(HOURS):
            hour = out[series, number]
            hour["own"], hour["low"], hour["high"] = np.nan, np.nan, np.nan
            _mask_minutes(hour, masks, mask, number * 60)
            totals[:] = 0.0
            for minute in range(number * 60, number * 60 + 60):
                row = winner[series, minute]
                if row == EMPTY:
                    continue
                if corrected[series, minute]:
                    hour["corrected"] = True
                hour["received"] = max(hour["received"], received[row])
                if _bits(masks, mask, minute, step) & (MARK_INVALID | MARK_STOPPED):
                    continue
                beside = winner[stream, minute] if stream >= 0 else EMPTY
                rate = np.nan if beside == EMPTY or effect[flag[beside]] != VALID else value[beside]
                found = effect[flag[row]] if value[row] == value[row] else INVALID
                if found == VALID and zero_counts[series] and rate == 0:
                    found = NOTHING_FLOWED
                if found == VALID:
                    _take(hour, value[row], rate if weigh[series] else np.nan, totals, kept)
                    hour["covered"] = min(hour["covered"] + step, 60)
                else:
                    _leave_out(hour, found, step, counter[flag[row]])
            _finish(hour, role[series], totals, kept)


@kernel
def five_minutes(
    chosen: Ints, winner: Ints, value: Floats, flag: Ints, given_step: Ints, mask_of: Ints, masks: Ints, effect: Ints,
    mean: Floats, covered: Ints, exempt: Ints,
) -> None:  # fmt: skip
    """Fill ``mean`` float64, ``covered`` minutes and ``exempt`` bool [chosen, 288] for the series ``chosen``."""
    for place in range(len(chosen)):
        series = chosen[place]
        step = _step_of(winner, series, given_step[series])
        for window in range(288):
            total, count, minutes = 0.0, 0, 0
            for minute in range(window * 5, window * 5 + 5):
                exempt[place, window] |= masks[mask_of[series], minute] != 0
                row = winner[series, minute]
                if row != EMPTY and effect[flag[row]] == VALID and value[row] == value[row]:
                    total += value[row]
                    count += 1
                    minutes = min(minutes + step, 5)
            mean[place, window] = total / count if count else np.nan
            covered[place, window] = minutes


def warm() -> None:
    """Compile every kernel that is not kept on disk yet."""
    coding.warm()
    ints, times, one = np.full(1, -1, np.int32), np.zeros(1, np.int64), np.zeros(1)
    bytes_, small = np.zeros(1, np.uint8), np.zeros(1, np.int8)
    seen, table = np.zeros((1, 1), np.bool_), np.full((1, 1), -1, np.int32)
    winner, corrected = np.full((1, cells.CELLS), EMPTY, np.int32), np.zeros((1, cells.CELLS), np.uint8)
    masks, known = np.zeros((1, MINUTES), np.uint8), np.zeros(256, np.uint8)
    cells.mark_present(ints, ints, small, times, 0, np.ones(1, np.bool_), seen)
    cells.choose(ints, ints, small, times, one, bytes_, times, times, ints, 0, table, winner, corrected)
    hours(
        *(winner, corrected, one, bytes_, times, small, ints, seen[0], seen[0], np.zeros(1, np.int32)),
        *(np.zeros(1, np.int32), masks, known, known, np.zeros(4), np.zeros(60), np.zeros((1, HOURS), HOUR)),
    )
    five_minutes(
        *(np.zeros(1, np.int32), winner, one, bytes_, np.zeros(1, np.int32), np.zeros(1, np.int32), masks, known),
        *(np.zeros((1, 288)), np.zeros((1, 288), np.int16), np.zeros((1, 288), np.bool_)),
    )
