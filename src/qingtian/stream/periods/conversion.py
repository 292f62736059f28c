"""Conversions of gas 折算: ppm, standard state, dry basis, reference oxygen, flow. Arrays or numbers; NaN is unknown.

Source: HJ 75-2017 annex C, the formula beside each function. The constants are rules (``rules/periods/conversion``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def from_ppm(ppm: Any, *, molar_mass: float, constants: Mapping[str, float]) -> Any:
    """Return mg/m³ at standard state: ``C = M / 22.4 · ppm``; ``molar_mass`` in g/mol."""
    return ppm * (molar_mass / constants["molar_volume"])


def to_standard(
    actual: Any, *, temperature_c: Any, pressure_kpa: Any, atmosphere_kpa: Any, constants: Mapping[str, float]
) -> Any:
    """Return a concentration of the actual state at standard state (273 K, 101.325 kPa), the humidity as it was.

    ``C · 101.325 / (Ba + Ps) · (273 + ts) / 273``; ``pressure_kpa`` Ps is the static pressure of the duct.
    """
    kelvin, standard = constants["kelvin"], constants["pressure"]
    return actual * (standard / (atmosphere_kpa + pressure_kpa)) * ((kelvin + temperature_c) / kelvin)


def to_dry(wet: Any, *, humidity_percent: Any) -> Any:
    """Return a concentration of wet gas on dry basis: ``C / (1 − Xsw/100)``; NaN from 100 % on."""
    share = 1 - np.asarray(humidity_percent, np.float64) / 100
    return wet / np.where(share > 0, share, np.nan)


def to_reference_oxygen(measured: Any, *, oxygen: Any, reference: Any, constants: Mapping[str, float]) -> Any:
    """Return the converted concentration 折算浓度: ``C · (21 − O2_ref) / (21 − O2)``.

    NaN where the measured oxygen is at or above the guard (20 %): near air the formula has no meaning.
    """
    oxygen = np.asarray(oxygen, np.float64)
    usable = np.where((oxygen >= 0) & (oxygen < constants["oxygen_guard"]), oxygen, np.nan)
    return measured * (constants["air_oxygen"] - reference) / (constants["air_oxygen"] - usable)


def dry_standard_flow(
    actual: Any, *, temperature_c: Any, pressure_kpa: Any, atmosphere_kpa: Any, humidity_percent: Any,
    constants: Mapping[str, float],
) -> Any:  # fmt: skip
    """Return a flow of the actual state as dry flow at standard state, in the same unit.

    ``Q · 273 / (273 + ts) · (Ba + Ps) / 101.325 · (1 − Xsw/100)``.
    """
    kelvin, standard = constants["kelvin"], constants["pressure"]
    state = kelvin / (kelvin + temperature_c) * (atmosphere_kpa + pressure_kpa) / standard
    return actual * state * (1 - humidity_percent / 100)


def duct_flow(velocity: Any, *, section_m2: Any) -> Any:
    """Return m³/h of the actual state: ``3600 · F · V`` with m/s and m²."""
    return 3600 * section_m2 * velocity
