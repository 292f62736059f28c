"""A data logger at work: it records by the clock, sends by the line, and obeys. Two loops that share an outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from qingtian.base import times
from qingtian.stream.hj212 import Edition, Message, bodies, values
from qingtian.stream.simulator import messages, noise, spelling
from qingtian.stream.simulator.agenda import CLOCK_LOOK, Agenda
from qingtian.stream.simulator.archive import Archive
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.faults import transmission
from qingtian.stream.simulator.line import Line, LineLost, Patience, Transmission
from qingtian.stream.simulator.obedience.obey import Saying, obey
from qingtian.stream.simulator.obedience.outcome import Site
from qingtian.stream.simulator.obedience.standing import Standing, at_start
from qingtian.stream.simulator.outbox import Outbox, Record
from qingtian.stream.simulator.scenarios import Scenario
from qingtian.stream.simulator.timeline import Timeline

LOOK = 5.0
"""Seconds between two looks at whether the line is to be closed."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
CLOCK_OFF = 30.0
"""Seconds from which on a device asks for the time."""

Dial = Callable[[Callable[[Message], None], Callable[[], bytes | None]], Awaitable[Line]]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a device is given from outside: clock (seconds since 1970 UTC), line, pace of owed records, its scenario.

    ``interval`` is RtdInterval in seconds; ``count`` how many 2011 it sends before it stops (None: for ever).
    ``obeyed`` is told of each request.
    """

    clock: Callable[[], float]
    dial: Dial
    pace: Callable[[], Awaitable[None]]
    timeline: Timeline
    seed: int = 0
    interval: float = 30.0
    count: int | None = None
    obeyed: Callable[[Message], None] = lambda message: None


class DataLogger:
    """One device: ``run()`` returns when ``count`` real-time messages were recorded and everything was acknowledged."""

    def __init__(self, device: SimulatedDevice, around: Surroundings) -> None:
        self.device = device
        self.outbox = Outbox()
        self.standing = at_start(device, interval_s=around.interval)
        self.archive = Archive(device, timeline=around.timeline, seed=around.seed)
        self._around = around
        self._site = Site(
            device=device, archive=self._remember, clock=lambda standing, at: at + self._ahead(standing, at)
        )
        self._own = noise.key(around.seed, device.mn)
        self._agenda = Agenda(device, self.standing, own=self._own, now=around.clock())
        self._changed = asyncio.Event()
        self._line: Line | None = None
        self._last_qn = 0
        self._recorded_all = False
        self._was_off = False
        self._alarmed: frozenset[str] = frozenset()
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        if self.device.announces:
            self._announce(self._around.clock())
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._record())
            loops.create_task(self._send())

    # -- recording

    async def _record(self) -> None:
        recorded = 0
        while self._around.count is None or recorded < self._around.count:
            cn, due = self._agenda.next()
            if (wait := due - self._around.clock()) > 0:
                self._changed.clear()
                # not wait_for: in Python 3.11 it may swallow the end of the run
                try:
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
                    continue
                except TimeoutError:
                    pass
            self._note(cn, self._agenda.done(cn, self.standing, now=due), due)
            recorded += cn == messages.REALTIME
        self._recorded_all = True
        self.outbox.close()

    def _note(self, cn: int, at: float, due: float) -> None:
        scenario = self._scenario(due)
        if self._was_off and not scenario.off:
            self._announce(due)
        self._was_off = scenario.off
        if scenario.off:
            return
        if cn == CLOCK_LOOK:
            self._look_at_clock(due, scenario)
        elif cn == messages.HEARTBEAT:
            self._say(cn, bodies.Empty(), due)
        elif cn in messages.PERIODS:
            self._note_period(cn, at, due, scenario)
        elif cn == messages.EQUIPMENT or self.standing.realtime_on:
            self._put(Record(cn=cn, at=at, ahead=self._ahead(self.standing, due)), scenario)
        if cn == messages.REALTIME and self.device.edition is Edition.HJ2005:
            self._look_for_alarms(due)

    def _note_period(self, cn: int, start: float, due: float, scenario: Scenario) -> None:
        ahead = self._ahead(self.standing, due)
        if noise.draw(noise.key(self._own, cn, "gap"), int(start)) >= scenario.gaps:
            self._put(Record(cn=cn, at=start, ahead=ahead), scenario)
        if cn == messages.DAY and self.device.announces:
            self._put(Record(cn=messages.EQUIPMENT_HOURS, at=start, ahead=ahead), scenario)

    def _put(self, record: Record, scenario: Scenario) -> None:
        if scenario.late_s:
            asyncio.get_running_loop().call_later(scenario.late_s, self.outbox.owe, [replace(record, resent=True)])
        else:
            self.outbox.add(record)

    def _say(self, cn: int, body: bodies.Body, at: float) -> None:
        self.outbox.add(Record(cn=cn, at=at, saying=Saying(cn=cn, body=body, qn=None)))

    def _announce(self, at: float) -> None:
        if self.device.edition is not Edition.HJ2005:
            moment = _moment(at + self._ahead(self.standing, at))
            self._say(messages.START, values.Restart(data_time=moment, restart_time=moment), at)

    def _look_at_clock(self, at: float, scenario: Scenario) -> None:
        if scenario.asks_time and abs(self._ahead(self.standing, at)) >= CLOCK_OFF:
            self._say(messages.ASK_TIME, bodies.AskClock(), at)

    def _look_for_alarms(self, at: float) -> None:
        """Tell the platform of a factor that goes over its limit, and of one that comes back (2072 of 2005)."""
        over = self.archive.exceeding_at(at)
        for factor in self.device.factors:
            if (factor.code in over) != (factor.code in self._alarmed):
                told = messages.alarm(self.device, factor, over.get(factor.code, factor.upper or 0.0))
                self._say(
                    messages.ALARM,
                    values.Alarm(alarm_time=_moment(at), factors=told, alarm_type=int(factor.code in over)),
                    at,
                )
        self._alarmed = frozenset(over)

    # -- obeying

    def _hear(self, message: Message) -> None:
        now, before = self._around.clock(), self.standing
        step = obey(self._site, before, message, now=now)
        self.standing = step.standing
        if step.sayings:
            self._around.obeyed(message)
        for saying in step.sayings:
            self._utter(saying, now)
        self._agenda.follow(before, step.standing, now=now)
        self._changed.set()

    def _utter(self, saying: Saying, now: float) -> None:
        record = Record(cn=saying.cn, at=now + saying.after, saying=saying)
        if not saying.in_turn:
            for frame in self._frames(record):
                if self._line is not None:
                    self._line.say(frame)
        elif saying.after:
            asyncio.get_running_loop().call_later(saying.after, self.outbox.answer, record)
        else:
            self.outbox.answer(record)

    def _remember(self, cn: int, begin: float, end: float, standing: Standing) -> list[bodies.Body]:
        return list(self.archive.between(cn, begin, end, standing, now=self._around.clock()))

    # -- sending

    async def _send(self) -> None:
        while not self._done():
            if not self._line_open() or (not len(self.outbox) and self._recorded_all):
                await asyncio.sleep(LOOK if len(self.outbox) else 0)
                continue
            try:
                line = await self._around.dial(self._hear, lambda: self.standing.key)
            except OSError:
                await self._wait_before_dialling()
                continue
            self._line = line
            try:
                await self._talk(line)
                lost = False
            except LineLost:
                line.lost()
                self.outbox.line_lost()
                lost = True
            finally:
                self._line = None
                line.close()
            if lost:
                await self._wait_before_dialling()

    async def _talk(self, line: Line) -> None:
        while self._line_open() and not self._done():
            if not await self.outbox.wait(LOOK):
                continue
            if self.outbox.owes():
                await self._around.pace()
            record = self.outbox.first()
            patience = Patience(over_time=self.standing.over_time, recount=self.standing.recount)
            for frame in self._frames(record):
                await line.deliver(frame, patience=patience, first=self._first_time(frame))
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
        scenario = self._scenario(self._around.clock())
        return not (scenario.off or scenario.line_down)

    # -- what is sent

    def _frames(self, record: Record) -> list[bytes]:
        if not record.frames:
            record.frames = spelling.frames(
                self.device,
                self.standing,
                record.saying or Saying(cn=record.cn, body=self._body(record), qn=None),
                next_qn=lambda: self._next_qn(record.ahead),
                resent=record.resent,
                deviations=self._scenario(record.at).deviations,
            )
        return record.frames

    def _body(self, record: Record) -> bodies.Body:
        if record.cn == messages.REALTIME:
            return self.archive.values_at(record.at, self.standing, data_time=record.at + record.ahead)
        if record.cn == messages.EQUIPMENT:
            return self.archive.states_at(record.at, data_time=record.at + record.ahead)
        return self.archive.of_period(record.cn, record.at, self.standing, ahead=record.ahead)

    def _next_qn(self, ahead: float) -> str:
        # QN must differ between two messages of one device, so equal milliseconds are moved on
        self._last_qn = max(self._last_qn + 1, round((self._around.clock() + ahead) * 1000))
        return times.stamp_milliseconds(times.from_microseconds(self._last_qn * 1000))

    def _first_time(self, frame: bytes) -> Transmission | None:
        now = self._around.clock()
        return transmission(frame, self._scenario(now), own=self._own, place=int(now * 1000))

    def _scenario(self, at: float) -> Scenario:
        return self._around.timeline.at(self.device, at).scenario

    def _ahead(self, standing: Standing, at: float) -> float:
        """Return by how many seconds its clock is ahead."""
        episode = self._around.timeline.at(self.device, at)
        scenario = episode.scenario
        return standing.clock_ahead(
            at, since=episode.start, offset=scenario.clock_offset_s, drift=scenario.clock_drift_s
        )


def _moment(at: float) -> datetime:
    return times.from_microseconds(round(at) * times.MICROSECONDS)
