"""When a device records what: values at its interval, periods after their end, heartbeats, a look at its clock."""

from __future__ import annotations

from qingtian.stream.hj212.editions import Edition
from qingtian.stream.simulator import messages, noise
from qingtian.stream.simulator.archive import begun
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.obedience.standing import Standing

JITTER = 20.0
"""Seconds over which devices spread their period messages after the end of the period."""

LOOK_AT_CLOCK = 600.0
"""Seconds between two looks at the clock, and the first look after the start."""
FIRST_LOOK = 2.0
CLOCK_LOOK = messages.ASK_TIME


class Agenda:
    """What is due next, and when. ``own``: the device's dice."""

    def __init__(self, device: SimulatedDevice, standing: Standing, *, own: int, now: float) -> None:
        self._device = device
        self._jitter = JITTER * noise.draw(own, 2)
        first = noise.draw(own, 1)
        self._due: dict[int, float] = {messages.REALTIME: now + standing.interval_s * first}
        for cn in messages.PERIODS:
            self._due[cn] = self._period_end(cn, now, standing.minutes)
        if device.edition is not Edition.HJ2005:
            self._due[CLOCK_LOOK] = now + FIRST_LOOK
        if device.edition is Edition.HJ2025 and device.heartbeat_s:
            self._due[messages.HEARTBEAT] = now + device.heartbeat_s * first

    def next(self) -> tuple[int, float]:
        """Return the command that is due next, and when."""
        cn = min(self._due, key=lambda each: self._due[each])
        return cn, self._due[cn]

    def done(self, cn: int, standing: Standing, *, now: float) -> float:
        """Set the time of the next such record; return the instant, or the start of the period, of this one."""
        due = self._due[cn]
        if cn in messages.PERIODS:
            seconds = messages.period_s(cn, standing.minutes)
            self._due[cn] = self._period_end(cn, due, standing.minutes)
            return begun(due - self._jitter, seconds) - seconds
        self._due[cn] = due + self._step(cn, standing)
        return due

    def follow(self, before: Standing, standing: Standing, *, now: float) -> None:
        """Take in what the platform has set: intervals, and what is sent at all."""
        if standing.interval_s != before.interval_s or (standing.realtime_on and not before.realtime_on):
            self._due[messages.REALTIME] = now + (0.0 if not before.realtime_on else standing.interval_s)
        if standing.minutes != before.minutes:
            self._due[messages.MINUTE] = self._period_end(messages.MINUTE, now, standing.minutes)
        if standing.equipment_on and not before.equipment_on:
            self._due[messages.EQUIPMENT] = now
        elif not standing.equipment_on:
            self._due.pop(messages.EQUIPMENT, None)

    def _step(self, cn: int, standing: Standing) -> float:
        if cn == CLOCK_LOOK:
            return LOOK_AT_CLOCK
        return self._device.heartbeat_s if cn == messages.HEARTBEAT else standing.interval_s

    def _period_end(self, cn: int, after: float, minutes: int) -> float:
        # the record follows the end of its period; so the one after this is the next end from its own instant
        seconds = messages.period_s(cn, minutes)
        return begun(after - self._jitter, seconds) + seconds + self._jitter
