"""Conditions of guards as data: comparisons of facts, and what has been done, made or counted so far.

A comparison with a fact that is not known does not hold. The forms are in docs/matters.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import Literal

from qingtian.law.machine.state import FactValue, State, day_of

ClockStatus = Literal["started", "running", "paused", "stopped", "in_time", "over", "reached"]
CLOCK_STATUSES = ("started", "running", "paused", "stopped", "in_time", "over", "reached")
OPERATORS: Mapping[str, Callable[[object, object], bool]] = {
    "is": lambda left, right: left == right,
    "is_not": lambda left, right: left != right,
    "at_least": lambda left, right: left >= right,  # type: ignore[operator]
    "at_most": lambda left, right: left <= right,  # type: ignore[operator]
    "above": lambda left, right: left > right,  # type: ignore[operator]
    "below": lambda left, right: left < right,  # type: ignore[operator]
}
"""The parser lets only values of comparable types meet."""


@dataclass(frozen=True, kw_only=True)
class View:
    """What a condition may look at. ``facts`` has those of the act under trial, too."""

    state: State | None
    facts: Mapping[str, FactValue]
    settings: Mapping[str, Decimal]
    guards: Mapping[str, Condition]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Value:
    """``kind``: ``literal``, ``fact``, ``setting``, ``today``, ``product`` of parts, ``days`` from one to the other."""

    kind: str
    literal: FactValue | None = None
    name: str = ""
    parts: tuple[Value, ...] = ()

    def of(self, view: View) -> FactValue | None:
        if self.kind == "fact":
            return view.facts.get(self.name)
        if self.kind == "setting":
            return view.settings[self.name]
        if self.kind == "today":
            return day_of(view.at)
        if self.kind in ("product", "days"):
            return _computed(self.kind, [part.of(view) for part in self.parts])
        return self.literal

    def facts(self) -> Iterator[str]:
        if self.kind == "fact":
            yield self.name
        for part in self.parts:
            yield from part.facts()

    def settings(self) -> Iterator[str]:
        if self.kind == "setting":
            yield self.name
        for part in self.parts:
            yield from part.settings()


def _computed(kind: str, found: list[FactValue | None]) -> FactValue | None:
    if kind == "days":
        first, last = (_day(each) for each in found)
        return (last - first).days if first and last else None
    numbers = [each for each in found if isinstance(each, int | Decimal)]
    return reduce(mul, map(Decimal, numbers)) if len(numbers) == len(found) else None


def _day(value: object) -> date | None:
    return day_of(value) if isinstance(value, date) else None


@dataclass(frozen=True, kw_only=True)
class Compare:
    left: Value
    operator: str
    right: Value

    def holds(self, view: View) -> bool:
        left, right = self.left.of(view), self.right.of(view)
        return left is not None and right is not None and OPERATORS[self.operator](*_alike(left, right))


def _alike(left: FactValue, right: FactValue) -> tuple[FactValue, FactValue]:
    """A moment and a day meet as days."""
    if isinstance(left, date) and isinstance(right, date) and isinstance(left, datetime) != isinstance(right, datetime):
        return _day(left) or left, _day(right) or right
    return left, right


@dataclass(frozen=True, kw_only=True)
class OneOf:
    fact: str
    options: tuple[str, ...]

    def holds(self, view: View) -> bool:
        found = view.facts.get(self.fact)
        return any(each in self.options for each in (found if isinstance(found, tuple) else (found,)))


@dataclass(frozen=True, kw_only=True)
class Known:
    fact: str

    def holds(self, view: View) -> bool:
        return self.fact in view.facts


@dataclass(frozen=True, kw_only=True)
class HasPaper:
    paper: str

    def holds(self, view: View) -> bool:
        return view.state is not None and view.state.has_paper(self.paper)


@dataclass(frozen=True, kw_only=True)
class Happened:
    """The act was done; if ``after`` is given, later than the last of that one."""

    act: str
    after: str = ""

    def holds(self, view: View) -> bool:
        if view.state is None:
            return False
        place = view.state.last(self.act)
        return place >= 0 and (not self.after or place > view.state.last(self.after))


@dataclass(frozen=True, kw_only=True)
class ClockIs:
    clock: str
    status: str

    def holds(self, view: View) -> bool:
        run = view.state.clock(self.clock) if view.state else None
        if run is None:
            return False
        return {
            "started": True,
            "running": run.running,
            "paused": run.paused_on is not None and run.stopped is None,
            "stopped": run.stopped is not None,
            "in_time": not run.over(view.at),
            "over": run.over(view.at),
            "reached": run.reached(view.at),
        }[self.status]


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """Another guard's condition."""

    guard: str

    def holds(self, view: View) -> bool:
        return view.guards[self.guard].holds(view)


@dataclass(frozen=True, kw_only=True)
class Every:
    parts: tuple[Condition, ...]

    def holds(self, view: View) -> bool:
        return all(part.holds(view) for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Some:
    parts: tuple[Condition, ...]

    def holds(self, view: View) -> bool:
        return any(part.holds(view) for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Not:
    part: Condition

    def holds(self, view: View) -> bool:
        return not self.part.holds(view)


Condition = Compare | OneOf | Known | HasPaper | Happened | ClockIs | Guarded | Every | Some | Not
Simple = Compare | OneOf | Known | HasPaper | Happened | ClockIs | Guarded


def leaves(condition: Condition) -> Iterator[Simple]:
    """Yield the simple conditions within one."""
    if isinstance(condition, Every | Some):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        yield condition


def facts_of(condition: Condition) -> frozenset[str]:
    """Return the facts it compares (not those of guards it names)."""
    found: set[str] = set()
    for leaf in leaves(condition):
        if isinstance(leaf, Compare):
            found |= {*leaf.left.facts(), *leaf.right.facts()}
        elif isinstance(leaf, OneOf | Known):
            found.add(leaf.fact)
    return frozenset(found)
