"""The factors 监测因子 as pages and sentences name them: the codec's table, and a name for a code of no table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qingtian.stream.hj212 import factors as table

UNNAMED = (None, "dimensionless")
"""Units that nobody writes behind a figure."""


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A factor by its code of 2017; ``unit`` is empty where there is none. Else as in `stream.hj212.factors`."""

    code: str
    zh: str
    en: str
    unit: str
    decimals: int | None

    def name(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


@cache
def factors() -> dict[str, Factor]:
    """Return all factors by code."""
    return {code: _shown(row) for code, row in table.factors().items()}


def _shown(row: table.Factor) -> Factor:
    unit = "" if row.unit is None or row.unit in UNNAMED else row.unit
    return Factor(code=row.code, zh=row.zh, en=row.en, unit=unit, decimals=row.decimals)


def factor(code: str) -> Factor:
    """Return a factor; one that the table does not have is called by its code."""
    found = table.factor(code)
    # values that came under a code of 2005 have units of their own
    if found is None or code == found.code_2005 != found.code:
        return Factor(code=code, zh=code, en=code, unit="", decimals=None)
    return factors()[found.code]
