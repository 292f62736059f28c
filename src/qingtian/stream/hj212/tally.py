"""How often each device deviates, and how: counts in memory, of a bounded number of devices."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_DEVICES = 100_000
"""Devices counted; beyond it the one that was silent longest is forgotten (strangers may send any MN)."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """``count`` of a device's ``packets`` deviate as ``code`` says."""

    mn: str
    code: str
    count: int
    packets: int


class Tally:
    """Counts by device and deviation."""

    def __init__(self, *, devices: int = MAX_DEVICES) -> None:
        self._devices = devices
        self._counts: OrderedDict[str, Counter[str]] = OrderedDict()
        self._packets: dict[str, int] = {}

    def add(self, mn: str, codes: Iterable[str]) -> None:
        """Count one packet of a device with its deviations (`Reading.recorded`)."""
        counts = self._counts.pop(mn, None) or Counter()
        counts.update(codes)
        self._counts[mn] = counts
        self._packets[mn] = self._packets.get(mn, 0) + 1
        if len(self._counts) > self._devices:
            forgotten, _ = self._counts.popitem(last=False)
            del self._packets[forgotten]

    def __iter__(self) -> Iterator[Share]:
        """Yield what was counted, the most frequent deviation of a device first."""
        for mn, counts in self._counts.items():
            for code, count in counts.most_common():
                yield Share(mn=mn, code=code, count=count, packets=self._packets[mn])
