"""The rules of the windows as they are on a day: ``rules/periods/*.yaml``, typed, looked up once a day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qingtian.law import rules

COUNTED = ("F", "M", "S", "D", "C", "T", "B", "P", "?", "zero")
"""Why a record does not count, in the order of the counters: its flag, another flag, or that nothing flowed."""

VALID, STOPPED, INVALID = 0, 1, 2
"""What a flag makes of a value."""

PLAIN, FLOW, MEDIAN, FURNACE, POLLUTANT = range(5)
"""The role of a factor. What is no pollutant is neither converted nor totalled nor weighted."""

ROLES = {"flow": FLOW, "median": MEDIAN, "furnace": FURNACE, "dust": POLLUTANT}


@dataclass(frozen=True, kw_only=True)
class Mean:
    """How a period's value is made; see ``rules/periods/means.yaml``."""

    weighted: bool
    reported_first: bool
    min_minutes: int
    min_hours: float
    min_share: float


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a factor that is made of others: the factors that tell it (``x``: any digit), its weight."""

    codes: str
    weight: float

    def names(self, factor: str) -> bool:
        """Say whether a factor tells this part."""
        return re.fullmatch(self.codes.replace("x", "[0-9]"), factor) is not None


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A factor that is made of others; see ``rules/periods/derived.yaml``."""

    factor: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The rules of one day. ``effect`` and ``counter`` uint8[256], by the ASCII code of a flag (0: no flag).

    ``by_flag``: by case, whether hours without minutes go by their flag (``rules/periods/without_minutes.yaml``).
    ``floors``: by role, what a mean below it counts as, -inf none (``rules/periods/negatives.yaml``).
    """

    effect: NDArray[np.uint8]
    counter: NDArray[np.uint8]
    means: Mapping[tuple[str, str], Mean]
    roles: Mapping[str, str]
    constants: Mapping[str, float]
    marks: Mapping[tuple[str, str], rules.Rule]
    by_flag: Mapping[str, bool]
    floors: Mapping[str, float]
    derived: tuple[Recipe, ...]

    def role(self, factor: str) -> int:
        """Return the role of a factor; what no rule names is a pollutant if it is measured in water or gas."""
        named = self.roles.get(factor)
        if named is None:
            return POLLUTANT if factor[:1] in ("w", "a") else PLAIN
        return ROLES.get(named, PLAIN)

    def factor_of(self, role: str, medium: str) -> str | None:
        """Return the factor that plays a role: ``flow`` of water is w00000."""
        first = medium[:1] if medium == "water" else "a"
        return next((code for code, name in self.roles.items() if name == role and code.startswith(first)), None)


@cache
def at(day: date) -> Parameters:
    """Return the rules in force on a day.

    :raises qingtian.law.rules.RuleRefused: if a rule file cannot be used.
    """
    effect, counter = _flags(day)
    return Parameters(
        effect=effect,
        counter=counter,
        means={(rule["medium"], rule["period"]): _mean(rule) for rule in rules.table("periods/means").at(day)},
        roles={rule["factor"]: rule["role"] for rule in rules.table("periods/factors").at(day)},
        constants={rule["name"]: float(rule["value"]) for rule in rules.table("periods/conversion").at(day)},
        marks={(rule["class"], rule["label"]): rule for rule in rules.table("periods/mark_effects").at(day)},
        by_flag={rule["case"]: rule["by"] == "flag" for rule in rules.table("periods/without_minutes").at(day)},
        floors={rule["what"]: _floor(rule) for rule in rules.table("periods/negatives").at(day)},
        derived=_recipes(day),
    )


def _recipes(day: date) -> tuple[Recipe, ...]:
    parts: dict[str, list[Part]] = {}
    for rule in rules.table("periods/derived").at(day):
        parts.setdefault(rule["factor"], []).append(Part(codes=rule["codes"], weight=float(rule["weight"])))
    return tuple(Recipe(factor=factor, parts=tuple(found)) for factor, found in parts.items())


def _floor(rule: rules.Rule) -> float:
    return float("-inf") if rule["floor"] is None else float(rule["floor"])


def _flags(day: date) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    effect = np.full(256, INVALID, np.uint8)
    counter = np.full(256, COUNTED.index("?"), np.uint8)
    kinds = {"valid": VALID, "stopped": STOPPED, "invalid": INVALID}
    for rule in rules.table("periods/flags").at(day):
        place = ord(rule["flag"]) if rule["flag"] else 0
        effect[place] = kinds[rule["effect"]]
        if rule["flag"] in COUNTED:
            counter[place] = COUNTED.index(rule["flag"])
    return effect, counter


def _mean(rule: rules.Rule) -> Mean:
    hours = rule.get("min_hours")
    return Mean(
        weighted=rule["mean"] == "flow_weighted",
        reported_first=rule["judged"] == "reported",
        min_minutes=int(rule.get("min_minutes") or 1),
        min_hours=float("inf") if hours is None else float(hours),
        min_share=float(rule.get("min_share") or 0.0),
    )
