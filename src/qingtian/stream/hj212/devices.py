"""The known devices, in a table that a kernel can ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import hash_bytes


@dataclass(frozen=True, kw_only=True)
class DeviceTable:
    """MN 设备唯一标识 → index, by open addressing with linear probing, at most half full.

    ``mns[i]`` is device *i*; its bytes are ``names[offsets[i]:offsets[i + 1]]`` (UTF-8, compared exactly as registered,
    case included). ``slots`` has a power of two places, each a device index or -1.
    """

    mns: tuple[str, ...]
    slots: NDArray[np.int32]
    offsets: NDArray[np.int32]
    names: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.mns)

    @classmethod
    def build(cls, mns: Iterable[str]) -> DeviceTable:
        """Return the table of these MNs, numbered in their order; a repeated MN keeps its first number."""
        known = tuple(dict.fromkeys(mns))
        encoded = [mn.encode() for mn in known]
        offsets = np.zeros(len(encoded) + 1, np.int32)
        np.cumsum([len(name) for name in encoded], out=offsets[1:])
        names = np.frombuffer(b"".join(encoded), np.uint8)
        slots = np.full(_slot_count(len(encoded)), -1, np.int32)
        for index in range(len(encoded)):
            _insert(slots, index, int(hash_bytes(names, int(offsets[index]), int(offsets[index + 1]))))
        slots.flags.writeable = offsets.flags.writeable = False
        return cls(mns=known, slots=slots, offsets=offsets, names=names)


def _slot_count(devices: int) -> int:
    return 1 << max(3, (2 * devices).bit_length())


def _insert(slots: NDArray[np.int32], index: int, key: int) -> None:
    slot = key & (len(slots) - 1)
    while slots[slot] >= 0:
        slot = (slot + 1) & (len(slots) - 1)
    slots[slot] = index
