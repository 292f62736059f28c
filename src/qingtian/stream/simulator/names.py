"""How an edition calls a factor, and in which unit it reports it: 2005 has its own codes and, for some, units."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from qingtian.base.units import convert
from qingtian.law import rules
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.factors import factor


@cache
def old_name(code: str) -> str:
    """Return the code of 2005 for a factor, its own where 2005 has none."""
    known = factor(code)
    return known.code_2005 if known is not None and known.code_2005 else code


def name_in(edition: Edition, code: str) -> str:
    """Return the code by which an edition knows a factor."""
    return old_name(code) if edition is Edition.HJ2005 else code


@cache
def scale_in(edition: Edition, code: str) -> float:
    """Return by what a value in the factor table's unit is multiplied to stand in the unit of an edition."""
    if edition is not Edition.HJ2005:
        return 1.0
    old = {str(rule["code_2005"]): rule.get("unit") for rule in rules.table("factor_units_2005")}.get(old_name(code))
    known = factor(code)
    if old is None or known is None or known.unit is None:
        return 1.0
    return float(convert(Decimal(1), source=known.unit, target=old))


def extra_decimals(edition: Edition, code: str) -> int:
    """Return how many more decimals a value needs that an edition reports in a larger unit."""
    scale = Decimal(str(scale_in(edition, code)))
    return max(0, -scale.adjusted())
