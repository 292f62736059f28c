"""Marks 标记 as the windows take them: a stretch of an outlet's time with a label, and what it does to each minute.

Which marks stand (filed in time, within the year's budget, accepted) is for the register of marks to say: what is
handed in, stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.law.rules import Rule
from qingtian.stream.periods.cells import MINUTE_US, MINUTES
from qingtian.stream.periods.kernels import (
    MARK_EXEMPT,
    MARK_EXEMPT_IF_CLEAN,
    MARK_INVALID,
    MARK_OUT_OF_CONTROL,
    MARK_STOPPED,
)
from qingtian.stream.periods.parameters import Parameters

ENDLESS = datetime(9999, 1, 1, tzinfo=times.BEIJING)
"""The end of what has not ended."""

BITS = {"stopped": MARK_STOPPED, "invalid": MARK_INVALID, "out_of_control": MARK_OUT_OF_CONTROL | MARK_INVALID}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A mark that stands. ``start`` and ``end`` (exclusive) carry a zone; ``kind``: condition 工况, device 设备, or
    quality: the data are out of control 失控, as the register of quality control says.

    ``factors`` None: all of the outlet. ``mn`` None: all its devices. ``passed``: of data out of control, the last
    check that was passed before.
    """

    outlet: str
    kind: str
    label: str
    start: datetime
    end: datetime
    factors: tuple[str, ...] | None = None
    mn: str | None = None
    passed: datetime | None = None

    @classmethod
    def told(cls, outlet: str, said: Mapping[str, Any]) -> Mark:
        """Return a mark as the log has it (`bus.marks.StandingMark`)."""
        passed = said.get("passed")
        return cls(
            outlet=outlet,
            kind=said["kind"],
            label=said["label"],
            start=datetime.fromisoformat(said["start"]),
            end=datetime.fromisoformat(said["end"]) if said["end"] else ENDLESS,
            factors=tuple(said["factors"]) if said["factors"] else None,
            mn=said["mn"],
            passed=datetime.fromisoformat(passed) if passed else None,
        )

    def concerns(self, mn: str, factor: str) -> bool:
        """Say whether a factor of a device is under the mark."""
        return (self.mn is None or self.mn == mn) and (self.factors is None or factor in self.factors)


def mask(marks: Iterable[Mark], parameters: Parameters, *, day_start: int) -> NDArray[np.uint8]:
    """Return the bits of each minute of the day that begins at ``day_start`` (µs).

    Labels that no rule names do nothing. Where a rule asks for a shortest length, marks that touch or overlap count
    as one stretch (joined across labels).
    """
    bits = np.zeros(MINUTES, np.uint8)
    known = [(mark, parameters.marks.get((mark.kind, mark.label))) for mark in marks]
    spans = [(_span(mark, day_start), rule) for mark, rule in known if rule is not None]
    for (start, end), rule in _lasting(spans):
        bits[max(start, 0) : max(min(end, MINUTES), 0)] |= _bit(rule)
    return bits


def max_dust(parameters: Parameters) -> float:
    """Return the dust mean (mg/m³) above which an hour of start-up, stop, fault or accident is judged all the same."""
    told = [rule["max_dust"] for rule in parameters.marks.values() if rule.get("max_dust") is not None]
    return float(min(told)) if told else float("inf")


def _bit(rule: Rule) -> int:
    if rule["effect"] == "exempt":
        return MARK_EXEMPT if rule.get("max_dust") is None else MARK_EXEMPT_IF_CLEAN
    return BITS[rule["effect"]]


def _span(mark: Mark, day_start: int) -> tuple[int, int]:
    """Return the minutes of the day that the mark touches, cut by nothing yet."""
    start, end = times.to_microseconds(mark.start) - day_start, times.to_microseconds(mark.end) - day_start
    return start // MINUTE_US, -(-end // MINUTE_US)


def _lasting(spans: Sequence[tuple[tuple[int, int], Rule]]) -> list[tuple[tuple[int, int], Rule]]:
    """Leave out marks whose stretch, joined with those it touches, is shorter than their rule asks."""
    joined = _joined([span for span, _ in spans])
    found: list[Any] = []
    for span, rule in spans:
        start, end = next(stretch for stretch in joined if stretch[0] <= span[0] and span[1] <= stretch[1])
        if end - start >= int(rule["min_minutes"]):
            found.append((span, rule))
    return found


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
