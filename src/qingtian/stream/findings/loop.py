"""The judge as a process: the log in order, findings out at once, rows and state stored every two seconds."""

from __future__ import annotations

import asyncio
import base64
import itertools
import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

import orjson
from nats.errors import Error as NatsError

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.base.settings import Settings
from qingtian.bus import batches, plans
from qingtian.bus.batches import BrokenBatch, PacketBatch
from qingtian.bus.client import Bus
from qingtian.bus.ending import end
from qingtian.bus.streams import deadletter_subject, devices_subject, finding_subject
from qingtian.lake.writer import LakeWriter
from qingtian.stream.findings import checkpoint, plan, trimming
from qingtian.stream.findings.detectors import Finding, discover
from qingtian.stream.findings.device_states import DeviceStates
from qingtian.stream.findings.follower import DOWN, Follower
from qingtian.stream.findings.judge import Judge
from qingtian.stream.findings.keeping import Keeper

log = logging.getLogger(__name__)

PARTITION = 0
WAIT = 0.2
DEVICES_EVERY = 2.0
TRY_AGAIN = 0.2

Message = tuple[int, PacketBatch]


class Loop:
    """One partition's judge between log and lake."""

    def __init__(self, settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
        self._settings = settings
        self._bus = bus
        self._stop = stop
        self._counters = counters
        self._judge = Judge(discover())
        self._states = DeviceStates(self._judge)
        self._broken = 0

    async def run(self) -> None:
        """Judge until asked to stop, then store what is held."""
        file = checkpoint.path(self._settings.data, PARTITION)
        await self._recall(checkpoint.read(file))
        writer = LakeWriter(lake_url=self._settings.lake_url, app_id=f"judge.{PARTITION}")
        keeper = Keeper(writer=writer, file=file, judge=self._judge)
        follower = Follower(self._bus, position=self._judge.position)
        sayings = asyncio.create_task(self._say_devices())
        cutting = asyncio.create_task(self._cut_log(keeper))
        try:
            while not self._stop.is_set():
                if keeper.is_full:
                    await asyncio.sleep(WAIT)
                else:
                    await self._take(await follower.next(wait=WAIT), keeper)
                keeper.tend()
                self._tell(follower, keeper)
            await keeper.finish()
        finally:
            await end((sayings, cutting))
            await follower.close()

    async def _recall(self, state: checkpoint.State | None) -> None:
        if state is None:
            return
        number = int(state["plan"])
        self._judge.load(state, plan=await self._plan(number) if number else plan.NO_PLAN)
        log.info("goes on behind message %d, by plan %d", self._judge.position, number)

    async def _take(self, messages: Sequence[tuple[int, bytes]], keeper: Keeper) -> None:
        decoded = [(sequence, await self._decode(sequence, data)) for sequence, data in messages]
        for number, run in _by_plan(decoded, self._judge.plan.number):
            if number > self._judge.plan.number:
                received = int(run[0][1].received[0])
                await self._publish(self._judge.adopt(await self._plan(number), received=received))
            found, stretch = self._judge.judge(run)
            await self._publish(found)
            keeper.hold(stretch)
        if messages:
            self._judge.skip(messages[-1][0])

    async def _decode(self, sequence: int, data: bytes) -> PacketBatch | None:
        """Read a batch; what is none goes to the dead letters, and the judge goes on."""
        try:
            return batches.decode(data)
        except BrokenBatch as error:
            log.error("message %d: %s", sequence, error)
            self._broken += 1
            now = times.now()
            letter = {
                "id": deterministic("batch", sequence),
                "reason": "garbage",
                "received": now.isoformat(),
                "received_us": times.to_microseconds(now),
                "address": "",
                "mn": None,
                "detail": f"message {sequence} of the log: {error}",
                "raw": base64.b64encode(data).decode(),
            }
            await self._send(deadletter_subject("garbage"), letter, identity=str(letter["id"]))
            return None

    async def _plan(self, number: int) -> plan.JudgePlan:
        """Fetch a plan that the log names; wait for it, since nothing may be judged by another one."""
        for attempt in itertools.count():
            try:
                found = await plans.fetch(self._bus, number)
            except DOWN:
                found = None
            if found is not None:
                return plan.read(found)
            if attempt % 50 == 0:
                log.warning("plan %d is not on the log yet; waiting for it", number)
            if self._stop.is_set():
                raise asyncio.CancelledError
            await asyncio.sleep(TRY_AGAIN)
        raise AssertionError("unreachable")

    async def _publish(self, found: Sequence[Finding]) -> None:
        """Return when the log has all of them: a checkpoint behind them may then be written."""
        for part in _parts(found, 256):
            await asyncio.gather(
                *(
                    self._send(finding_subject(event.detector, event.event), event.message(), identity=event.id)
                    for event in part
                )
            )

    async def _send(self, subject: str, message: dict[str, object], *, identity: str) -> None:
        payload = orjson.dumps(message)
        while True:
            try:
                await self._bus.js.publish(subject, payload, headers={"Nats-Msg-Id": identity})
                return
            except DOWN as error:
                if self._stop.is_set():
                    # what is not on the log is not in a checkpoint either; the next start finds it again
                    raise asyncio.CancelledError from error
                log.info("publishing again: %s", error or type(error).__name__)
                await asyncio.sleep(TRY_AGAIN)

    async def _say_devices(self) -> None:
        while True:
            await asyncio.sleep(DEVICES_EVERY)
            for message in self._states.messages(times.now()):
                try:
                    await self._bus.js.publish(devices_subject(PARTITION), orjson.dumps(message))
                except DOWN as error:
                    log.info("device states not published: %s", error or type(error).__name__)

    async def _cut_log(self, keeper: Keeper) -> None:
        keep = timedelta(hours=self._settings.log_keep_hours)
        while True:
            await asyncio.sleep(trimming.EVERY)
            try:
                first = await trimming.trim(self._bus, stored=keeper.stored, keep=keep, now=times.now())
                self._counters["log_begins"] = first
            except (NatsError, TimeoutError) as error:
                log.info("log not cut: %s", error or type(error).__name__)

    def _tell(self, follower: Follower, keeper: Keeper) -> None:
        totals = self._judge.totals
        self._counters.update(
            position=self._judge.position,
            lag=follower.pending,
            stored=keeper.stored,
            packets=totals.packets,
            readings=totals.readings,
            duplicates=totals.duplicates,
            findings=totals.findings,
            broken=self._broken,
            plan=self._judge.plan.number,
            flush_ms=round(keeper.flush_ms, 1),
            lake=keeper.refusal or "ok",
        )


def _by_plan(messages: Sequence[tuple[int, PacketBatch | None]], number: int) -> Iterator[tuple[int, list[Message]]]:
    """Split into runs under one plan: the highest number met so far. Broken and empty messages are left out."""
    run: list[Message] = []
    for sequence, batch in messages:
        if batch is None or not len(batch):
            continue
        if batch.plan > number:
            if run:
                yield number, run
            run, number = [], batch.plan
        run.append((sequence, batch))
    if run:
        yield number, run


def _parts(found: Sequence[Finding], size: int) -> Iterator[Sequence[Finding]]:
    for first in range(0, len(found), size):
        yield found[first : first + size]


async def main(settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
    """Run the judge until ``stop`` is set; `entry.process` gives it the connection."""
    await Loop(settings, bus, stop, counters).run()
