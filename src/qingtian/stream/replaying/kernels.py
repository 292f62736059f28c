"""The compiled loops: readings of the lake as the judge's columns, found with their packets, in one pass."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.words import inner, kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

NONE = -1
FIRST_MIX = 0xFF51AFD7ED558CCD
INDEX_BITS = 20
"""A message of the log has fewer than 2^20 packets: `bus.batches.MAX_BYTES` holds no more."""


@kernel
def is_in_order(device: Ints, key: Longs, last: Longs) -> bool:
    """Tell whether the packets of each device stand in the order of the log. ``last`` int64[devices]: scratch."""
    last[:] = NONE
    for packet in range(len(device)):
        if key[packet] <= last[device[packet]]:
            return False
        last[device[packet]] = key[packet]
    return True


@inner
def _slot(key: int, mask: int) -> int:
    mixed = types.uint64(key) * types.uint64(FIRST_MIX)
    place: int = types.int64((mixed ^ (mixed >> types.uint64(32))) & types.uint64(mask))
    return place


@kernel
def index_packets(key: Longs, slots: Ints) -> None:
    """Fill ``slots`` (a power of two, more than there are packets) by which `take_readings` finds a packet."""
    slots[:] = NONE
    mask = len(slots) - 1
    for packet in range(len(key)):
        slot = _slot(key[packet], mask)
        while slots[slot] != NONE:
            slot = (slot + 1) & mask
        slots[slot] = packet


@inner
def _find(key: int, keys: Longs, slots: Ints) -> int:
    mask = len(slots) - 1
    slot = _slot(key, mask)
    while slots[slot] != NONE:
        if keys[slots[slot]] == key:
            return int(slots[slot])
        slot = (slot + 1) & mask
    return NONE


@kernel
def take_readings(
    mn: Ints, factor: Ints, measure: Ints, flag: Ints, value: NDArray[np.float64], sequence: Longs, index: Ints,
    is_ours: NDArray[np.bool_], codes: NDArray[np.uint64], measures: NDArray[np.uint8], flags: NDArray[np.uint8],
    keys: Longs, slots: Ints, start: int, packets_out: Ints, codes_out: NDArray[np.uint64],
    measures_out: NDArray[np.uint8], values_out: NDArray[np.float64], flags_out: NDArray[np.uint8],
) -> int:  # fmt: skip
    """Write the rows whose packet is known behind ``start`` of the columns; return where it ended.

    ``mn`` to ``flag``: places in the tables ``is_ours`` to ``flags``, whose last place is that of null (-1).
    """
    packet, known, place = NONE, types.int64(NONE), start
    for row in range(len(mn)):
        if not is_ours[mn[row]]:
            continue
        key = (sequence[row] << INDEX_BITS) | index[row]
        if key != known:
            # the readings of a packet adjoin, and mostly the packets of a device too
            known, following = key, packet + 1
            is_next = following < len(keys) and keys[following] == key
            packet = following if is_next else _find(key, keys, slots)
        if packet == NONE:
            continue
        packets_out[place] = packet
        codes_out[place] = codes[factor[row]]
        measures_out[place] = measures[measure[row]]
        values_out[place] = value[row]
        flags_out[place] = flags[flag[row]]
        place += 1
    return place


def warm() -> None:
    """Compile every kernel that is not kept on disk yet."""
    ints, longs, slots, values = np.zeros(1, np.int32), np.zeros(1, np.int64), np.zeros(8, np.int32), np.zeros(1)
    codes, small, ours = np.zeros(1, np.uint64), np.zeros(1, np.uint8), np.ones(1, np.bool_)
    is_in_order(ints, longs, longs.copy())
    index_packets(longs, slots)
    place, number, sequence = ints.copy(), values.copy(), longs.copy()
    for column in (place, number, sequence):
        # as those of Arrow are
        column.flags.writeable = False
    take_readings(
        *(place, place, place, place, number, sequence, place, ours, codes, small, small, longs, slots, 0),
        *(ints, codes.copy(), small.copy(), values, small.copy()),
    )
