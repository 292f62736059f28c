"""The factor table (监测因子) as pages and sentences use it: code → names, unit, decimals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qingtian.law import rules


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A factor of HJ 212-2017 annex B. ``decimals`` as the table prints values; None where it does not say."""

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
    return {
        rule["code"]: Factor(
            code=rule["code"],
            zh=rule["zh"],
            en=rule["en"] or rule["zh"],
            unit="" if rule["unit"] in (None, "dimensionless") else rule["unit"],
            decimals=rule["decimals"],
        )
        for rule in rules.table("factors")
        if rule["code"]
    }


def factor(code: str) -> Factor:
    """Return a factor; one that the table does not have is called by its code."""
    return factors().get(code) or Factor(code=code, zh=code, en=code, unit="", decimals=None)
