"""Exact conversion between the units in which the law prints a figure and a device reports it. Decimal, never float.

The unit trap of HJ 212-2017: its factor table gives mercury, cadmium, lead … in µg/L where the limits are in mg/L.
"""

from __future__ import annotations

import re
from decimal import Decimal

from qingtian.base.errors import QingtianError

# each unit as (dimension, how much of the dimension's first unit it is)
UNITS: dict[str, tuple[str, Decimal]] = {
    "mg/L": ("mass in water", Decimal(1)),
    "g/L": ("mass in water", Decimal(1000)),
    "µg/L": ("mass in water", Decimal("0.001")),
    "ng/L": ("mass in water", Decimal("0.000001")),
    "mg/m3": ("mass in gas", Decimal(1)),
    "g/m3": ("mass in gas", Decimal(1000)),
    "µg/m3": ("mass in gas", Decimal("0.001")),
    "ng/m3": ("mass in gas", Decimal("0.000001")),
    "kg/h": ("mass rate", Decimal(1)),
    "g/h": ("mass rate", Decimal("0.001")),
    "L/s": ("volume rate", Decimal(1)),
    "m3/s": ("volume rate", Decimal(1000)),
    "1/L": ("count in water", Decimal(1)),
    "count/L": ("count in water", Decimal(1)),
    "1": ("number", Decimal(1)),
    "dimensionless": ("number", Decimal(1)),
    "%": ("share", Decimal(1)),
    "°C": ("temperature", Decimal(1)),
    "degC": ("temperature", Decimal(1)),
    # dilution times (稀释倍数) and platinum-cobalt degrees measure colour on different scales: no factor joins them
    "times": ("dilution", Decimal(1)),
    "Pt-Co degree": ("platinum-cobalt colour", Decimal(1)),
    "kPa": ("pressure", Decimal(1)),
    "Pa": ("pressure", Decimal("0.001")),
    "MPa": ("pressure", Decimal(1000)),
}


SIGNS = str.maketrans({"2": "²", "3": "³"})
RAISED = re.compile(r"(?<=m)[23](?![0-9A-Za-z])")


def printed(text: str) -> str:
    """Return a unit, or a text with units in it, as people read it: mg/m3 is mg/m³. Codes of units stay mg/m3."""
    return RAISED.sub(lambda found: found[0].translate(SIGNS), text)


class UnitsDoNotMatch(QingtianError):
    code = "units.do_not_match"
    zh = "单位 {source} 不能换算为 {target}：两者量纲不同或未登记。请核对该因子的单位。"
    en = (
        "{source} cannot be converted to {target}: they measure different things, or one is not registered. "
        "Check the unit of this factor."
    )


def comparable(source: str, target: str) -> bool:
    """Say whether `convert` can convert between the two."""
    return source == target or (source in UNITS and target in UNITS and UNITS[source][0] == UNITS[target][0])


def convert(value: Decimal, *, source: str, target: str) -> Decimal:
    """Return ``value``, given in unit ``source``, in unit ``target``, exactly.

    :raises UnitsDoNotMatch: if the units are of different dimensions or unknown.
    """
    if source == target:
        return value
    if not comparable(source, target):
        raise UnitsDoNotMatch(source=source, target=target)
    # every ratio is a power of ten, so the quotient is exact
    return value * (UNITS[source][1] / UNITS[target][1])
