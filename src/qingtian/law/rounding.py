"""Rounding before comparing (GB/T 8170-2008 数值修约规则, 修约值比较法), turned into one exact comparison per value.

A value is rounded to the decimals of the limit, half to even (四舍六入五成双), and then compared; equal is not over
(以上不超). Instead of rounding each value, the edge where rounding flips is computed once: with limit ``k`` in units of
the last decimal, a value rounds above ``k`` if it is more than ``k + ½``, or exactly that and ``k`` is odd. The edge is
the double nearest to the decimal ``k + ½``, and so is the value that a device wrote with those digits: exact.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

NUMBER = re.compile(r"\d+(?:\.\d+)?")
UNIT_STEPS = (0, 3, -3, 6, -6)
"""Powers of ten between the printed unit and the reported one: mg/L against µg/L or ng/L."""

KNOWN = 8192
"""Bounds that are remembered: thousands of outlets stand under a few hundred."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A value beyond ``at`` is out; one that equals it is out if ``tie_is_out``."""

    at: float
    tie_is_out: bool


NO_UPPER = Edge(at=math.inf, tie_is_out=False)
NO_LOWER = Edge(at=-math.inf, tie_is_out=False)


@lru_cache(maxsize=KNOWN)
def decimals_of(bound: float, printed: str) -> int:
    """Return to how many decimals the standard gives the bound, in the unit of ``bound`` (negative: tens, hundreds).

    ``0.05 mg/L`` reported in µg/L is a bound of 50 that is given to tens: -1. If the printed text does not show the
    number, the digits of the bound itself count.
    """
    value = Decimal(repr(bound))
    for step in UNIT_STEPS:
        for text in NUMBER.findall(printed):
            shown = Decimal(text)
            if shown and shown.scaleb(step) == value:
                return _places(shown) - step
    return _places(value.normalize()) if value else 0


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def upper_edge(bound: float | None, decimals: int) -> Edge:
    return NO_UPPER if bound is None else _edge(bound, decimals, half=Decimal("0.5"))


def lower_edge(bound: float | None, decimals: int) -> Edge:
    return NO_LOWER if bound is None else _edge(bound, decimals, half=Decimal("-0.5"))


@lru_cache(maxsize=KNOWN)
def _edge(bound: float, decimals: int, *, half: Decimal) -> Edge:
    steps = Decimal(repr(bound)).scaleb(decimals)
    if steps != steps.to_integral_value():
        # the bound has more digits than it was printed with: it may not be rounded itself
        return _edge(bound, decimals + 1, half=half)
    return Edge(at=float((steps + half).scaleb(-decimals)), tie_is_out=int(steps) % 2 == 1)
