"""The process ``relay``: a runner for each target of the newest plan; positions, standings and records on the log."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from nats.errors import Error as NatsError

from qingtian.base import times
from qingtian.base.settings import Settings
from qingtian.bus import plans, relays
from qingtian.bus.client import Bus
from qingtian.bus.ending import end
from qingtian.bus.relays import Record
from qingtian.bus.streams import PACKETS
from qingtian.lake.passage import Passage
from qingtian.stream.relay import patience, targets
from qingtian.stream.relay.patience import Patience
from qingtian.stream.relay.returning import AnswerBook
from qingtian.stream.relay.runner import Runner, first_position
from qingtian.stream.relay.targets import Target

log = logging.getLogger(__name__)

SAVE_EVERY = 0.05
"""Seconds after which an answer of a target is kept: what it answered in the last of them before a kill goes again."""
SAY_EVERY = 2.0
TRY_AGAIN = 1.0
WAITING = 5000
"""Records that may wait for the log; more are counted and not kept."""
DOWN = (NatsError, TimeoutError, asyncio.TimeoutError)


class Relay:
    """All targets on one log. ``rule``: how patient it is, if not as the rules say."""

    def __init__(
        self, settings: Settings, bus: Bus, counters: dict[str, object], *, rule: Patience | None = None
    ) -> None:
        self._bus, self._counters = bus, counters
        self._rule = rule or patience.usual()
        self._passage = Passage(settings.lake_url)
        self._book = AnswerBook(bus)
        self._runners: dict[str, Runner] = {}
        self._records: asyncio.Queue[Record] = asyncio.Queue(WAITING)
        self._lost = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until ``stop`` is set, then keep the positions."""
        await self._book.open(times.now())
        chores = [
            asyncio.create_task(chore)
            for chore in (self._follow_plans(), self._save(), self._say(), self._keep_records(), stop.wait())
        ]
        try:
            done, _ = await asyncio.wait(chores, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await end(chores)
            for runner in self._runners.values():
                await runner.stop()
                with suppress(*DOWN):
                    await runner.save()

    async def _follow_plans(self) -> None:
        async for plan in plans.follow(self._bus):
            wanted = targets.targets(plan)
            for code in [code for code in self._runners if wanted.get(code) != self._runners[code].target]:
                await self._insist_on_stop(self._runners.pop(code))
            for code, target in wanted.items():
                if code not in self._runners:
                    await self._start(target)
            self._counters.update(plan=plan["number"], targets=len(self._runners))
            log.info("plan %d: %d targets", plan["number"], len(self._runners))

    async def _insist_on_stop(self, runner: Runner) -> None:
        await runner.stop()
        while True:
            try:
                await runner.save()
                return
            except DOWN as error:
                log.info("a position is not kept yet: %s", error or type(error).__name__)
                await asyncio.sleep(TRY_AGAIN)

    async def _start(self, target: Target) -> None:
        while True:
            try:
                position = await first_position(self._bus, target.code)
                break
            except DOWN as error:
                log.info("the position of %s cannot be read yet: %s", target.code, error or type(error).__name__)
                await asyncio.sleep(TRY_AGAIN)
        runner = Runner(self._bus, self._passage, self._book, target, self._rule, position=position, keep=self._keep)
        runner.start()
        self._runners[target.code] = runner

    # -- what goes on the log

    async def _save(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            for runner in tuple(self._runners.values()):
                runner.check()
                with suppress(*DOWN):
                    await runner.save()

    async def _say(self) -> None:
        while True:
            with suppress(*DOWN):
                end = (await self._bus.js.stream_info(PACKETS.name)).state.last_seq
                now = times.now()
                standings = [runner.standing(end=end, now=now) for runner in self._runners.values()]
                self._count(standings)
                for standing in standings:
                    await relays.say(self._bus, standing)
            await asyncio.sleep(SAY_EVERY)

    def _count(self, standings: list[relays.Standing]) -> None:
        self._counters.update(
            up=sum(one.state == "up" for one in standings),
            waiting=sum(one.state == "waiting" for one in standings),
            lag=sum(one.lag_packets for one in standings),
            acknowledged=sum(one.position.acknowledged for one in standings),
            refused=sum(one.position.refused for one in standings),
            records_lost=self._lost,
        )

    def _keep(self, record: Record) -> None:
        try:
            self._records.put_nowait(record)
        except asyncio.QueueFull:
            self._lost += 1

    async def _keep_records(self) -> None:
        while True:
            record = await self._records.get()
            while True:
                try:
                    await relays.record(self._bus, record)
                    break
                except DOWN:
                    await asyncio.sleep(TRY_AGAIN)


async def main(settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
    """Be the process ``relay`` (see `entry.process`)."""
    await Relay(settings, bus, counters).run(stop)
