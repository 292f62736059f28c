"""The state a device measures in 状态: ppm, wet or hot gas brought to standard dry, and the volume of each hour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.periods.conversion import dry_standard_flow, duct_flow, from_ppm, to_dry, to_standard
from qingtian.stream.periods.layout import Layout
from qingtian.stream.periods.parameters import FLOW, POLLUTANT, Parameters
from qingtian.stream.periods.plan import STANDARD_DRY, PeriodPlan

Floats = NDArray[np.float64]

WET = "actual_wet"


def multiplier(
    raw: Floats, factors: tuple[str, ...], layout: Layout, plan: PeriodPlan, parameters: Parameters
) -> Floats:
    """Return what each hour's measured value [series, 24] is multiplied by to be mg/m³ at standard state and dry.

    1 for most: devices report standard dry. NaN where temperature, pressure or humidity is wanted and not known.
    """
    found = np.ones_like(raw)
    for place in _outlets(layout, plan, "gas_state", "ppm"):
        operating = plan.outlets[place].operating
        for series in np.flatnonzero((layout.outlet == place) & (layout.role == POLLUTANT)).tolist():
            code = factors[layout.factor[series]]
            if code in operating.ppm:
                found[series] *= from_ppm(
                    1.0, molar_mass=parameters.constants.get(code, np.nan), constants=parameters.constants
                )
            elif operating.gas_state != STANDARD_DRY:
                found[series] *= _of_state(series, raw, layout, plan, parameters)
    return found


def _outlets(layout: Layout, plan: PeriodPlan, *facts: str) -> list[int]:
    """Return the places of the outlets of gas that state one of these facts, in short: few."""
    plain = ("", STANDARD_DRY, None, ())
    return [
        int(place)
        for place in np.unique(layout.outlet[~layout.water])
        if any(getattr(plan.outlets[place].operating, fact) not in plain for fact in facts)
    ]


def _beside(name: str, series: int, raw: Floats, layout: Layout) -> Floats:
    """Return the hours of the series that plays a part for this one, NaN where none does."""
    servant = layout.servants[name][series]
    return raw[servant] if servant >= 0 else np.full(raw.shape[1], np.nan)


def _of_state(series: int, raw: Floats, layout: Layout, plan: PeriodPlan, parameters: Parameters) -> Floats:
    operating = plan.outlets[layout.outlet[series]].operating
    standard: Floats = to_standard(
        np.ones(raw.shape[1]),
        temperature_c=_beside("temperature", series, raw, layout),
        pressure_kpa=_beside("pressure", series, raw, layout),
        atmosphere_kpa=operating.atmosphere_kpa,
        constants=parameters.constants,
    )
    if operating.gas_state != WET:
        return standard
    dried: Floats = to_dry(standard, humidity_percent=_beside("humidity", series, raw, layout))
    return dried


def volumes(
    raw: Floats, valid: NDArray[np.bool_], totals: Floats, layout: Layout, plan: PeriodPlan, parameters: Parameters
) -> Floats:
    """Return the m³ (gas: standard dry) that went out in each hour, for each series [series, 24]; NaN unknown.

    The device's total (``totals``, Cou of the flow) counts where it is valid, else the mean flow times an hour. What
    flows backwards takes nothing off what went out.
    """
    is_flow = layout.role == FLOW
    rate = np.where(valid, raw, np.nan) * layout.cubic_metres[:, None]
    given = np.maximum(totals, parameters.floors.get("flow", -np.inf))
    volume = np.where(is_flow[:, None] & valid & ~np.isnan(totals), given, rate)
    flow = layout.servants["flow"]
    found: Floats = np.where((flow >= 0)[:, None], volume[flow], np.nan)
    for place in _outlets(layout, plan, "flow_state", "duct_m2"):
        for series in np.flatnonzero(layout.outlet == place).tolist():
            found[series] = _of_duct(series, raw, found[series], layout, plan, parameters)
    return np.round(found, 9)


def _of_duct(
    series: int, raw: Floats, volume: Floats, layout: Layout, plan: PeriodPlan, parameters: Parameters
) -> Floats:
    operating = plan.outlets[layout.outlet[series]].operating
    if operating.duct_m2 and layout.servants["flow"][series] < 0:
        volume = duct_flow(_beside("velocity", series, raw, layout), section_m2=operating.duct_m2)
    elif operating.flow_state == STANDARD_DRY:
        return volume
    found: Floats = dry_standard_flow(
        volume,
        temperature_c=_beside("temperature", series, raw, layout),
        pressure_kpa=_beside("pressure", series, raw, layout),
        atmosphere_kpa=operating.atmosphere_kpa,
        humidity_percent=_beside("humidity", series, raw, layout),
        constants=parameters.constants,
    )
    return found
