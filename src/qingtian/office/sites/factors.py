"""The factor table (监测因子) as pages and sentences use it: code → names, unit, decimals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from qingtian.law import rules

PROCESS = re.compile(r"[eg][0-9]{5}")


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
    """Return a factor; one that the table does not have is called by its code.

    A process condition 工况 is numbered by unit: ``g10401`` is the first of the series ``g104xx``.
    """
    found = factors().get(code) or (factors().get(f"{code[:4]}xx") if PROCESS.fullmatch(code) else None)
    return found or Factor(code=code, zh=code, en=code, unit="", decimals=None)
