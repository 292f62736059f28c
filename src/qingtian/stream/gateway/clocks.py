"""The clocks of devices 时钟偏差: how far QN is ahead of arrival, and when somebody should set one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from qingtian.law import rules
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.hj212.columns import MISSING_TIME

SECOND = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ClockRule:
    """A clock wrong by ``offset_s`` seconds is to be set, at most once in ``again_s`` seconds."""

    offset_s: float
    again_s: float


def clock_rule(day: date) -> ClockRule:
    """Return the rule ``device_clock`` in force."""
    (row,) = rules.table("device_clock").at(day)
    return ClockRule(offset_s=row["offset_s"], again_s=row["again_s"])


class Clocks:
    """Asks for a clock to be set when its time has come. Monotonic seconds are handed in."""

    def __init__(self, rule: ClockRule) -> None:
        self._rule = rule
        self._asked: dict[str, float] = {}

    def wrong(self, mn: str, offset_s: float, *, now: float) -> bool:
        """Say whether this clock should be set now."""
        if abs(offset_s) < self._rule.offset_s or now - self._asked.get(mn, -self._rule.again_s) < self._rule.again_s:
            return False
        self._asked[mn] = now
        return True


def measured(known: Registry) -> Iterator[tuple[str, float]]:
    """Yield MN and seconds ahead for the devices heard since the last call.

    Of all packets since then the one with the largest offset counts: a packet that waited, or is sent again, has an
    older QN and never a younger one.
    """
    clocks = known.door.clocks
    for index in np.flatnonzero(clocks != MISSING_TIME).tolist():
        yield known.devices.mns[index], float(clocks[index]) / SECOND
    clocks[:] = MISSING_TIME
