"""Units of the factor table 监测因子 as plain multipliers: concentrations to mg/L or mg/m3, totals to kg, 2005 to 2017.

The unit trap: 2017 gives Hg, Cd, Cr6+, As, Pb … in µg/L where limits and totals think in mg/L.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from math import nan

from qingtian.base import units
from qingtian.law import rules
from qingtian.stream.hj212.factors import factor

MASS = {"kg": 1.0, "g": 1e-3, "mg": 1e-6}
VOLUME_RATES = {"L/s": 3.6, "m3/s": 3600.0, "m3/h": 1.0}
"""m³ an hour of a flow of 1."""


def scale_2005(name: str) -> float:
    """Return what a value of the 2005 factor ``name`` is multiplied by to be in the unit of 2017; NaN: nobody knows."""
    known, old = factor(name), _units_2005()
    if known is None or name not in old:
        return 1.0
    source = old[name]
    return _ratio(source, known.unit)


def milligrams(code: str, medium: str) -> float:
    """Return the mg/L (water) or mg/m³ (gas) of a value of 1 of this factor; NaN if it is no concentration."""
    known = factor(code)
    return _ratio(known.unit if known else None, "mg/L" if medium == "water" else "mg/m3")


def kilograms(code: str) -> float:
    """Return the kg of a reported total (``Cou``) of 1 of this factor; NaN if its total is no mass."""
    known = factor(code)
    return MASS.get(known.unit_total or "", nan) if known else nan


def cubic_metres_an_hour(code: str) -> float:
    """Return the m³/h of a flow of 1 of this factor; NaN if it is none."""
    known = factor(code)
    return VOLUME_RATES.get(known.unit or "", nan) if known else nan


def _ratio(source: str | None, target: str | None) -> float:
    if source is None or target is None or not units.comparable(source, target):
        return nan
    return float(units.convert(Decimal(1), source=source, target=target))


@cache
def _units_2005() -> dict[str, str | None]:
    return {str(rule["code_2005"]): rule.get("unit") for rule in rules.table("factor_units_2005")}
