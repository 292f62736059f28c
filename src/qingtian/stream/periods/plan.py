"""The plan as the windows need it: outlets with their devices, medium, resolved limits and operating facts. Pure.

The message is described in docs/architecture.md; keys that an older plan lacks mean the defaults given here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from qingtian.stream.periods import facilities, ranges
from qingtian.stream.periods.facilities import Facility
from qingtian.stream.periods.ranges import MeasuringRange

STANDARD_DRY = "standard_dry"
"""The state in which devices report concentration and flow unless the plan says ``actual_wet`` or ``actual_dry``."""


@dataclass(frozen=True, kw_only=True)
class Operating:
    """How an outlet is measured. ``reference_oxygen`` %, None: not converted. ``duct_m2``: the duct's section where
    only the velocity is measured. ``atmosphere_kpa``: of the place. ``ppm``: factors that the device reports in ppm.
    ``minute_interval``: minutes that a record of 2051 stands for, None: told from the records.
    """

    reference_oxygen: float | None = None
    gas_state: str = STANDARD_DRY
    flow_state: str = STANDARD_DRY
    duct_m2: float | None = None
    atmosphere_kpa: float = 101.325
    ppm: tuple[str, ...] = ()
    minute_interval: int | None = None

    def as_shown(self, factor: str) -> bool:
        """Say whether the device sends a concentration as the analyser shows it and as windows have it."""
        return self.gas_state == STANDARD_DRY and factor not in self.ppm


@dataclass(frozen=True, kw_only=True)
class PeriodOutlet:
    """An outlet 排口. ``limits``: those that bind it, as in the plan; ``facilities``: units that channels tell of;
    ``ranges``: what its analysers can measure; ``enterprise``: the code of its firm."""

    code: str
    name: str
    medium: str
    source_type: str
    mns: tuple[str, ...]
    operating: Operating
    limits: tuple[Mapping[str, Any], ...]
    facilities: tuple[Facility, ...] = ()
    ranges: tuple[MeasuringRange, ...] = ()
    enterprise: str = ""

    def metered(self, first: int, last: int) -> frozenset[str]:
        """Return the factors that are channels of facilities in force in ``[first, last)`` µs."""
        return frozenset(one.factor for one in self.facilities if one.touches(first, last))


@dataclass(frozen=True, kw_only=True)
class PeriodPlan:
    """A numbered plan: its outlets, and which of them an MN belongs to."""

    number: int
    outlets: tuple[PeriodOutlet, ...]
    place_of: Mapping[str, int] = field(repr=False)

    @cached_property
    def siblings(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """By outlet, the other outlets of its firm for the same medium, each with its devices: (code, mn)."""
        firms: dict[tuple[str, str], list[PeriodOutlet]] = {}
        for outlet in self.outlets:
            if outlet.enterprise:
                firms.setdefault((outlet.enterprise, outlet.medium), []).append(outlet)
        return {
            one.code: tuple((other.code, mn) for other in firm if other is not one for mn in sorted(other.mns))
            for firm in firms.values()
            if len(firm) > 1
            for one in firm
        }


def read(snapshot: Mapping[str, Any]) -> PeriodPlan:
    """Read a decoded plan message."""
    outlets = tuple(_outlet(outlet) for outlet in snapshot["outlets"])
    return PeriodPlan(
        number=int(snapshot["number"]),
        outlets=outlets,
        place_of={mn: place for place, outlet in enumerate(outlets) for mn in outlet.mns},
    )


def _outlet(outlet: Mapping[str, Any]) -> PeriodOutlet:
    limits = tuple(outlet["limits"])
    return PeriodOutlet(
        code=outlet["code"],
        name=outlet.get("name", ""),
        medium=outlet.get("medium", "water"),
        source_type=outlet.get("source_type", ""),
        mns=tuple(device["mn"] for device in outlet["devices"]),
        operating=_operating(outlet.get("operating") or {}, limits),
        limits=limits,
        facilities=facilities.read(outlet.get("facilities") or ()),
        ranges=ranges.read(outlet.get("ranges") or ()),
        enterprise=outlet.get("enterprise") or "",
    )


def _operating(facts: Mapping[str, Any], limits: tuple[Mapping[str, Any], ...]) -> Operating:
    # an older plan says in its limits only that there is a reference, a newer one also which
    told = [limit["reference_oxygen"] for limit in limits if limit.get("reference_oxygen")]
    return Operating(
        reference_oxygen=facts.get("reference_oxygen") or (min(told) if told else None),
        gas_state=facts.get("gas_state") or STANDARD_DRY,
        flow_state=facts.get("flow_state") or STANDARD_DRY,
        duct_m2=facts.get("duct_m2"),
        atmosphere_kpa=float(facts.get("atmosphere_kpa") or Operating.atmosphere_kpa),
        ppm=tuple(facts.get("ppm") or ()),
        minute_interval=facts.get("minute_interval"),
    )
