"""The series of a day: each factor of each device that was heard, in order, and the series it leans on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.periods import marks as marking
from qingtian.stream.periods.cells import DAY_US, MINUTES, mark_present
from qingtian.stream.periods.marks import Mark
from qingtian.stream.periods.parameters import FLOW, POLLUTANT, Parameters
from qingtian.stream.periods.plan import PeriodOutlet, PeriodPlan
from qingtian.stream.periods.rows import Rows
from qingtian.stream.periods.units import cubic_metres_an_hour, kilograms, milligrams

SERVANTS = ("flow", "oxygen", "velocity", "temperature", "pressure", "humidity", "dust")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """*s* series, by MN and factor. ``mn``, ``factor``: places in the rows' names; ``outlet``: place in the plan.

    ``servants``: for each of `SERVANTS`, the series that plays this part for each series, -1 where none does.
    ``milligrams``: mg/L or mg/m³ of a value of 1, NaN where it is no concentration; ``kilograms``: of a reported total;
    ``cubic_metres``: m³/h of a flow of 1. ``reference``: oxygen % it is converted to, NaN none. ``mask_of``: row of
    ``masks`` uint8[k, 1440]. ``metered``: it tells that a facility runs, and nothing of the water or gas.
    """

    mn: NDArray[np.int32]
    factor: NDArray[np.int32]
    outlet: NDArray[np.int32]
    water: NDArray[np.bool_]
    metered: NDArray[np.bool_]
    role: NDArray[np.int8]
    servants: Mapping[str, NDArray[np.int32]]
    milligrams: NDArray[np.float64]
    kilograms: NDArray[np.float64]
    cubic_metres: NDArray[np.float64]
    reference: NDArray[np.float64]
    step: NDArray[np.int32]
    mask_of: NDArray[np.int32]
    masks: NDArray[np.uint8]
    series_of: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.mn)


def lay_out(rows: Rows, plan: PeriodPlan, parameters: Parameters, marks: Sequence[Mark], *, day_start: int) -> Layout:
    """Return the series that have a reading on the day that begins at ``day_start`` (µs)."""
    places = np.array([plan.place_of.get(mn, -1) for mn in rows.mns] or [-1], np.int32)
    seen = np.zeros((max(len(rows.mns), 1), max(len(rows.factors), 1)), np.bool_)
    mark_present(rows.mn, rows.factor, rows.channel, rows.time, day_start, places >= 0, seen)
    mn, factor = (column.astype(np.int32) for column in np.nonzero(seen))
    series_of = np.full(seen.shape, -1, np.int32)
    series_of[mn, factor] = np.arange(len(mn), dtype=np.int32)
    outlet = places[mn]
    of_factor = [_constants(code, parameters) for code in rows.factors]
    outlets = [plan.outlets[place] for place in outlet]
    water = np.array([one.medium == "water" for one in outlets], np.bool_)
    metered = _metered(rows, factor, outlets, day_start)
    mask_of, masks = _masks(rows, mn, factor, outlets, metered, parameters, marks, day_start)
    return Layout(
        mn=mn,
        factor=factor,
        outlet=outlet,
        water=water,
        metered=metered,
        role=np.array([of_factor[place].role for place in factor], np.int8),
        servants={name: _servants(name, rows, mn, outlet, water, series_of, parameters) for name in SERVANTS},
        milligrams=np.array(
            [of_factor[place].water if wet else of_factor[place].gas for place, wet in zip(factor, water, strict=True)]
        ),
        kilograms=np.array([of_factor[place].total for place in factor]),
        cubic_metres=np.array([of_factor[place].flow for place in factor]),
        reference=_references(rows, factor, outlets, of_factor),
        step=np.array([one.operating.minute_interval or 0 for one in outlets], np.int32),
        mask_of=mask_of,
        masks=masks,
        series_of=series_of,
    )


class _Constants(NamedTuple):
    """What the factor table says: the role; mg/L or mg/m³ of a value of 1 in water and gas; kg of a total; m³/h."""

    role: int
    water: float
    gas: float
    total: float
    flow: float


def _constants(code: str, parameters: Parameters) -> _Constants:
    role = parameters.role(code)
    if role != POLLUTANT:
        return _Constants(role, nan, nan, nan, cubic_metres_an_hour(code) if role == FLOW else nan)
    return _Constants(role, milligrams(code, "water"), milligrams(code, "gas"), kilograms(code), nan)


def _servants(
    name: str,
    rows: Rows,
    mn: NDArray[np.int32],
    outlet: NDArray[np.int32],
    water: NDArray[np.bool_],
    series_of: NDArray[np.int32],
    parameters: Parameters,
) -> NDArray[np.int32]:
    """Return who plays a part for each series: a series of the same device, else of the outlet's first that has it."""
    found = np.full(len(mn), -1, np.int32)
    for medium, ours in (("water", water), ("gas", ~water)):
        code = parameters.factor_of(name, medium)
        if code is None or code not in rows.factors:
            continue
        of_device = series_of[:, rows.factors.index(code)]
        having = np.flatnonzero((of_device[mn] >= 0) & ours)
        of_outlet: dict[int, int] = {}
        for series in having:
            of_outlet.setdefault(int(outlet[series]), int(of_device[mn[series]]))
        beside = np.array([of_outlet.get(int(place), -1) for place in outlet], np.int32)
        found[ours] = np.where(of_device[mn] >= 0, of_device[mn], beside)[ours]
    return found


