"""Kernels that remember the keys of the last packets and which followed which.

The packets of a device have one layout, and devices of one kind share it. So the next key is guessed from the one
before, verified by two loads, and neither searched nor taken apart. A wrong guess costs time, never truth.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.words import MIX, Bytes, inner, load_word

Keys = NDArray[np.uint64]

SLOT_BITS = 9
SLOTS = 1 << SLOT_BITS
PROBES = 8
ROOTS = 16
"""Where the first keys of packets hang, by the low bits of the command code."""

# columns of a row of `Keys`: the key with its ``=`` as two masked words, what it says, and the slot that came next
WORD, MASK, SECOND_WORD, SECOND_MASK, CODE, KIND, LENGTH, NEXT = range(8)
KEY_COLUMNS = 8
KEY_BYTES = 16
LEAST_KIND = -2
"""Kinds are kept from 0 on (see `kernel_values.FLAG_TAG`)."""


def empty_keys() -> Keys:
    """Return a memory without a key: no word under an empty mask is 1."""
    keys = np.zeros((SLOTS + ROOTS, KEY_COLUMNS), np.uint64)
    keys[:, WORD] = 1
    return keys


@inner
def root_of(command: int) -> int:
    return SLOTS + (types.int64(command) & (ROOTS - 1))


@inner
def is_key(buffer: Bytes, place: int, keys: Keys, slot: int) -> bool:
    """Tell whether the key in ``slot`` (uint64) stands at ``place``; the caller keeps `KEY_BYTES` in the buffer."""
    first = (load_word(buffer, place) & keys[slot, MASK]) ^ keys[slot, WORD]
    second = (load_word(buffer, place + 8) & keys[slot, SECOND_MASK]) ^ keys[slot, SECOND_WORD]
    return (first | second) == 0


@inner
def low_bytes(count: int) -> int:
    """Return a word whose first ``count`` (0–8, more is 8) bytes are lit."""
    if count >= 8:
        return ~types.uint64(0)
    return (types.uint64(1) << types.uint64(max(count, 0) << 3)) - types.uint64(1)


@inner
def slot_of(packed: int, kind: int, keys: Keys) -> int:
    """Return the slot that the key has, or may have: the first free one of a few, or else the one by its hash."""
    mixed = (types.uint64(packed) ^ types.uint64(kind) << types.uint64(56)) * types.uint64(MIX)
    home = types.int64(mixed >> types.uint64(64 - SLOT_BITS))
    for probe in range(PROBES):
        slot = (home + probe) & (SLOTS - 1)
        if keys[slot, LENGTH] == 0 or (keys[slot, CODE] == packed and keys[slot, KIND] == kind):
            return slot
    return home


@inner
def learn_key(buffer: Bytes, place: int, length: int, packed: int, kind: int, keys: Keys, last: int) -> int:
    """Remember the key at ``place`` as following that of ``last``; return its slot, or ``last`` if it is too long."""
    if length > KEY_BYTES or place + KEY_BYTES > len(buffer):
        return last
    kept = types.uint64(kind - LEAST_KIND)
    slot = slot_of(packed, kept, keys)
    keys[slot, MASK], keys[slot, SECOND_MASK] = low_bytes(length), low_bytes(length - 8)
    keys[slot, WORD] = load_word(buffer, place) & keys[slot, MASK]
    keys[slot, SECOND_WORD] = load_word(buffer, place + 8) & keys[slot, SECOND_MASK]
    keys[slot, CODE], keys[slot, KIND], keys[slot, LENGTH] = packed, kept, length
    keys[last, NEXT] = slot
    return slot
