"""From (device, factor, CN, measure) to the series that watch it: open addressing, at most half full."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.words import kernel

Slots = NDArray[np.int32]

# the finishing mix of MurmurHash3 (Austin Appleby, public domain): every bit of the key moves every bit of the slot
FIRST_MIX = 0xFF51AFD7ED558CCD
SECOND_MIX = 0xC4CEB9FE1A85EC53


def build(series: NDArray[Any]) -> Slots:
    """Return the slots of series sorted by key, each -1 or the row of the first series of its key."""
    slots = np.full(1 << max(3, (2 * len(series)).bit_length()), -1, np.int32)
    _fill(slots, series)
    return slots


@kernel
def _place(device: int, code: int, cn: int, measure: int, mask: int) -> int:
    mixed = types.uint64(code) ^ (types.uint64(device) << types.uint64(32))
    mixed ^= (types.uint64(cn) << types.uint64(48)) ^ (types.uint64(measure) << types.uint64(60))
    mixed = (mixed ^ (mixed >> types.uint64(33))) * types.uint64(FIRST_MIX)
    mixed = (mixed ^ (mixed >> types.uint64(33))) * types.uint64(SECOND_MIX)
    place: int = types.int64((mixed ^ (mixed >> types.uint64(33))) & types.uint64(mask))
    return place


@kernel
def _is_of(row: Any, device: int, code: int, cn: int, measure: int) -> bool:
    same: bool = row.code == code and row.device == device and row.cn == cn and row.measure == measure
    return same


@kernel
def _fill(slots: Slots, series: Any) -> None:
    mask = len(slots) - 1
    for row in range(len(series)):
        one = series[row]
        if row > 0 and _is_of(series[row - 1], one.device, one.code, one.cn, one.measure):
            continue
        slot = _place(one.device, one.code, one.cn, one.measure, mask)
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = row


@kernel
def find(slots: Slots, series: Any, device: int, code: int, cn: int, measure: int) -> int:
    """Return the first series of that key, -1 if it is not watched."""
    mask = len(slots) - 1
    slot = _place(device, code, cn, measure, mask)
    while slots[slot] >= 0:
        if _is_of(series[slots[slot]], device, code, cn, measure):
            return int(slots[slot])
        slot = (slot + 1) & mask
    return -1
