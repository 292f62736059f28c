"""Statutory clocks 法定期限 as dated rules: what starts one, how long it runs, what stops or lengthens it.

Each file of ``rules/clocks`` is one matter. A clock that the data cannot give in figures says so: an extension or a
variant whose ``count`` is null is foreseen by the law, but its length is not stated.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, Self

from qingtian.base.errors import QingtianError
from qingtian.law import rules
from qingtian.law.rules import Rule

FOLDER = "clocks"

Unit = Literal["working_day", "day", "hour", "month", "year"]
Direction = Literal["after", "before", "fixed"]
"""Counted on from the start event, back from it, or a fixed day of the year after it."""
Means = Literal["by", "not_before", "until"]
"""What the due day is: the last day to act, the end of a shortest time, or the last day of a state."""


class UnknownClock(QingtianError):
    code = "clocks.unknown"
    zh = "没有名为“{name}”的期限。相近的有：{near}。用 qingtian law clocks 查看全部。"
    en = "There is no clock {name!r}. The nearest are: {near}. `qingtian law clocks` lists all."


class UnknownMatter(QingtianError):
    code = "clocks.unknown_matter"
    zh = "没有名为“{name}”的事项。已有的事项：{known}。"
    en = "There is no matter {name!r}. There are: {known}."


class UnknownVariant(QingtianError):
    code = "clocks.unknown_variant"
    zh = "期限 {clock} 没有情形“{name}”。可用的情形：{known}。"
    en = "Clock {clock} has no variant {name!r}. It has: {known}."


@dataclass(frozen=True, kw_only=True)
class Words:
    """One thing said in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, pair: Mapping[str, str] | None) -> Self | None:
        return cls(zh=pair["zh"], en=pair["en"]) if pair else None


@dataclass(frozen=True, kw_only=True)
class Extension:
    """A lengthening that the law foresees, in the unit of its clock; ``count`` None: no length is stated."""

    count: int | None
    at_most: bool
    when: Words | None
    approver: Words | None
    paper: Words | None


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Another length for a special case, with the days it is law (``end`` exclusive); ``count`` None: not stated."""

    name: str
    count: int | None
    unit: Unit
    words: Words
    source: str
    start: date | None
    end: date | None

    def in_force(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One clock as one rule has it. ``month_day`` is set, and ``count`` is not, when ``direction`` is ``fixed``."""

    name: str
    matter: str
    words: Words
    count: int | None
    unit: Unit
    direction: Direction
    month_day: tuple[int, int] | None
    means: Means
    roll: bool
    """Whether a last day that is not worked gives way to the next working day."""
    start_event: Words
    actor: Words
    extension_wording: str
    extensions: tuple[Extension, ...]
    variants: tuple[Variant, ...]
    excluded: Words | None
    """Time the law does not count: what a pause may stand on."""
    if_missed: Words | None
    note: Words | None
    confidence: str
    rule: Rule

    @property
    def basis(self) -> str:
        return self.rule.source

    def variant(self, name: str) -> Variant:
        """:raises UnknownVariant: if the clock has none of that name."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        known = ", ".join(variant.name for variant in self.variants) or "-"
        raise UnknownVariant(clock=self.name, name=name, known=known)


def _words(rule: Rule, key: str) -> Words:
    return Words(zh=rule[key]["zh"], en=rule[key]["en"])


def _extension(row: Mapping[str, Any]) -> Extension:
    said = {key: Words.of(row.get(key)) for key in ("when", "approver", "paper")}
    return Extension(count=row["count"], at_most=bool(row.get("at_most")), **said)


def _variant(row: Mapping[str, Any], *, basis: str) -> Variant:
    return Variant(
        name=row["name"],
        count=row["count"],
        unit=row["unit"],
        words=Words(zh=row["zh"], en=row["en"]),
        source=row.get("source", basis),
        start=row.get("from"),
        end=row.get("to"),
    )


def _clock(rule: Rule, *, matter: str) -> Clock:
    fixed = rule["direction"] == "fixed"
    return Clock(
        name=rule["clock"],
        matter=matter,
        words=Words(zh=rule["zh"], en=rule["en"]),
        count=rule.get("count"),
        unit=rule.get("unit", "day"),
        direction=rule["direction"],
        month_day=(rule["month"], rule["day"]) if fixed else None,
        means=rule["means"],
        roll=rule["roll"],
        start_event=_words(rule, "start"),
        actor=_words(rule, "actor"),
        extension_wording=rule.get("extension", ""),
        extensions=tuple(map(_extension, rule.get("extensions", ()))),
        variants=tuple(_variant(row, basis=rule.source) for row in rule.get("variants", ())),
        excluded=Words.of(rule.get("excluded")),
        if_missed=Words.of(rule.get("if_missed")),
        note=Words.of(rule.get("note")),
        confidence=rule["confidence"],
        rule=rule,
    )


def matters() -> list[str]:
    """Return the names of all matters that have clocks, sorted."""
    return [name.removeprefix(f"{FOLDER}/") for name in rules.names(FOLDER)]


@cache
def of_matter(matter: str) -> tuple[Clock, ...]:
    """Return the clocks of one matter, of all dates, in the order of the file.

    :raises UnknownMatter: if no file has that name.
    """
    if matter not in matters():
        raise UnknownMatter(name=matter, known=", ".join(matters()))
    return tuple(_clock(rule, matter=matter) for rule in rules.table(f"{FOLDER}/{matter}"))


@cache
def every() -> tuple[Clock, ...]:
    """Return the clocks of all matters and dates."""
    return tuple(clock for matter in matters() for clock in of_matter(matter))


@cache
def _by_name() -> Mapping[str, tuple[Clock, ...]]:
    found: dict[str, tuple[Clock, ...]] = {}
    for clock in every():
        found[clock.name] = (*found.get(clock.name, ()), clock)
    return found


def named(name: str, *, day: date) -> Clock:
    """Return the clock as the law has it on ``day``, or else as it had it last (see ``clock.rule.in_force``).

    Case does not matter.

    :raises UnknownClock: with the nearest names.
    """
    found = _by_name().get(name.strip().upper())
    if not found:
        raise UnknownClock(name=name, near=", ".join(_nearest(name)))
    return next((clock for clock in found if clock.rule.in_force(day)), found[-1])


def _nearest(name: str) -> list[str]:
    known = sorted({clock.name for clock in every()})
    spoken = [clock.name for clock in every() if name and name in clock.words.zh]
    return (spoken + difflib.get_close_matches(name.upper(), known, n=5, cutoff=0.3))[:5] or known[:5]