def _references(
    rows: Rows, factor: NDArray[np.int32], outlets: Sequence[PeriodOutlet], of_factor: Sequence[_Constants]
) -> NDArray[np.float64]:
    """Return the reference oxygen of each series: that of its limits, else of its outlet; NaN where there is none."""
    told = {id(outlet): _told(outlet) for outlet in outlets}
    found = np.full(len(factor), nan)
    for series, (place, outlet) in enumerate(zip(factor, outlets, strict=True)):
        if outlet.medium == "gas" and of_factor[place].gas == of_factor[place].gas:
            found[series] = told[id(outlet)].get(rows.factors[place], outlet.operating.reference_oxygen or nan)
    return found


def _told(outlet: PeriodOutlet) -> dict[str, float]:
    return {
        limit["factor"]: float(limit["reference_oxygen"]) for limit in outlet.limits if limit.get("reference_oxygen")
    }


def _metered(
    rows: Rows, factor: NDArray[np.int32], outlets: Sequence[PeriodOutlet], day_start: int
) -> NDArray[np.bool_]:
    """Return which series are channels of facilities on the day."""
    known = {id(one): one.metered(day_start, day_start + DAY_US) for one in outlets if one.facilities}
    found = np.zeros(len(factor), np.bool_)
    if known:
        found[:] = [rows.factors[place] in known.get(id(one), ()) for place, one in zip(factor, outlets, strict=True)]
    return found


def _masks(
    rows: Rows,
    mn: NDArray[np.int32],
    factor: NDArray[np.int32],
    outlets: Sequence[PeriodOutlet],
    metered: NDArray[np.bool_],
    parameters: Parameters,
    marks: Sequence[Mark],
    day_start: int,
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return which mask each series is under, and the masks; the first lets everything be.

    A mark on the whole outlet says nothing of the meter of a facility: only one that names the channel does.
    """
    of_outlet: dict[str, list[int]] = {}
    for number, mark in enumerate(marks):
        of_outlet.setdefault(mark.outlet, []).append(number)
    masks, known = [np.zeros(MINUTES, np.uint8)], dict[tuple[int, ...], int]({(): 0})
    mask_of = np.zeros(len(mn), np.int32)
    for series, outlet in enumerate(outlets):
        mine = of_outlet.get(outlet.code, ())
        device, code = rows.mns[mn[series]], rows.factors[factor[series]]
        concerned = [number for number in mine if marks[number].concerns(device, code)]
        under = tuple(number for number in concerned if not metered[series] or marks[number].factors is not None)
        if under not in known:
            known[under] = len(masks)
            masks.append(marking.mask([marks[number] for number in under], parameters, day_start=day_start))
        mask_of[series] = known[under]
    return mask_of, np.array(masks)
