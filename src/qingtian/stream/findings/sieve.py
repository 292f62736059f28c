"""What of the arrivals is judged: each device's memory against packets sent again, and how fresh a packet must be.

HJ 212-2017 lets a device repeat a frame that was not answered, so duplicates are normal traffic; and a gap is sent
afterwards, mixed with live data. Duplicates are counted and dropped; what is too old or of the future is kept only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.law import rules
from qingtian.stream.hj212.columns import MISSING_TIME
from qingtian.stream.hj212.words import kernel

REMEMBERED = 128
"""Packets remembered for each device: about an hour of one every half minute, and any number of resends of it."""

REALTIME = 2011
SLOTS = 32
"""Latest values kept of each device; a packet with more factors shows its first ones."""

SECOND = 1_000_000

SENT_AGAIN, KEPT, FRESH = 0, 1, 2
"""The verdict on a packet: a duplicate; stored only; stored and judged."""


@dataclass(kw_only=True)
class DeviceMemory:
    """Arrays by device number. Times in µs since 1970 UTC; `MISSING_TIME` is none yet.

    ``ring`` uint64[devices, REMEMBERED]: content hashes; ``filled``: how many were ever written. ``values_count`` of
    ``codes``, ``values``, ``flags`` [devices, SLOTS] are the readings of the newest packet that had any.
    """

    ring: NDArray[np.uint64]
    filled: NDArray[np.int64]
    duplicates: NDArray[np.int64]
    received: NDArray[np.int64]
    data_time: NDArray[np.int64]
    clock_offset: NDArray[np.int64]
    cn: NDArray[np.int16]
    values_count: NDArray[np.int16]
    codes: NDArray[np.uint64]
    values: NDArray[np.float64]
    flags: NDArray[np.uint8]

    @classmethod
    def empty(cls, devices: int) -> DeviceMemory:
        return cls(
            ring=np.zeros((devices, REMEMBERED), np.uint64),
            filled=np.zeros(devices, np.int64),
            duplicates=np.zeros(devices, np.int64),
            received=np.full(devices, MISSING_TIME, np.int64),
            data_time=np.full(devices, MISSING_TIME, np.int64),
            clock_offset=np.full(devices, MISSING_TIME, np.int64),
            cn=np.full(devices, -1, np.int16),
            values_count=np.zeros(devices, np.int16),
            codes=np.zeros((devices, SLOTS), np.uint64),
            values=np.zeros((devices, SLOTS), np.float64),
            flags=np.zeros((devices, SLOTS), np.uint8),
        )

    def grown(self, devices: int) -> DeviceMemory:
        """Return a memory of so many devices that begins with this one."""
        more = DeviceMemory.empty(devices - len(self.filled))
        return DeviceMemory(
            **{name: np.concatenate([column, getattr(more, name)]) for name, column in vars(self).items()}
        )

    def dump(self) -> dict[str, NDArray[Any]]:
        return {name: column.copy() for name, column in vars(self).items()}

    @classmethod
    def load(cls, state: Mapping[str, NDArray[Any]]) -> DeviceMemory:
        return cls(**{name: state[name].copy() for name in vars(cls.empty(0))})


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """By CN: how far DataTime may be ahead of the arrival, and how old it may be, in µs. Other CN are not judged."""

    cn: NDArray[np.int16]
    ahead: NDArray[np.int64]
    age: NDArray[np.int64]


def freshness(day: date) -> Freshness:
    """Return the rule ``findings/live`` in force on ``day``."""
    rows = rules.table("findings/live").at(day)
    return Freshness(
        cn=np.array([row["cn"] for row in rows], np.int16),
        ahead=np.array([row["ahead_s"] * SECOND for row in rows], np.int64),
        age=np.array([row["age_s"] * SECOND for row in rows], np.int64),
    )


@kernel
def sift(
    device: NDArray[np.int32],
    content: NDArray[np.uint64],
    cn: NDArray[np.int16],
    data_time: NDArray[np.int64],
    received: NDArray[np.int64],
    fresh_cn: NDArray[np.int16],
    ahead: NDArray[np.int64],
    age: NDArray[np.int64],
    ring: NDArray[np.uint64],
    filled: NDArray[np.int64],
    duplicates: NDArray[np.int64],
    last_received: NDArray[np.int64],
    last_data_time: NDArray[np.int64],
    clock_offset: NDArray[np.int64],
    last_cn: NDArray[np.int16],
    verdict: NDArray[np.uint8],
) -> None:
    """Write the verdict on each packet and bring the devices' memory up to date. Arrays as in `DeviceMemory`."""
    for packet in range(len(device)):
        mine = device[packet]
        last_received[mine] = received[packet]
        known = False
        for place in range(min(filled[mine], REMEMBERED)):
            # without a way out the compiler takes several places at a time
            known |= ring[mine, place] == content[packet]
        if known:
            duplicates[mine] += 1
            verdict[packet] = SENT_AGAIN
            continue
        ring[mine, filled[mine] % REMEMBERED] = content[packet]
        filled[mine] += 1
        verdict[packet] = KEPT
        if data_time[packet] == MISSING_TIME:
            continue
        offset = data_time[packet] - received[packet]
        for rule in range(len(fresh_cn)):
            if fresh_cn[rule] == cn[packet] and offset >= -age[rule]:
                if cn[packet] == REALTIME:
                    clock_offset[mine] = offset
                if offset <= ahead[rule]:
                    verdict[packet] = FRESH
                    last_data_time[mine] = data_time[packet]
                    last_cn[mine] = cn[packet]


@kernel
def remember_values(
    packet: NDArray[np.int32],
    code: NDArray[np.uint64],
    measure: NDArray[np.uint8],
    value: NDArray[np.float64],
    flag: NDArray[np.uint8],
    device: NDArray[np.int32],
    verdict: NDArray[np.uint8],
    done: NDArray[np.bool_],
    count: NDArray[np.int16],
    codes: NDArray[np.uint64],
    values: NDArray[np.float64],
    flags: NDArray[np.uint8],
) -> None:
    """Keep the instant or mean values (``Rtd`` 0, ``Avg`` 2) of each device's newest fresh packet that has any.

    ``packet``: the readings of a packet adjoin. ``done`` bool[devices]: scratch, all false.
    """
    end = len(packet)
    while end > 0:
        newest = packet[end - 1]
        start = end - 1
        while start > 0 and packet[start - 1] == newest:
            start -= 1
        mine = device[newest]
        if verdict[newest] == FRESH and not done[mine]:
            place = 0
            for reading in range(start, end):
                if (measure[reading] == 0 or measure[reading] == 2) and place < SLOTS:
                    codes[mine, place] = code[reading]
                    values[mine, place] = value[reading]
                    flags[mine, place] = flag[reading]
                    place += 1
            if place > 0:
                count[mine] = place
                done[mine] = True
        end = start
