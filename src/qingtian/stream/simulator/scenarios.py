"""A scenario (情景): what a device does that one in order does not. The built-in ones are files under ``scripts/``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qingtian.base.errors import QingtianError


class UnknownScenario(QingtianError):
    code = "simulator.unknown_scenario"
    zh = "没有名为“{name}”的情景，也没有这个文件。内置情景有：{names}。"
    en = "There is no scenario {name!r} and no such file. Built-in scenarios are: {names}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """What differs from a device in order; each field's meaning and bounds stand in `schema.BEHAVIOUR`.

    An episode lasts ``lasts_s`` seconds and comes again after ``rests_s``. Shares are of all frames or records, 0 to 1.
    """

    name: str
    zh: str
    en: str = ""
    lasts_s: float = math.inf
    rests_s: float = 0.0
    # what it measures
    exceeding: bool = False
    frozen: bool = False
    curve: Sequence[Sequence[float]] = ()
    factors: Sequence[str] = ()
    mark: str = "N"
    # what it records
    off: bool = False
    gaps: float = 0.0
    late_s: float = 0.0
    clock_offset_s: float = 0.0
    clock_drift_s: float = 0.0
    asks_time: bool = True
    # how it sends
    line_down: bool = False
    noise: float = 0.0
    cut: float = 0.0
    drops: float = 0.0
    duplicates: float = 0.0
    bytes_per_second: float = math.inf
    deviations: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode:
    """A scenario in force for one device from ``start`` to ``end`` (seconds since 1970 UTC)."""

    scenario: Scenario
    start: float
    end: float


def names() -> tuple[str, ...]:
    """Return the names of the built-in scenarios."""
    folder = files("qingtian.stream.simulator") / "scripts"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


@cache
def text_of(name: str) -> str:
    """Return the file of a built-in scenario.

    :raises UnknownScenario: if there is none of that name.
    """
    if name not in names():
        raise UnknownScenario(name=name, names=", ".join(names()))
    return (files("qingtian.stream.simulator") / "scripts" / f"{name}.yaml").read_text(encoding="utf-8")
