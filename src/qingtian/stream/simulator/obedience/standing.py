"""How a device stands 现场机状态: what a platform can set in it, what it is doing, what it was asked lately."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time

from qingtian.stream.simulator.device import SimulatedDevice

REMEMBERED = 32
"""Exchanges, acts and lines of its log that a device remembers."""

Cycle = tuple[time, int]
"""采样时间周期: first time of the day, then every so many hours."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """An act on an analyser from ``begins`` to ``ends`` (seconds since 1970 UTC). Its values carry ``mark``."""

    pol_id: str
    begins: float
    ends: float
    mark: str | None


@dataclass(frozen=True, kw_only=True)
class Handled:
    """A request that was taken: what was answered (``returned``), and what came of it at ``done_at`` (``result``)."""

    qn: str
    cn: int
    returned: int
    result: int | None = None
    done_at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Note:
    """A line of the logger's log 日志 (``i21001``)."""

    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One device at an instant.

    ``over_time`` seconds and ``recount`` of 1000; ``interval_s`` and ``minutes`` of 1062, 1064. ``clock_error``: how
    far the clock was ahead of true time when it was last set, at ``clock_set_at``; that it was wrong before is over.
    ``parameters``: (PolId, InfoId) → text, of 3021. ``limits``: factor → LowValue, UpValue, of 1022 (2005).
    ``asked_at``: when it last asked for the time (1013).
    """

    mn: str
    pw: str = field(repr=False)
    key: bytes | None = field(default=None, repr=False)
    over_time: float = 10.0
    recount: int = 3
    interval_s: float = 30.0
    minutes: int = 10
    realtime_on: bool = True
    equipment_on: bool = False
    clock_error: float = 0.0
    clock_set_at: float = -math.inf
    asked_at: float = -math.inf
    bottle: int = 0
    warn_time: int = 0
    report_target: str = "13800000000"
    report_time: time = time(8, 0)
    cycles: Mapping[str, Cycle] = field(default_factory=dict)
    sampling_hours: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    parameters: Mapping[tuple[str, str], str] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    works: tuple[Work, ...] = ()
    notes: tuple[Note, ...] = ()
    handled: tuple[Handled, ...] = ()

    def noted(self, at: float, text: str) -> Standing:
        """Return it with one more line in its log."""
        return replace(self, notes=(*self.notes[1 - REMEMBERED :], Note(at=at, text=text)))

    def working(self, work: Work) -> Standing:
        """Return it with one more act under way."""
        return replace(self, works=(*self.works[1 - REMEMBERED :], work))

    def busy_with(self, pol_id: str, at: float) -> bool:
        return any(work.pol_id == pol_id and work.begins <= at < work.ends for work in self.works)

    def mark_at(self, pol_id: str, at: float) -> str:
        """Return the data mark 数据标记 of a value of ``pol_id`` taken at ``at``."""
        marks = [w.mark for w in self.works if w.pol_id == pol_id and w.begins <= at < w.ends and w.mark]
        return marks[-1] if marks else "N"

    def mark_of_period(self, pol_id: str, start: float, end: float) -> str:
        """Return the mark of a period: that of an act that took more than a quarter of it."""
        for work in self.works:
            taken = min(work.ends, end) - max(work.begins, start)
            if work.pol_id == pol_id and work.mark and taken > (end - start) / 4:
                return work.mark
        return "N"

    def clock_ahead(self, at: float, *, since: float, offset: float, drift: float) -> float:
        """Return by how many seconds its clock is ahead at ``at``.

        ``offset``, ``drift`` (seconds a day): what a scenario that began at ``since`` does to a clock nobody sets.
        """
        untouched = since >= self.clock_set_at
        begun = since if untouched else self.clock_set_at
        # a drift without a beginning has just begun
        gone = (at - begun) / 86400 if math.isfinite(begun) else 0.0
        return self.clock_error + (offset if untouched else 0.0) + drift * gone


def at_start(device: SimulatedDevice, *, interval_s: float) -> Standing:
    """Return how a device stands that nobody has set anything in."""
    return Standing(
        mn=device.mn,
        pw=device.pw,
        key=device.key,
        interval_s=device.interval_s or interval_s,
        minutes=device.minutes,
        limits={
            factor.code: {"LowValue": _text(factor.lower or 0.0), "UpValue": _text(factor.upper)}
            for factor in device.factors
            if factor.upper is not None
        },
    )


def _text(value: float | None) -> str:
    return f"{value or 0.0:g}"
