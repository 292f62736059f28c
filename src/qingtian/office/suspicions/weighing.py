"""How heavily an outlet's suspicions weigh together (综合权重), and what speaks for and against each. Pure.

A weight is no probability: it orders what a person looks at first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import prod

from qingtian.law import rules


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """The figures of rules/suspicions/weighing on a day."""

    days: int
    near: timedelta
    marked: float
    marked_share: float
    alarm: float
    clue_most: float
    clue_days: int


def weighing(*, day: date) -> Weighing:
    """Return the figures in force on a day."""
    known = {rule["name"]: rule["value"] for rule in rules.table("suspicions/weighing").at(day)}
    return Weighing(
        days=int(known["days"]),
        near=timedelta(hours=known["near_h"]),
        marked=float(known["marked"]),
        marked_share=float(known["marked_share"]),
        alarm=float(known["alarm"]),
        clue_most=float(known["clue_most"]),
        clue_days=int(known["clue_days"]),
    )


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Something with a beginning and an end (exclusive): a mark, another suspicion. ``key`` is the caller's."""

    start: datetime
    end: datetime
    key: object = None


def share_covered(of: Stretch, by: Iterable[Stretch]) -> float:
    """Return which part of a stretch the others cover together, 0 to 1."""
    length = of.end - of.start
    if length <= timedelta():
        return 0.0
    covered, at = timedelta(), of.start
    for one in sorted(by, key=lambda each: each.start):
        first, last = max(one.start, at), min(one.end, of.end)
        if last > first:
            covered, at = covered + (last - first), last
    return covered / length


def near(of: Stretch, others: Iterable[Stretch], *, within: timedelta) -> list[Stretch]:
    """Return the others that touch the stretch, or come as near as ``within``."""
    return [one for one in others if one.start < of.end + within and one.end > of.start - within]


def weight_now(weight: float, *, explained: bool, covered: float, figures: Weighing, is_clue: bool = False) -> float:
    """Return what is left of a weight: nothing once explained, a part where marks cover the time, little of a clue."""
    if explained:
        return 0.0
    counted = min(weight, figures.clue_most) if is_clue else weight
    return counted * figures.marked if covered >= figures.marked_share else counted


def together(weights: Sequence[tuple[str, float]]) -> float:
    """Return the weight of (detector, weight) pairs: of each detector the heaviest, independent ones strengthen.

    1 − Π(1 − w), so two of 0.6 weigh 0.84, and the same thing said twice by one detector weighs once.
    """
    heaviest: dict[str, float] = {}
    for detector, weight in weights:
        heaviest[detector] = max(heaviest.get(detector, 0.0), weight)
    return 1.0 - prod(1.0 - weight for weight in heaviest.values())


def innocent(detector: str, *, day: date, language: str) -> list[str]:
    """Return what else could explain what a detector saw: questions to ask first."""
    key = "zh" if language.startswith("zh") else "en"
    return [rule[key] for rule in rules.table("suspicions/innocent").at(day) if rule["detector"] == detector]


def causes(*, day: date, language: str) -> dict[str, str]:
    """Return the causes by which a suspicion can be explained."""
    key = "zh" if language.startswith("zh") else "en"
    return {rule["code"]: rule[key] for rule in rules.table("suspicions/causes").at(day)}


def known_causes(*, day: date) -> Collection[str]:
    """Return their codes."""
    return causes(day=day, language="zh").keys()
