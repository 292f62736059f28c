"""Which scenario a device is in at an instant: one that was named, or in a city a lot that is drawn anew in time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qingtian.stream.simulator import noise, script
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.scenarios import Episode, Scenario

WINDOW = 1200.0
"""Seconds between two lots of one device."""

NORMAL, EXCEEDANCE, FLAT_LINE, TREATMENT_OFF = (
    script.named(name) for name in ("normal", "exceedance", "flat_line", "treatment_off")
)
SHARES = (
    (EXCEEDANCE, 0.014),
    (script.named("silence"), 0.006),
    (FLAT_LINE, 0.004),
    (script.named("backlog_resend"), 0.004),
    (script.named("wrong_clock"), 0.003),
    (script.named("broken_checksum"), 0.003),
    # last, so that the lots of the others stay; few devices have the channels it is about
    (TREATMENT_OFF, 0.02),
)
"""What a city's devices draw. With 1,177 devices an exceedance begins every 73 s on average."""

HOUR = 3600.0
OPENING_TAIL = 600.0
"""A device of the opening exceeds from the hour that ended last before the start, until this long after the start."""


STUCK_FOR = 26 * HOUR
"""How long the values of a stuck device had stood still when the city starts: longer than the back-fill reaches."""


OFF_FOR = 8 * HOUR
"""How long the treatment of some had been off when the city starts: enough for an alert of a device heard for the first
time (rules/confirming/pace.yaml)."""


class Timeline(Protocol):
    """Tells the episode of ``device`` at ``at`` (seconds since 1970 UTC); a pure function of its fields."""

    def at(self, device: SimulatedDevice, at: float) -> Episode: ...


@dataclass(frozen=True, kw_only=True)
class Named:
    """Every device in ``scenario`` from ``since`` on, in episodes with rests between them."""

    scenario: Scenario
    since: float

    def at(self, device: SimulatedDevice, at: float) -> Episode:
        del device
        if at < self.since:
            return Episode(scenario=NORMAL, start=-math.inf, end=self.since)
        if math.isinf(self.scenario.lasts_s):
            return Episode(scenario=self.scenario, start=self.since, end=math.inf)
        turn = self.scenario.lasts_s + self.scenario.rests_s
        start = self.since + (at - self.since) // turn * turn
        rest = start + self.scenario.lasts_s
        if at < rest:
            return Episode(scenario=self.scenario, start=start, end=rest)
        return Episode(scenario=NORMAL, start=rest, end=start + turn)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Each device in the scenario of its MN, from ``since`` on."""

    scenarios: Mapping[str, Scenario]
    since: float

    def at(self, device: SimulatedDevice, at: float) -> Episode:
        return Named(scenario=self.scenarios[device.mn], since=self.since).at(device, at)


@dataclass(frozen=True, kw_only=True)
class City:
    """Lots drawn per device and window, only within ``spans``: the times the city was being watched.

    Before and between them all is in order, so that a first start does not owe a day of old exceedances. The devices
    whose MN is in ``opening`` exceed around the start of the last span; the values of those in ``stuck`` had stood
    still for hours by then, and the treatment of those in ``untreated`` had been off.
    """

    seed: int
    spans: Sequence[tuple[float, float]]
    opening: frozenset[str] = field(default_factory=frozenset)
    stuck: frozenset[str] = field(default_factory=frozenset)
    untreated: frozenset[str] = field(default_factory=frozenset)

    def at(self, device: SimulatedDevice, at: float) -> Episode:
        if (beginning := self._beginning(device, at)) is not None:
            return beginning
        seed = noise.key(self.seed, device.mn, "lot")
        phase = noise.draw(seed, -1) * WINDOW
        window = math.floor((at - phase) / WINDOW)
        start = window * WINDOW + phase
        watched = any(since <= start < until for since, until in self.spans)
        scenario = self._drawn(noise.draw(seed, window)) if watched else NORMAL
        end = min(start + WINDOW, start + scenario.lasts_s)
        if at >= end:
            return Episode(scenario=NORMAL, start=end, end=start + WINDOW)
        return Episode(scenario=scenario, start=start, end=end)

    def _beginning(self, device: SimulatedDevice, at: float) -> Episode | None:
        """Return the episode in which the city's last start finds a device, if it finds it in one."""
        found = (
            (self.opening, EXCEEDANCE, HOUR),
            (self.stuck, FLAT_LINE, STUCK_FOR),
            (self.untreated, TREATMENT_OFF, OFF_FOR),
        )
        for mns, scenario, before in found:
            if device.mn in mns:
                began = self.spans[-1][0]
                start, end = began // HOUR * HOUR - before, began + OPENING_TAIL
                return Episode(scenario=scenario, start=start, end=end) if start <= at < end else None
        return None

    def _drawn(self, lot: float) -> Scenario:
        for scenario, share in SHARES:
            lot -= share
            if lot < 0:
                return scenario
        return NORMAL


def opening(devices: Sequence[SimulatedDevice], *, seed: int, since: float) -> tuple[frozenset[str], frozenset[str]]:
    """Choose who exceeds when the city starts: four gas devices (hour limits), two water devices (day limits); and
    three others whose values stand still by then.
    """
    able = [device for device in devices if any(factor.upper is not None for factor in device.factors)]
    able.sort(key=lambda device: noise.draw(noise.key(seed, device.mn, "opening"), int(since)))
    gas = [device.mn for device in able if device.medium == "gas"][:4]
    water = [device.mn for device in able if device.medium != "gas"][:2]
    exceeding = frozenset(gas + water)
    return exceeding, frozenset([device.mn for device in able if device.mn not in exceeding][:3])


def untreated(devices: Sequence[SimulatedDevice], *, seed: int, since: float) -> frozenset[str]:
    """Choose three whose treatment is off when the city starts, of those that have the channels to tell it."""
    able = [one for one in devices if {factor.code for factor in one.factors} & set(TREATMENT_OFF.factors)]
    able.sort(key=lambda device: noise.draw(noise.key(seed, device.mn, "untreated"), int(since)))
    return frozenset(device.mn for device in able[:3])
