"""Numbers as packets write them: sign, digits, point, digits; with an exponent if a sender must."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite

GRAMMAR = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def number(text: str) -> float | None:
    """Return the number that ``text`` writes, or None if it writes none (zero is a number, empty is not)."""
    if GRAMMAR.fullmatch(text) is None:
        return None
    value = float(text)
    return value if isfinite(value) else None


def written(value: float) -> str:
    """Write a number without an exponent, so that `number` reads the same one back."""
    text = repr(value)
    if "e" not in text:
        return text.removesuffix(".0")
    return format(Decimal(text), "f")
