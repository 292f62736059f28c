"""The confirmer as a process: follows the lake, plans and marks; says what closed periods show; killable at any time.

The order is everything: windows and events into the lake (a turn), events onto the log, then the standing. After a
kill, what the lake has behind the last standing goes onto the log again under the same ids, and what arrived since
is looked at again: windows and findings that are there already are not said twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping

import orjson
import polars as pl
from nats.errors import Error as NatsError

from qingtian.base.settings import Settings
from qingtian.bus import marks, plans
from qingtian.bus.client import Bus
from qingtian.bus.ending import end, rest
from qingtian.bus.marks import BrokenMarks, OutletMarks
from qingtian.bus.streams import clue_subject, finding_subject
from qingtian.lake.tables import LakeUnreachable
from qingtian.stream.confirming import standing
from qingtian.stream.confirming.confirmer import Confirmer, closed_until
from qingtian.stream.confirming.difference import Message, Said
from qingtian.stream.confirming.keeping import Keeper
from qingtian.stream.confirming.todo import Todo
from qingtian.stream.periods.api import PeriodPlan, read_plan

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between looks at what arrived; an hour is confirmed some minutes after its end anyway."""

REST = 3.0
"""How much longer than it worked the confirmer rests: what trickles in late is looked at together."""

MARKS_EVERY = 15.0
TRY_AGAIN = 1.0
DOWN = (NatsError, TimeoutError, asyncio.TimeoutError)
AWAY = (LakeUnreachable, OSError, pl.exceptions.ComputeError)
NO_PLAN = PeriodPlan(number=0, outlets=(), place_of={})


class Loop:
    """The confirmer between lake and log."""

    def __init__(self, settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
        self._settings = settings
        self._bus = bus
        self._stop = stop
        self._counters = counters
        self._file = standing.path(settings.data)
        self._plan = NO_PLAN
        self._marks: Mapping[str, OutletMarks] = {}
        self._heard = float("-inf")
        self._said = 0

    async def run(self) -> None:
        """Confirm until asked to stop; a lake that is away is waited for, and all begins anew from the standing."""
        following = asyncio.create_task(self._follow_plans())
        try:
            while not self._stop.is_set():
                try:
                    await self._live()
                except AWAY as error:
                    # also a file that the housekeeping took away between its listing and its reading
                    log.warning("begins anew from its standing: %s", error)
                    self._counters["lake"] = str(error)
                    await rest(self._stop, seconds=TRY_AGAIN)
        finally:
            await end([following])

    async def _live(self) -> None:
        held = standing.read(self._file)
        keeper = await asyncio.to_thread(Keeper, self._settings.lake_url)
        await self._publish(await asyncio.to_thread(keeper.behind, held.turn))
        tried = [await self._plan_of(one["plan"]) for one in held.tried]
        confirmer = Confirmer(keeper, held, await self._plan_of(held.plan), tried=tried)
        log.info("goes on behind message %d, periods closed until %s", held.position, closed_until(held) or "-")
        while not self._stop.is_set():
            await self._hear_marks()
            began = time.monotonic()
            if self._plan.number:
                asked = await asyncio.to_thread(confirmer.look, self._plan, self._marks)
                if not await self._confirm(confirmer, asked):
                    return
            await rest(self._stop, seconds=max(EVERY, REST * (time.monotonic() - began)))

    async def _confirm(self, confirmer: Confirmer, asked: Todo) -> bool:
        """Work off one look; False if asked to stop before its end, and then the next start works it off again."""
        began, known = time.monotonic(), confirmer.standing
        if (begun := confirmer.begin()) != known:
            await asyncio.to_thread(standing.write, self._file, begun)
        parts = confirmer.confirm(asked, now=began)
        while (events := await asyncio.to_thread(next, parts, None)) is not None:
            await self._publish(events)
            if self._stop.is_set():
                return False
        before = confirmer.standing
        now = confirmer.settle()
        if now != before:
            await asyncio.to_thread(standing.write, self._file, now)
        self._tell(confirmer, asked, time.monotonic() - began)
        return True

    async def _publish(self, events: Iterable[Said]) -> None:
        """Return when the log has all of them, in their order."""
        for event in events:
            detector = event.message["detector"]
            if event.for_the_log:
                await self._send(finding_subject(detector, event.message["event"]), event.message)
                self._said += 1
            elif (clue := event.clue) is not None:
                await self._send(clue_subject(detector), clue)

    async def _send(self, subject: str, message: Message) -> None:
        while True:
            try:
                await self._bus.js.publish(subject, orjson.dumps(message), headers={"Nats-Msg-Id": message["id"]})
                return
            except DOWN as error:
                if self._stop.is_set():
                    # what is not on the log is behind no standing either; the next start says it
                    raise asyncio.CancelledError from error
                log.info("publishing again: %s", error or type(error).__name__)
                await asyncio.sleep(TRY_AGAIN)

    async def _follow_plans(self) -> None:
        async for plan in plans.follow(self._bus):
            self._plan = read_plan(plan)

    async def _plan_of(self, number: int) -> PeriodPlan:
        """Return the plan of the standing; one that the log has lost changes everything."""
        while number and not self._stop.is_set():
            try:
                found = await plans.fetch(self._bus, number)
                return read_plan(found) if found else NO_PLAN
            except DOWN:
                await rest(self._stop, seconds=TRY_AGAIN)
        return NO_PLAN

    async def _hear_marks(self) -> None:
        """Take the newest marks of all outlets; while they cannot be read, those heard last stand."""
        while time.monotonic() - self._heard > MARKS_EVERY and not self._stop.is_set():
            try:
                self._marks = await marks.latest(self._bus)
                self._heard = time.monotonic()
            except (*DOWN, BrokenMarks) as error:
                log.info("marks not read: %s", error or type(error).__name__)
                if self._heard > float("-inf"):
                    return
                await rest(self._stop, seconds=TRY_AGAIN)

    def _tell(self, confirmer: Confirmer, asked: Todo, took: float) -> None:
        held = confirmer.standing
        self._counters.update(
            position=held.position,
            closed_until=closed_until(held),
            plan=held.plan,
            marks=sum(len(told["marks"]) for told in held.marks.values()),
            devices=len(held.since),
            awaited=len(held.awaited),
            settling=len(held.settling),
            days=sum(map(len, asked.days.values())),
            findings=self._said,
            turn=held.turn,
            took_s=round(took, 2),
            lake="ok",
        )


async def main(settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
    """Run the confirmer until ``stop`` is set; `entry.process` gives it the connection."""
    await Loop(settings, bus, stop, counters).run()
