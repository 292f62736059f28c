"""Many devices in one process: each with its own line, all with one clock, one pace for what is owed, one tally."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from qingtian.base import open_files
from qingtian.stream.hj212 import Message
from qingtian.stream.simulator import messages
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.line import Line, Tally, dial
from qingtian.stream.simulator.logger import DataLogger, Surroundings
from qingtian.stream.simulator.outbox import Record
from qingtian.stream.simulator.timeline import Timeline

OWED_PER_SECOND = 300.0
"""Owed records that all devices together send in a second, so that a first start is no storm."""

OWED_HOURS = 24


class Pace:
    """Lets callers pass one after the other, at most ``per_second``."""

    def __init__(self, per_second: float, *, clock: Callable[[], float]) -> None:
        self._step = 1 / per_second
        self._clock = clock
        self._next = 0.0

    async def __call__(self) -> None:
        now = self._clock()
        self._next = max(self._next + self._step, now)
        if self._next > now:
            await asyncio.sleep(self._next - now)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Where the devices send, and how long: ``interval`` between 2011s, ``count`` of them a device, ``seconds``."""

    host: str
    port: int
    interval: float = 30.0
    count: int | None = None
    seconds: float | None = None
    seed: int = 0


class Fleet:
    """The devices of a run."""

    def __init__(
        self,
        devices: Sequence[SimulatedDevice],
        errand: Errand,
        *,
        timeline: Timeline,
        clock: Callable[[], float],
    ) -> None:
        self.tally = Tally()
        self._errand = errand
        self._clock = clock
        around = Surroundings(
            clock=clock,
            dial=self._dial,
            pace=Pace(OWED_PER_SECOND, clock=clock),
            timeline=timeline,
            seed=errand.seed,
            interval=errand.interval,
            count=errand.count,
            obeyed=self._count_obeyed,
        )
        self.loggers = [DataLogger(device, around) for device in devices]

    async def run(self) -> None:
        """Send until every device has sent ``count`` messages, or ``seconds`` have passed."""
        open_files.allow(len(self.loggers))
        try:
            async with asyncio.timeout(self._errand.seconds), asyncio.TaskGroup() as group:
                for logger in self.loggers:
                    group.create_task(logger.run())
        except TimeoutError:
            return

    def owe(self, *, since: float | None, first: frozenset[str]) -> None:
        """Give each device the hours (2061) it has not sent: of the last day, or since ``since`` if that is later.

        The devices in ``first`` send the hour that ended last at once.
        """
        now = self._clock()
        newest = math.floor(now / 3600) * 3600 - 3600.0
        oldest = newest - (OWED_HOURS - 1) * 3600.0
        if since is not None:
            oldest = max(oldest, math.floor(since / 3600) * 3600.0)
        hours = [oldest + 3600.0 * step for step in range(round((newest - oldest) / 3600) + 1)]
        for logger in self.loggers:
            owed = list(hours)
            if owed and logger.device.mn in first:
                logger.outbox.add(Record(cn=messages.HOUR, at=owed.pop()))
            logger.outbox.owe(Record(cn=messages.HOUR, at=hour) for hour in owed)

    def sent_until(self) -> float:
        """Return the start of the earliest period that a device has not delivered yet; now if none is left."""
        left = [record.at for logger in self.loggers for record in logger.outbox if record.cn in messages.PERIODS]
        return min(left, default=self._clock())

    def _dial(self, hear: Callable[[Message], None], key: Callable[[], bytes | None]) -> Awaitable[Line]:
        return dial(self._errand.host, self._errand.port, tally=self.tally, hear=hear, key=key)

    def _count_obeyed(self, message: Message) -> None:
        self.tally.obeyed += 1
