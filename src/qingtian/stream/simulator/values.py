"""What a device measures: a level with the hours of the day, the load of the works and noise, and what a scenario does.

Deterministic in (seed, device, time), so a simulator that is started again continues the same series, and the mean that
a device reports for an hour is the mean of what it would have reported within it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qingtian.stream.simulator import noise
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.scenarios import Episode
from qingtian.stream.simulator.timeline import Timeline

DAY = 86400.0
BEIJING_OFFSET = 8 * 3600.0
OXYGEN = "a19001"
OXYGEN_IN_AIR = 21.0
IN_ORDER = 0.95
"""A device in order stays under this part of its limit."""

POINTS = 6
"""Samples that a period's statistics are made of here. A real logger has many more (HJ 212-2017 annex D)."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Mean, least and greatest value of a period."""

    mean: float
    least: float
    greatest: float


def levels(device: SimulatedDevice, *, at: float, episode: Episode, seed: int) -> dict[str, float]:
    """Return what each factor measures at ``at`` (seconds since 1970 UTC), in the factor's unit."""
    # ahead of the episode a frozen device still moves; within it, time stands still
    instant = max(episode.start, 0.0) if episode.scenario.frozen else at
    load = noise.smooth(noise.key(seed, device.mn, "load"), instant / 10800)
    found = {factor.code: _level(device, factor, instant, load, seed) for factor in device.factors}
    if episode.scenario.exceeding:
        risen = exceeding_factor(device, episode=episode, seed=seed)
        if risen is not None:
            found[risen.code] = max(found[risen.code], _over(device, risen, at, episode, seed))
    if episode.scenario.curve:
        _bend(found, episode, at)
    return found


def _bend(found: dict[str, float], episode: Episode, at: float) -> None:
    """Multiply by the scenario's curve: linear between its points, level before the first and after the last."""
    scenario = episode.scenario
    since = at - max(episode.start, 0.0)
    seconds, multiples = zip(*scenario.curve, strict=True)
    multiple = float(np.interp(since, seconds, multiples))
    for code in scenario.factors or found:
        if code in found:
            found[code] *= multiple


def exceeding(device: SimulatedDevice, found: Mapping[str, float]) -> dict[str, float]:
    """Return those of these levels that are over the upper limit of their factor."""
    limits = {factor.code: factor.upper for factor in device.factors if factor.upper is not None}
    return {code: value for code, value in found.items() if code in limits and value > limits[code]}


def exceeding_factor(device: SimulatedDevice, *, episode: Episode, seed: int) -> SimulatedFactor | None:
    """Return the factor that is over in this episode, None if the device has no limited one."""
    limited = [factor for factor in device.factors if factor.upper is not None and factor.lower is None]
    if not limited:
        return None
    return limited[int(noise.draw(noise.key(seed, device.mn, "which"), _place(episode)) * len(limited))]


def statistics(
    device: SimulatedDevice, *, start: float, seconds: float, timeline: Timeline, seed: int
) -> dict[str, Statistics]:
    """Return the statistics of each factor over the period that begins at ``start``."""
    instants = [start + seconds * (point + 0.5) / POINTS for point in range(POINTS)]
    series = [levels(device, at=at, episode=timeline.at(device, at), seed=seed) for at in instants]
    return {factor.code: _summary([sample[factor.code] for sample in series]) for factor in device.factors}


def unconverted(device: SimulatedDevice, *, converted: float, oxygen: float) -> float:
    """Turn a value at reference oxygen back into the measured one: C = Czs · (21 − O2) / (21 − O2ref)."""
    return converted * (OXYGEN_IN_AIR - oxygen) / (OXYGEN_IN_AIR - device.reference_oxygen)


def _level(device: SimulatedDevice, factor: SimulatedFactor, at: float, load: float, seed: int) -> float:
    own = noise.key(seed, device.mn, factor.code)
    # works run by day: most at 15:00, least at 3:00 Beijing time
    daily = math.cos((at + BEIJING_OFFSET) % DAY / DAY * 2 * math.pi - 1.25 * math.pi)
    swing = 0.8 * daily + load + 0.7 * noise.smooth(own, at / 1200) + 0.4 * noise.smooth(own + 1, at / 30)
    return _kept(factor, factor.typical * (1 + factor.spread * swing))


def _kept(factor: SimulatedFactor, value: float) -> float:
    """Keep a value of a device in order within its limits and above nothing."""
    if factor.upper is not None and factor.lower is not None:
        margin = (factor.upper - factor.lower) * (1 - IN_ORDER)
        return min(max(value, factor.lower + margin), factor.upper - margin)
    if factor.upper is not None:
        value = min(value, factor.upper * IN_ORDER)
    return max(value, 0.0) if factor.typical >= 0 else value


def _over(device: SimulatedDevice, factor: SimulatedFactor, at: float, episode: Episode, seed: int) -> float:
    """Rise within a minute to 1.8–4 times the limit: high enough to take the hour's mean over it as well."""
    own = noise.key(seed, device.mn, factor.code, "over")
    peak = 1.8 + 2.2 * noise.draw(own, _place(episode)) ** 2
    risen = min((at - episode.start) / 60, 1.0)
    shaken = 1 + 0.05 * noise.smooth(own, at / 60)
    return (factor.upper or 0.0) * (IN_ORDER + (peak - IN_ORDER) * risen) * shaken


def _place(episode: Episode) -> int:
    return int(episode.start) if math.isfinite(episode.start) else 0


def _summary(samples: list[float]) -> Statistics:
    return Statistics(sum(samples) / len(samples), min(samples), max(samples))
