"""The channels of an outlet's facilities as the detectors take them: what draws how much, and what treats which. Pure.

A relation is told by the device that sends the channel of the treatment unit, so that it is told once; the production
unit's channel may come from another device of the outlet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.periods.facilities import PRODUCTION, PUMP, TREATMENT, Facility
from qingtian.stream.periods.plan import PeriodOutlet
from qingtian.stream.suspicions.series import Column, Role, Treats

MEASURED = ("w", "a")
"""How codes begin that are of the water or gas itself."""

STATE_RATED = 1.0
"""What a state channel shows while its unit runs."""

Longs = NDArray[np.int64]


def wanted_beside(outlet: PeriodOutlet, mine: Collection[str]) -> list[str]:
    """Return the channels that a device does not send and that explain what it does: of the production units that its
    treatment units are for, and, if it measures water or gas, of all production units and pumps of the outlet.
    """
    treated = {name for one in outlet.facilities if one.factor in mine for name in one.treats}
    measures = any(code.startswith(MEASURED) for code in mine)
    wanted = {
        one.factor
        for one in outlet.facilities
        if (one.role == PRODUCTION and (measures or one.name in treated)) or (one.role == PUMP and measures)
    }
    return sorted(wanted - set(mine))


def metered(columns: Mapping[str, Column], outlet: PeriodOutlet, begins: Longs) -> dict[str, Column]:
    """Return the columns, those of facilities as what they draw; ``begins`` µs: when each row does.

    Of units that had a channel one after another each has a column, empty while it is not in force.
    """
    found = {code: column for code, column in columns.items() if code not in {one.factor for one in outlet.facilities}}
    for one in outlet.facilities:
        if one.factor in columns:
            key = f"{one.factor} {one.name}" if one.factor in found else one.factor
            found[key] = _drawn(columns[one.factor], one, begins)
    return found


def _drawn(column: Column, of: Facility, begins: Longs) -> Column:
    in_force = np.ones(len(begins), np.bool_)
    if of.start is not None:
        in_force &= begins >= of.start
    if of.end is not None:
        in_force &= begins < of.end
    return replace(
        column,
        role=Role.POWER,
        facility=of.name,
        drives=of.role,
        values=np.where(in_force, column.values, np.nan),
        zh=of.name,
        en=of.name,
        unit=of.unit,
        rated=of.rated if of.unit else STATE_RATED,
        reported=None,
        converted=None,
        limits=(),
    )


def relations(outlet: PeriodOutlet, mine: Collection[str]) -> tuple[Treats, ...]:
    """Return what the treatment units whose channels are among ``mine`` treat, in the order of the plan."""
    production = {one.name for one in outlet.facilities if one.role == PRODUCTION}
    return tuple(
        Treats(production=name, treatment=one.name, biological=one.biological)
        for one in outlet.facilities
        if one.role == TREATMENT and one.factor in mine
        for name in one.treats
        if name in production
    )
