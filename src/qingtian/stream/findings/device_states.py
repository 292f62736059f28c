"""What the judge says of the devices every two seconds: absolute values, only of those that changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.stream.findings.judge import Judge
from qingtian.stream.findings.sieve import REALTIME
from qingtian.stream.hj212.columns import MISSING_TIME
from qingtian.stream.hj212.factor_codes import unpack_code

AT_ONCE = 100
"""Devices in one message. Between two messages the judge looks at its packets: no finding waits for all devices."""

STATES = ("normal", "attention", "breach")


class DeviceStates:
    """Remembers what was said last, to say only what is new."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._said: NDArray[np.int64] = np.zeros((0, 4), np.int64)

    def messages(self, at: datetime) -> Iterator[dict[str, object]]:
        """Yield the messages for what changed since the last call (docs/architecture.md, device state)."""
        now = self._facts()
        said = np.full_like(now, -1)
        said[: len(self._said)] = self._said
        changed = np.flatnonzero((now != said).any(axis=1) & (now[:, 0] != MISSING_TIME))
        self._said = now
        mns = list(self._judge.register)
        for first in range(0, len(changed), AT_ONCE):
            devices = [self._device(mns, int(device), now) for device in changed[first : first + AT_ONCE]]
            yield {"at": at.isoformat(), "devices": [device for device in devices if device]}

    def _facts(self) -> NDArray[np.int64]:
        """Return received, packets, duplicates, state by device."""
        memory = self._judge.memory
        worst = np.zeros(len(memory.filled), np.int64)
        for detector in self._judge.detectors:
            worst = np.maximum(worst, detector.worst(len(worst)))
        self._spread_over_outlets(worst)
        return np.stack([memory.received, memory.filled, memory.duplicates, worst], axis=1)

    def _spread_over_outlets(self, worst: NDArray[np.int64]) -> None:
        """The state is that of the outlet: its worst device speaks for all."""
        register = self._judge.register
        for outlet in self._judge.plan.outlets:
            if len(outlet.mns) > 1:
                devices = [register[mn] for mn in outlet.mns]
                worst[devices] = worst[devices].max()

    def _device(self, mns: list[str], device: int, facts: NDArray[np.int64]) -> dict[str, Any] | None:
        memory, mn = self._judge.memory, mns[device]
        outlet = self._judge.plan.outlet_of.get(mn)
        if outlet is None:
            return None
        offset = int(memory.clock_offset[device])
        return {
            "mn": mn,
            "outlet": outlet.code,
            "received": _iso(memory.received[device]),
            "data_time": _iso(memory.data_time[device]),
            "clock_offset_s": None if offset == MISSING_TIME else round(offset / 1_000_000, 1),
            "packets": int(facts[device, 1]),
            "duplicates": int(facts[device, 2]),
            "cn": int(memory.cn[device]) if memory.cn[device] >= 0 else REALTIME,
            "state": STATES[facts[device, 3]],
            "values": self._values(device),
        }

    def _values(self, device: int) -> dict[str, list[object]]:
        memory = self._judge.memory
        return {
            unpack_code(memory.codes[device, place]): [
                float(memory.values[device, place]),
                chr(memory.flags[device, place]) if memory.flags[device, place] else None,
            ]
            for place in range(memory.values_count[device])
        }


def _iso(microseconds: np.int64) -> str | None:
    return None if microseconds == MISSING_TIME else times.from_microseconds(int(microseconds)).isoformat()
