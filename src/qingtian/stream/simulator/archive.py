"""A device's memory: what it measured, computed anew for any time, so that nothing has to be kept.

The same numbers that it sent at the time come again: values are a function of seed, device and time (`values`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from qingtian.base import times
from qingtian.stream.hj212 import bodies, values
from qingtian.stream.simulator import messages, noise
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.obedience.standing import Standing
from qingtian.stream.simulator.timeline import Timeline
from qingtian.stream.simulator.values import BEIJING_OFFSET, exceeding, levels, statistics

MOST_RECORDS = 10_000
"""Records that one request is answered with."""


def begun(at: float, seconds: float) -> float:
    """Return the start of the period of ``seconds`` that ``at`` lies in, by Beijing time."""
    return math.floor((at + BEIJING_OFFSET) / seconds) * seconds - BEIJING_OFFSET


class Archive:
    """The records of one device under a timeline of scenarios."""

    def __init__(self, device: SimulatedDevice, *, timeline: Timeline, seed: int) -> None:
        self._device = device
        self._timeline = timeline
        self._seed = seed

    def values_at(self, at: float, standing: Standing, *, data_time: float) -> values.Values:
        """Return the real-time values 2011 of an instant."""
        episode = self._timeline.at(self._device, at)
        measured = levels(self._device, at=at, episode=episode, seed=self._seed)
        usual = episode.scenario.mark
        factors = messages.realtime(self._device, measured, lambda code: _first(standing.mark_at(code, at), usual))
        return values.Values(data_time=_moment(data_time), factors=factors)

    def exceeding_at(self, at: float) -> dict[str, float]:
        """Return the factors that are over their limit at an instant, and how high."""
        episode = self._timeline.at(self._device, at)
        return exceeding(self._device, levels(self._device, at=at, episode=episode, seed=self._seed))

    def states_at(self, at: float, *, data_time: float) -> values.EquipmentStates:
        """Return the equipment states 2021 of an instant: all of it runs."""
        return values.EquipmentStates(data_time=_moment(data_time), states=dict.fromkeys(self._device.equipment, 1))

    def of_period(self, cn: int, start: float, standing: Standing, *, ahead: float = 0.0) -> bodies.Body:
        """Return the record of the period that began at ``start``; ``ahead``: what its clock was then."""
        seconds = messages.period_s(cn, standing.minutes)
        if cn == messages.EQUIPMENT_HOURS:
            return values.EquipmentHours(data_time=_moment(start + ahead), hours=self._hours(start))
        found = statistics(self._device, start=start, seconds=seconds, timeline=self._timeline, seed=self._seed)
        usual = self._timeline.at(self._device, start).scenario.mark
        factors = messages.period(
            self._device,
            found,
            hours=seconds / 3600,
            mark_of=lambda code: _first(standing.mark_of_period(code, start, start + seconds), usual),
        )
        return values.Values(data_time=_moment(start + ahead), factors=factors)

    def between(self, cn: int, begin: float, end: float, standing: Standing, *, now: float) -> Sequence[bodies.Body]:
        """Return the records whose DataTime is from ``begin`` to ``end``, both included, as far as memory reaches."""
        if cn == messages.ALARMS:
            return list(self._alarms(begin, end, now))
        if cn not in (*messages.PERIODS, messages.EQUIPMENT_HOURS):
            return []
        seconds = messages.period_s(cn, standing.minutes)
        return [self.of_period(cn, start, standing) for start in self._starts(begin, end, seconds, now)]

    def _starts(self, begin: float, end: float, seconds: float, now: float) -> Iterator[float]:
        begin = max(begin, now - self._device.memory_days * messages.DAY_S)
        start = begun(begin, seconds)
        start += seconds if start < begin else 0.0
        for _ in range(MOST_RECORDS):
            if start > end or start + seconds > now:
                return
            if not self._timeline.at(self._device, start).scenario.off:
                yield start
            start += seconds

    def _alarms(self, begin: float, end: float, now: float) -> Iterator[bodies.Body]:
        """Yield an alarm for each ten minutes in which a factor was over its limit."""
        for start in self._starts(begin, end, 600.0, now):
            for code, value in self.exceeding_at(start).items():
                factor = next(one for one in self._device.factors if one.code == code)
                factors = messages.alarm(self._device, factor, value)
                yield values.Alarm(alarm_time=_moment(start), factors=factors, alarm_type=1)

    def _hours(self, start: float) -> dict[str, Decimal]:
        day = round((start + BEIJING_OFFSET) / messages.DAY_S)
        return {
            name: Decimal(round(200 + 40 * noise.draw(noise.key(self._seed, self._device.mn, name), day))) / 10
            for name in self._device.equipment
        }


def _first(mark: str, usual: str) -> str:
    """Return the mark of an act, else the scenario's."""
    return usual if mark == "N" else mark


def _moment(at: float) -> datetime:
    return times.from_microseconds(round(at) * times.MICROSECONDS)
