"""Kernels for the Flag of a factor: it holds for all measures of the factor, wherever in the packet the tag stands."""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.kernel_header import Longs
from qingtian.stream.hj212.words import ONES, Bytes, inner, kernel, store_word

Codes = NDArray[np.uint64]


class Runs(NamedTuple):
    """Stretches of readings of one factor in a packet: its code, the first reading, its Flag (-1 if not met)."""

    code: Codes
    start: Longs
    flag: NDArray[np.int16]


@inner
def enter_run(runs: Runs, count: int, packed: int, reading: int) -> tuple[int, bool]:
    """Begin a run of one factor unless it is already running; return their number, and whether it was before."""
    if count and runs.code[count - 1] == packed:
        return count, False
    before = False
    for run in range(count):
        before = before or runs.code[run] == packed
    runs.code[count] = packed
    runs.start[count] = reading
    runs.flag[count] = -1
    return count + 1, before


@inner
def mark_run(runs: Runs, run: int, mark: int, count: int, flag: Bytes) -> None:
    """Give the readings of the run so far, and those to come, the Flag of their factor."""
    runs.flag[run] = mark
    start = runs.start[run]
    if count - start <= 8 and start + 8 <= len(flag):
        # one store: what it writes beyond the run is written again with the readings to come
        store_word(flag, start, types.uint64(mark) * types.uint64(ONES))
    else:
        for reading in range(start, count):
            flag[reading] = mark


@kernel
def spread_flags(runs: Runs, count: int, end: int, flag: Bytes) -> None:
    """Give every reading of a factor the last Flag of that factor, where its tags were scattered over the packet."""
    for run in range(count):
        if runs.flag[run] < 0:
            continue
        for other in range(count):
            if runs.code[other] == runs.code[run]:
                stop = runs.start[other + 1] if other + 1 < count else end
                for reading in range(runs.start[other], stop):
                    flag[reading] = runs.flag[run]
