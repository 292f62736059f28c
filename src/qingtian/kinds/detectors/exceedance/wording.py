"""The sentences of a finding, Chinese and English: what was measured. An exceedance is suspected, not found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qingtian.base.units import printed
from qingtian.stream.hj212.factors import factor


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a sentence is made of; ``event`` names it, ``distance`` is true for pH."""

    event: str
    factor: str
    cn: int
    level: str
    period: str
    upper: bool
    distance: bool
    limit: Mapping[str, Any]
    value: float
    peak: float
    times_over: float
    count: int


def sentence(words: Mapping[str, Any], facts: Facts, language: str) -> str:
    """Return the sentence in ``zh`` or ``en``."""
    own = words[language]
    bound = facts.limit["upper" if facts.upper else "lower"]
    text: str = own[facts.event].format(
        factor=factor_name(facts.factor, language),
        kind=own["kind"][facts.cn],
        period=own["period"][facts.period],
        bound=own["upper" if facts.upper else "lower"],
        limit=number(bound),
        unit=_unit(facts.limit),
        value=number(facts.value),
        peak=number(facts.peak),
        count=facts.count,
        over=_over(facts, own),
        note=own["note" if facts.upper else "note_below"][facts.level],
    )
    return tidied(text)


def tidied(text: str) -> str:
    """Take out the blanks that an empty unit leaves."""
    return text.replace(" )", ")").replace(" ,", ",").replace(" ;", ";").replace("  ", " ").rstrip()


def _over(facts: Facts, own: Mapping[str, Any]) -> str:
    """Times over an upper limit; by how much below a lower one, and beyond either side of a band."""
    if facts.upper and not facts.distance:
        return str(own["times"].format(times=number(round(facts.times_over, 3))))
    bound = facts.limit["upper" if facts.upper else "lower"]
    apart = number(round(abs(facts.peak - bound), 4))
    return tidied(own["above" if facts.upper else "below"].format(apart=apart, unit=_unit(facts.limit)))


def number(value: float | None) -> str:
    """Write a number as short as it is: 50.0 → 50, 61.2 → 61.2."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def factor_name(code: str, language: str) -> str:
    """Return the factor's name in HJ 212-2017 annex B, the code itself if it is not there."""
    known = factor(code)
    return known.name(language) if known else code


def _unit(limit: Mapping[str, Any]) -> str:
    unit = str(limit.get("unit") or "")
    return "" if unit in ("dimensionless", "无量纲") else printed(unit)
