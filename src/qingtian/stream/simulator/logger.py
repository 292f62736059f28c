"""A data logger at work: it records by the clock, and sends by the line. Two loops that share an outbox."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from qingtian.base import times
from qingtian.stream.simulator import messages, noise, values
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.line import Line, LineLost
from qingtian.stream.simulator.outbox import Outbox, Record
from qingtian.stream.simulator.timeline import Timeline

JITTER = 20.0
"""Seconds over which devices spread their period messages after the end of the period."""

LOOK = 5.0
"""Seconds between two looks at whether the line is to be closed."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a device is given from outside: clock (seconds since 1970 UTC), line, pace of owed records, its scenario.

    ``interval`` is RtdInterval in seconds; ``count`` how many 2011 it sends before it stops (None: for ever).
    """

    clock: Callable[[], float]
    dial: Callable[[], Awaitable[Line]]
    pace: Callable[[], Awaitable[None]]
    timeline: Timeline
    seed: int = 0
    interval: float = 30.0
    count: int | None = None


class DataLogger:
    """One device: ``run()`` returns when ``count`` real-time messages were recorded and everything was acknowledged."""

    def __init__(self, device: SimulatedDevice, around: Surroundings) -> None:
        self.device = device
        self.outbox = Outbox()
        self._around = around
        self._own = noise.key(around.seed, device.mn)
        self._last_qn = 0
        self._recorded_all = False
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._record())
            loops.create_task(self._send())

    # -- recording

    async def _record(self) -> None:
        recorded = 0
        due = self._first_due()
        while self._around.count is None or recorded < self._around.count:
            cn = min(due, key=lambda each: due[each])
            await asyncio.sleep(max(due[cn] - self._around.clock(), 0))
            self._note(cn, due[cn])
            recorded += cn == messages.REALTIME
            due[cn] += messages.SECONDS.get(cn, self._around.interval)
        self._recorded_all = True

    def _first_due(self) -> dict[int, float]:
        now = self._around.clock()
        due = {messages.REALTIME: now + self._around.interval * noise.draw(self._own, 1)}
        jitter = JITTER * noise.draw(self._own, 2)
        for cn, seconds in messages.SECONDS.items():
            # periods end by Beijing time; the offset matters to days only
            local = now + values.BEIJING_OFFSET
            due[cn] = (math.floor(local / seconds) + 1) * seconds - values.BEIJING_OFFSET + jitter
        return due

    def _note(self, cn: int, due: float) -> None:
        scenario = self._around.timeline.at(self.device, due).scenario
        if scenario.off:
            return
        start = due
        if cn in messages.SECONDS:
            local = due + values.BEIJING_OFFSET
            start = (math.floor(local / messages.SECONDS[cn]) - 1) * messages.SECONDS[cn] - values.BEIJING_OFFSET
        self.outbox.add(Record(cn=cn, at=start, ahead=scenario.clock_offset_s))

    # -- sending

    async def _send(self) -> None:
        while not self._done():
            if not await self.outbox.wait(LOOK) or not self._line_open():
                await asyncio.sleep(LOOK if len(self.outbox) else 0)
                continue
            try:
                line = await self._around.dial()
            except OSError:
                await self._wait_before_dialling()
                continue
            try:
                await self._talk(line)
            except LineLost:
                line.lost()
                self.outbox.line_lost()
                await self._wait_before_dialling()
            finally:
                line.close()

    async def _talk(self, line: Line) -> None:
        while self._line_open() and not self._done():
            if not await self.outbox.wait(LOOK):
                continue
            if self.outbox.owes():
                await self._around.pace()
            record = self.outbox.first()
            for frame in self._frames(record):
                await line.deliver(frame, first=self._as_transmitted(frame))
            self.outbox.remove(record)
            self._pause = FIRST_PAUSE
        self.outbox.line_lost()

    async def _wait_before_dialling(self) -> None:
        part = noise.draw(self._own, int(self._around.clock() * 1000))
        await asyncio.sleep(self._pause * (0.5 + part))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _done(self) -> bool:
        return self._recorded_all and not len(self.outbox)

    def _line_open(self) -> bool:
        scenario = self._around.timeline.at(self.device, self._around.clock()).scenario
        return not (scenario.off or scenario.line_down)

    def _frames(self, record: Record) -> list[bytes]:
        if not record.frames:
            areas = messages.data_areas(record.at + record.ahead, self._items(record))
            record.frames = [
                messages.frame(
                    self.device, cn=record.cn, qn=self._next_qn(record.ahead), area=area, part=(number, len(areas))
                )
                for number, area in enumerate(areas, 1)
            ]
        return record.frames

    def _items(self, record: Record) -> list[str]:
        timeline, seed = self._around.timeline, self._around.seed
        if record.cn == messages.REALTIME:
            episode = timeline.at(self.device, record.at)
            return messages.realtime(self.device, values.levels(self.device, at=record.at, episode=episode, seed=seed))
        seconds = messages.SECONDS[record.cn]
        found = values.statistics(self.device, start=record.at, seconds=seconds, timeline=timeline, seed=seed)
        return messages.period(self.device, found, hours=seconds / 3600)

    def _next_qn(self, ahead: float) -> str:
        # QN must differ between two messages of one device, so equal milliseconds are moved on
        self._last_qn = max(self._last_qn + 1, round((self._around.clock() + ahead) * 1000))
        return times.stamp_milliseconds(times.from_microseconds(self._last_qn * 1000))

    def _as_transmitted(self, frame: bytes) -> bytes | None:
        now = self._around.clock()
        noisy = self._around.timeline.at(self.device, now).scenario.noisy_line
        return messages.broken(frame) if noisy and noise.draw(self._own, int(now * 1000)) < 0.5 else None
