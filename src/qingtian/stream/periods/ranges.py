"""Measuring ranges 量程 of an outlet's analysers in the plan: the top, and the detection limit 检出限. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.base import times


@dataclass(frozen=True, kw_only=True)
class MeasuringRange:
    """What an analyser can measure of a factor, in the factor's unit (HJ 212-2017 annex B); None: not registered.

    ``mn`` None: of all devices of the outlet. In force in ``[start, end)`` µs, None: open.
    """

    factor: str
    top: float | None
    detection: float | None
    mn: str | None = None
    start: int | None = None
    end: int | None = None


def read(told: Iterable[Mapping[str, Any]]) -> tuple[MeasuringRange, ...]:
    """Read the ranges of an outlet of a decoded plan."""
    return tuple(
        MeasuringRange(
            factor=one["factor"],
            top=one.get("top"),
            detection=one.get("detection"),
            mn=one.get("mn"),
            start=_instant(one.get("from")),
            end=_instant(one.get("to")),
        )
        for one in told
    )


def of_device(ranges: Iterable[MeasuringRange], mn: str, factor: str) -> tuple[MeasuringRange, ...]:
    """Return the ranges of a device's factor: those of the outlet, and behind them those that name the device; where
    both are in force, the later stands."""
    of_factor = [one for one in ranges if one.factor == factor and one.mn in (None, mn)]
    return tuple(sorted(of_factor, key=lambda one: one.mn is not None))


def _instant(day: str | None) -> int | None:
    """A day of the plan is its midnight in Beijing."""
    if day is None:
        return None
    return times.to_microseconds(datetime.fromisoformat(day).replace(tzinfo=times.BEIJING))
