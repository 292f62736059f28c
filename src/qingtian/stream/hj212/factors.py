"""The factors 监测因子 by code: names, unit, decimals (HJ 212-2017 annex B; the rows are ``rules/factors.yaml``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from qingtian.law import rules

PROCESS = re.compile(r"[eg][0-9]{5}")


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One factor. ``unit`` is that of values and means, ``unit_total`` that of ``-Cou``; None where none is printed.

    ``code`` is that of 2017 (of 2005, where 2017 has none; where 2017 prints one code twice, the one that is used),
    ``code_2005`` the one it replaced. ``medium`` as in the table: water, air, noise, …
    """

    code: str
    code_2005: str | None
    zh: str
    en: str
    medium: str
    unit: str | None
    unit_total: str | None
    decimals: int | None

    def name(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


@cache
def factors() -> dict[str, Factor]:
    """Return all factors by `Factor.code`."""
    return {row.code: row for row in map(_factor, rules.table("factors"))}


@cache
def _by_code() -> dict[str, Factor]:
    by_old = {row.code_2005: row for row in reversed(factors().values()) if row.code_2005}
    return by_old | factors()


def _factor(rule: rules.Rule) -> Factor:
    decimals = rule.get("decimals")
    return Factor(
        code=str(rule.get("used_as") or rule["code"] or rule["code_2005"]),
        code_2005=rule.get("code_2005") or None,
        zh=str(rule["zh"]),
        en=str(rule["en"] or rule["zh"]),
        medium=str(rule["medium"]),
        unit=rule.get("unit") or None,
        unit_total=rule.get("unit_total") or None,
        decimals=None if decimals in (None, "") else int(decimals),
    )


def factor(code: str) -> Factor | None:
    """Return the factor of a 2017 code, or of a 2005 code; None for a code of neither (senders have their own).

    A process condition 工况 is numbered by device: ``e10103`` is the third of the series ``e101xx``.
    """
    found = _by_code().get(code)
    return _by_code().get(f"{code[:4]}xx") if found is None and PROCESS.fullmatch(code) else found
