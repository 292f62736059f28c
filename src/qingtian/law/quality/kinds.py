"""The words of quality control on a day: classes of instruments, kinds of checks, regimes and what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from qingtian.law import rules
from qingtian.law.rules import Rule


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something with a code and its names."""

    code: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, kw_only=True)
class Kind(Named):
    """A kind of check in a medium. ``back``: what a failed one undoes begins with the last one that was passed."""

    medium: str
    back: bool
    also_ended_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Regime(Named):
    """A way 质控方式 in which instruments of some classes are kept under control."""

    classes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Due:
    """How often a check is due. ``undoes``: data are out of control once it is overdue, and not only told of.

    In force from ``start`` to ``end`` (excluded), None: open.
    """

    kind: str
    every: timedelta
    soon: timedelta
    undoes: bool
    start: date | None
    end: date | None


def class_of(factor: str, *, medium: str, day: date) -> Named | None:
    """Return the class of the instrument that measures a factor (rules/quality/classes), None if there is none."""
    for rule in rules.table("quality/classes").at(day):
        if rule["medium"] == medium and factor.startswith(tuple(rule["factors"])):
            return Named(code=rule["class"], zh=rule["zh"], en=rule["en"])
    return None


def kinds(*, medium: str, day: date) -> tuple[Kind, ...]:
    """Return the kinds of checks of a medium (rules/quality/kinds)."""
    return tuple(_kind(rule) for rule in rules.table("quality/kinds").at(day) if rule["medium"] == medium)


def kind(code: str, *, medium: str, day: date) -> Kind | None:
    """Return one kind, None if there is none of this code in the medium."""
    return next((one for one in kinds(medium=medium, day=day) if one.code == code), None)


def regimes(factor: str, *, medium: str, day: date) -> tuple[Regime, ...]:
    """Return the regimes that an instrument for this factor may have (rules/quality/regimes)."""
    mine = class_of(factor, medium=medium, day=day)
    every = rules.table("quality/regimes").at(day)
    return tuple(_regime(rule) for rule in every if mine and mine.code in rule["classes"])


def regime(code: str, *, day: date) -> Regime | None:
    """Return one regime, None if there is none of this code."""
    return next((_regime(rule) for rule in rules.table("quality/regimes").at(day) if rule["regime"] == code), None)


def due(regime: str, *, day: date) -> tuple[Due, ...]:
    """Return what is due of an instrument under a regime (rules/quality/due)."""
    return tuple(_due(rule) for rule in rules.table("quality/due").at(day) if rule["regime"] == regime)


def due_ever(regime: str) -> tuple[Due, ...]:
    """Return what has been or will be due of an instrument under a regime, whenever it is in force."""
    return tuple(_due(rule) for rule in rules.table("quality/due") if rule["regime"] == regime)


def _kind(rule: Rule) -> Kind:
    return Kind(
        code=rule["kind"],
        zh=rule["zh"],
        en=rule["en"],
        medium=rule["medium"],
        back=rule["back"] == "last_passed",
        also_ended_by=tuple(rule["also_ended_by"]),
    )


def _regime(rule: Rule) -> Regime:
    return Regime(code=rule["regime"], zh=rule["zh"], en=rule["en"], classes=tuple(rule["classes"]))


def _due(rule: Rule) -> Due:
    return Due(
        kind=rule["kind"],
        every=timedelta(days=rule["days"]),
        soon=timedelta(days=rule["soon_days"]),
        undoes=rule["overdue"] == "out_of_control",
        start=rule.start,
        end=rule.end,
    )
