"""The scenarios (情景) a device can be in, as a table: what each changes, how long it lasts and rests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qingtian.base.errors import QingtianError


class UnknownScenario(QingtianError):
    code = "simulator.unknown_scenario"
    zh = "没有名为“{name}”的情景。可用的有：{names}。"
    en = "There is no scenario {name!r}; there are: {names}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """What differs from a device in order.

    ``exceeding``: one limited factor rises over its limit. ``frozen``: values stand still. ``off``: nothing is measured
    and the line is closed. ``line_down``: the line is closed, records are kept and sent later. ``clock_offset_s``: how
    far the device's clock is ahead. ``noisy_line``: a frame's first transmission may arrive broken. An episode lasts
    ``lasts_s`` seconds and comes again after ``rests_s``.
    """

    name: str
    zh: str
    lasts_s: float = math.inf
    rests_s: float = 0.0
    exceeding: bool = False
    frozen: bool = False
    off: bool = False
    line_down: bool = False
    clock_offset_s: float = 0.0
    noisy_line: bool = False


NORMAL = Scenario(name="normal", zh="正常")
EXCEEDANCE = Scenario(name="exceedance", zh="超标", exceeding=True, lasts_s=1200, rests_s=1200)
FLAT_LINE = Scenario(name="flat_line", zh="恒值", frozen=True)
SILENCE = Scenario(name="silence", zh="掉线", off=True, lasts_s=900, rests_s=900)
BACKLOG_RESEND = Scenario(name="backlog_resend", zh="断线补传", line_down=True, lasts_s=120, rests_s=120)
WRONG_CLOCK = Scenario(name="wrong_clock", zh="时钟偏差", clock_offset_s=2220.0)
BROKEN_CHECKSUM = Scenario(name="broken_checksum", zh="校验错误", noisy_line=True)

SCENARIOS = {
    scenario.name: scenario
    for scenario in (NORMAL, EXCEEDANCE, FLAT_LINE, SILENCE, BACKLOG_RESEND, WRONG_CLOCK, BROKEN_CHECKSUM)
}


def named(name: str) -> Scenario:
    """:raises UnknownScenario: if there is none of that name."""
    if name not in SCENARIOS:
        raise UnknownScenario(name=name, names=", ".join(SCENARIOS))
    return SCENARIOS[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode:
    """A scenario in force for one device from ``start`` to ``end`` (seconds since 1970 UTC)."""

    scenario: Scenario
    start: float
    end: float
