"""The plan as the judge needs it: devices with their outlet and its limits, typed, times in µs. Pure: no log, no lake.

The message is described in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

from qingtian.base import times

ALWAYS = -(1 << 62)
FOREVER = 1 << 62


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit in force. ``start`` and ``end`` (exclusive) bound the DataTime in µs; bounds are inclusive (以上不超).

    ``document`` is the limit as the plan has it, for the findings.
    """

    factor: str
    period: str
    measure: str
    lower: float | None
    upper: float | None
    start: int
    end: int
    printed: str
    standard: str
    source: str
    document: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """An outlet 排口: its code, name, the MN of its devices, its limits."""

    code: str
    name: str
    mns: tuple[str, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True, kw_only=True)
class JudgePlan:
    """A numbered snapshot: all outlets, and the outlet of each MN. ``day`` is the Beijing day it was made."""

    number: int
    day: date
    outlets: tuple[Outlet, ...]
    outlet_of: Mapping[str, Outlet] = field(repr=False)

    @property
    def mns(self) -> Iterable[str]:
        return self.outlet_of.keys()


NO_PLAN = JudgePlan(number=0, day=date(1970, 1, 1), outlets=(), outlet_of={})
"""What the judge knows before the first plan: nothing."""


def read(snapshot: Mapping[str, Any]) -> JudgePlan:
    """Read a decoded plan message."""
    # many outlets stand under the same limits
    known: dict[bytes, Limit] = {}
    outlets = tuple(_outlet(outlet, known) for outlet in snapshot["outlets"])
    return JudgePlan(
        number=int(snapshot["number"]),
        day=datetime.fromisoformat(snapshot["made_at"]).astimezone(times.BEIJING).date(),
        outlets=outlets,
        outlet_of={mn: outlet for outlet in outlets for mn in outlet.mns},
    )


def _outlet(outlet: Mapping[str, Any], known: dict[bytes, Limit]) -> Outlet:
    return Outlet(
        code=outlet["code"],
        name=outlet["name"],
        mns=tuple(device["mn"] for device in outlet["devices"]),
        limits=tuple(_shared(limit, known) for limit in outlet["limits"]),
    )


def _shared(limit: Mapping[str, Any], known: dict[bytes, Limit]) -> Limit:
    text = orjson.dumps(limit)
    if text not in known:
        known[text] = _limit(limit)
    return known[text]


def _limit(limit: Mapping[str, Any]) -> Limit:
    return Limit(
        factor=limit["factor"],
        period=limit["period"],
        measure=limit["measure"],
        lower=limit["lower"],
        upper=limit["upper"],
        start=_microseconds(limit["from"], otherwise=ALWAYS),
        end=_microseconds(limit["to"], otherwise=FOREVER),
        printed=limit["printed"],
        standard=limit["standard"],
        source=limit["source"],
        document=limit,
    )


def _microseconds(instant: str | None, *, otherwise: int) -> int:
    """A bare date is midnight in Beijing."""
    if instant is None:
        return otherwise
    moment = datetime.fromisoformat(instant)
    return times.to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=times.BEIJING))
