"""Facilities 产污、治污设施 of an outlet in the plan: which channel shows that one runs, and which treats which.

A channel 用电（工况）通道 is a factor code in the packets of a device of the outlet. It measures neither water nor gas:
neither a flow of zero nor a mark on the monitor takes its values out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.base import times

PRODUCTION, TREATMENT, PUMP = "production", "treatment", "pump"


@dataclass(frozen=True, kw_only=True)
class Facility:
    """A unit. ``name`` is its own within the outlet; ``role`` is `PRODUCTION`, `TREATMENT` or `PUMP`; ``factor``: its
    channel.

    ``unit``: of the channel's values, empty for a state (0 stands, anything else runs). ``rated``: what it draws when
    it runs as it should, in that unit; None: told from what it usually draws. ``treats``: names of the production units
    that a treatment unit is for. In force in ``[start, end)`` µs, None: open.
    """

    name: str
    role: str
    factor: str
    unit: str = ""
    rated: float | None = None
    biological: bool = False
    treats: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None

    def touches(self, first: int, last: int) -> bool:
        """Say whether it is in force anywhere in ``[first, last)`` µs."""
        return (self.start is None or self.start < last) and (self.end is None or self.end > first)


def read(told: Iterable[Mapping[str, Any]]) -> tuple[Facility, ...]:
    """Read the facilities of an outlet of a decoded plan."""
    return tuple(
        Facility(
            name=one["name"],
            role=one["role"],
            factor=one["factor"],
            unit=one.get("unit") or "",
            rated=one.get("rated"),
            biological=bool(one.get("biological")),
            treats=tuple(one.get("treats") or ()),
            start=_instant(one.get("from")),
            end=_instant(one.get("to")),
        )
        for one in told
    )


def _instant(day: str | None) -> int | None:
    """A day of the plan is its midnight in Beijing."""
    if day is None:
        return None
    return times.to_microseconds(datetime.fromisoformat(day).replace(tzinfo=times.BEIJING))
