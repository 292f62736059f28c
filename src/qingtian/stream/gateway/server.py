"""The gateway process: listen, follow the plan, sweep, stop cleanly."""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
from nats.errors import Error as NatsError

from qingtian.base import open_files, times
from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.bus.ending import end
from qingtian.bus.streams import sessions_subject
from qingtian.stream.gateway.answering import VENDOR_ANSWERS
from qingtian.stream.gateway.answers import Answers
from qingtian.stream.gateway.clocks import Clocks, clock_rule, measured
from qingtian.stream.gateway.commanding.desk import CommandDesk
from qingtian.stream.gateway.counters import GatewayCounters
from qingtian.stream.gateway.deadletters import DeadLetterOffice
from qingtian.stream.gateway.intake import Intake
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.gateway.lockout import Lockout, lock_rules
from qingtian.stream.gateway.registry import Registry, registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.standing import Standings
from qingtian.stream.gateway.storing import LogKeeper
from qingtian.stream.hj212.editions import Edition

log = logging.getLogger(__name__)

SWEEP = 1.0
PARTITION = 0
FINISH = 4.0
BACKLOG = 4096
"""Connections that may wait to be accepted: after a power cut all devices dial at once."""


class PortTaken(QingtianError):
    code = "gateway.port_taken"
    zh = "无法在 {host}:{port} 上监听（{why}）。请停止占用该端口的程序，或设置 QINGTIAN_GATEWAY_PORT。"
    en = "Cannot listen on {host}:{port} ({why}). Stop the program that has it, or set QINGTIAN_GATEWAY_PORT."


class NoSuchAnswer(QingtianError):
    code = "gateway.no_such_answer"
    zh = "QINGTIAN_GATEWAY_VENDOR_LOGIN 不能是 {answer}，网关没有启动。请设为 9014、9022 或 silence。"
    en = "QINGTIAN_GATEWAY_VENDOR_LOGIN cannot be {answer}; the gateway was not started. Use 9014, 9022 or silence."


class Gateway:
    """All parts of the gateway on one log."""

    def __init__(self, bus: Bus, *, limits: GatewayLimits | None = None, answers: Answers | None = None) -> None:
        """``answers``: who commands devices; without, the commands of the log are carried out."""
        self.counters = GatewayCounters()
        self._limits = limits or GatewayLimits()
        self._bus = bus
        self._letters = DeadLetterOffice(bus, self.counters)
        self._commands = CommandDesk(bus)
        self._answers = answers or self._commands.commander
        self._standings = Standings(self._answers, run=secrets.token_hex(8))
        self._known: Registry | None = None
        today = times.now().date()
        self._clocks = Clocks(clock_rule(today))
        self._intake = Intake(
            LogKeeper(bus, self.counters, answer=self._limits.answer),
            take_letter=self._letters.take,
            counters=self.counters,
            limits=self._limits,
            standings=self._standings,
            answers=self._answers,
            lockout=Lockout(lock_rules(today)),
        )

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Take connections. Before the first plan is known they wait unread.

        :raises PortTaken: if the system refuses the address.
        """
        open_files.allow(self._limits.connections)
        try:
            return await asyncio.get_running_loop().create_server(
                lambda: Session(self._intake), host, port, backlog=BACKLOG
            )
        except OSError as error:
            raise PortTaken(host=host, port=port, why=error.strerror or error) from error

    async def run(self, stop: asyncio.Event, *, host: str, port: int) -> None:
        """Serve until ``stop`` is set, then let what was taken be stored and answered."""
        server = await self.listen(host, port)
        log.info("listening on %s:%d", host, port)
        chores = [asyncio.create_task(chore) for chore in self._chores()]
        stopped = asyncio.create_task(stop.wait())
        try:
            # neither a chore nor the intake ends by itself: if one does, its error ends the gateway
            ends: set[asyncio.Future[Any]] = {*chores, stopped, self._intake.broken}
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            server.close()
            await self._intake.finish(within=FINISH)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(self._letters.drain(), self._commands.drain()), 1.0)
            await end((*chores, stopped))

    def _chores(self) -> Sequence[Coroutine[Any, Any, None]]:
        return self._follow_plans(), self._letters.run(), self._sweep(), self._tell_standings(), self._commands.run()

    async def _follow_plans(self) -> None:
        async for plan in plans.follow(self._bus):
            self._known = known = registry(plan, partitions=self._limits.partitions)
            self._commands.commander.know(plan)
            self._intake.know(known)
            log.info("plan %d: %d devices", known.number, len(known.devices))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self._intake.sweep()

    async def _tell_standings(self) -> None:
        while True:
            await asyncio.sleep(self._limits.tell_standings)
            self._intake.fold()
            if self._known is not None:
                self._read_clocks(self._known)
            for message in self._standings.messages(times.now()):
                try:
                    await self._bus.js.publish(sessions_subject(PARTITION), orjson.dumps(message))
                except (NatsError, TimeoutError) as error:
                    self._standings.again(message)
                    log.info("standings of devices not told: %s", error or type(error).__name__)

    def _read_clocks(self, known: Registry) -> None:
        now = time.monotonic()
        for mn, offset_s in measured(known):
            self._standings.clock(mn, offset_s)
            edition = self._standings.of(mn).edition
            # 2005 has a command for it too, but no notice by which a device would say that it wants it
            if edition is not Edition.HJ2005 and self._clocks.wrong(mn, offset_s, now=now):
                self._answers.time_sync_wanted(mn, offset_s=offset_s)


async def main(settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
    """Be the process ``gateway`` (see `entry.process`)."""
    if settings.gateway_vendor_login not in VENDOR_ANSWERS:
        raise NoSuchAnswer(answer=settings.gateway_vendor_login)
    gateway = Gateway(bus, limits=GatewayLimits(vendor_login=settings.gateway_vendor_login))
    # what the imports made stays for ever; without it the collector has little to walk through
    gc.freeze()
    serving = asyncio.create_task(gateway.run(stop, host=settings.gateway_host, port=settings.gateway_port))
    while not serving.done():
        counters.update(gateway.counters.as_dict())
        await asyncio.wait({serving}, timeout=0.5)
    _say(gateway.counters.as_dict())
    await serving


def _say(counters: Mapping[str, object]) -> None:
    log.info("%s packets in %s batches, refused %s", counters["packets"], counters["batches"], counters["refused"])
