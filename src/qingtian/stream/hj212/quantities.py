"""Values of any edition under one code and in one unit: 2005 names to 2017 codes, exactly (HJ 212-2017 annex B).

2005 reports several metals in mg/L that 2017 reports in µg/L or ng/L, and pressures in MPa instead of kPa: the name
says which (`rules/factor_units_2005.yaml`). What unit a device really uses its profile may know better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from qingtian.base.units import convert
from qingtian.law import rules
from qingtian.stream.hj212.factors import Factor, factor
from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.hj212.messages.values import Tags, exact

TOTAL = "Cou"
MARK = "Flag"


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One number of a packet. ``code``: of 2017 if the table knows the name, else as sent.

    ``unit``: of ``value``; None if the unit the device meant is not known, and ``value`` is then as sent. ``mark``: the
    data mark 数据标记 of the factor, None without one.
    """

    code: str
    sent_as: str
    measure: str
    value: Decimal
    unit: str | None
    mark: str | None


def canonical(name: str) -> str:
    """Return the 2017 code of a factor's name in any edition; a name of no table as it is."""
    known = factor(name)
    return known.code if known is not None and name == known.code_2005 else name


def measured(factors: Mapping[str, Tags], *, units: Mapping[str, str] | None = None) -> Iterator[Quantity]:
    """Yield the measured numbers of factors, each in the unit of the factor table.

    ``units``: name as sent → the unit in which this device sends its concentrations, where it is not the table's.

    :raises UnitsDoNotMatch: if a unit of ``units`` measures something else than the factor.
    """
    for name, tags in factors.items():
        known = factor(name)
        for tag, text in tags.items():
            value = exact(text) if tag in MEASURES else None
            if value is None:
                continue
            value, unit = _in_unit(value, known, name, tag, units or {})
            yield Quantity(code=canonical(name), sent_as=name, measure=tag, value=value, unit=unit, mark=tags.get(MARK))


def _in_unit(
    value: Decimal, known: Factor | None, name: str, tag: str, units: Mapping[str, str]
) -> tuple[Decimal, str | None]:
    if known is None:
        return value, units.get(name) if tag != TOTAL else None
    if tag == TOTAL:
        # the totals of these were not read in 2005
        return value, None if name in units_2005() else known.unit_total
    source = units.get(name) or units_2005().get(name, known.unit)
    if source is None or known.unit is None:
        return value, source
    return convert(value, source=source, target=known.unit), known.unit


@cache
def units_2005() -> dict[str, str | None]:
    """Return the 2005 names whose unit 2017 changed, with that of 2005; None where it was not read."""
    return {str(rule["code_2005"]): rule.get("unit") for rule in rules.table("factor_units_2005")}
