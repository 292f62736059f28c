"""A data area said in another edition: names, units and marks by the tables (HJ 212-2017 annex B, HJ/T 212-2005).

2017 and 2025 share their codes as far as is known; only the way to or from 2005 changes anything. A name that the other
edition does not have keeps its own; a value whose unit there is not known is left out rather than told wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from qingtian.base.units import comparable, convert
from qingtian.law import rules
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.factors import factor
from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.hj212.messages.message import Contents
from qingtian.stream.hj212.messages.values import exact
from qingtian.stream.hj212.quantities import MARK, TOTAL, canonical, units_2005

MEASURED = frozenset(MEASURES) | {"Ala", "UpValue", "LowValue"}
"""Tags whose value is in the unit of the factor (or, of ``Cou``, in that of its total)."""

POLLUTANT = "PolId"


@dataclass(frozen=True, kw_only=True)
class Converted:
    """``left_out``: ``name-tag`` of the values that the other edition cannot be told."""

    contents: Contents
    left_out: tuple[str, ...] = ()


def in_edition(contents: Contents, edition: Edition) -> Converted:
    """Return the data area as a device of ``edition`` would send it."""
    names = {name: _named(name, edition, contents.factors) for name in contents.factors}
    left_out: list[str] = []
    factors = {
        names[name]: _tags(tags, name, names[name], edition, left_out) for name, tags in contents.factors.items()
    }
    cp = dict(contents.cp)
    if POLLUTANT in cp:
        cp[POLLUTANT] = ",".join(_named(name, edition, {}) for name in cp[POLLUTANT].split(","))
    return Converted(contents=Contents(cp=cp, factors=factors), left_out=tuple(left_out))


def _named(name: str, edition: Edition, present: Mapping[str, object]) -> str:
    """Return the name of a factor in the other edition, unless something else of the packet has that name."""
    found = _old_name(name) if edition is Edition.HJ2005 else canonical(name)
    return name if found in present else found


def _old_name(code: str) -> str:
    known = factor(code)
    old = known.code_2005 if known is not None and known.code == code else None
    # a way back must lead here again
    return old if old and canonical(old) == code else code


def _tags(tags: Mapping[str, str], name: str, new_name: str, edition: Edition, left_out: list[str]) -> dict[str, str]:
    marks = _marks(edition)
    said: dict[str, str] = {}
    for tag, text in tags.items():
        moved: str | None = text
        if tag == MARK:
            moved = marks.get(text, text)
        elif name != new_name and tag in MEASURED:
            moved = _moved(text, name, new_name, tag)
        if moved is None:
            left_out.append(f"{name}-{tag}")
        else:
            said[tag] = moved
    return said


def _moved(text: str, name: str, new_name: str, tag: str) -> str | None:
    """Return the number in the unit of its new name; None if one of the units is not known."""
    changed = units_2005().keys() & {name, new_name}
    if not changed:
        return text
    source, target = _unit(name), _unit(new_name)
    value = exact(text)
    if value is None:
        return text
    if tag == TOTAL or source is None or target is None or not comparable(source, target):
        return None
    return format(convert(value, source=source, target=target).normalize(), "f")


def _unit(name: str) -> str | None:
    if name in units_2005():
        return units_2005()[name]
    known = factor(name)
    return known.unit if known is not None else None


@cache
def _marks(edition: Edition) -> dict[str, str]:
    return {row["mark"]: row["as"] for row in rules.table("relay/marks") if row["edition"] == edition}
