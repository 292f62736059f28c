"""The desk of commands in the gateway: takes them from the log, tells the log what becomes of them, watches the clock.

A command leaves stream COMMANDS when its end stands on ANSWERS. So whatever instant the gateway dies at, the next one
finds each open command, and on ANSWERS how far it had come.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from nats.errors import Error as NatsError

from qingtian.base import times
from qingtian.bus.client import Bus
from qingtian.bus.commands import Command
from qingtian.bus.ending import together
from qingtian.stream.gateway.commanding import recovery, settled
from qingtian.stream.gateway.commanding.automatic import Automatic
from qingtian.stream.gateway.commanding.commander import Commander
from qingtian.stream.gateway.commanding.source import CommandSource
from qingtian.stream.gateway.commanding.telling import Teller

log = logging.getLogger(__name__)

TICK = 0.1
PAUSE = 1.0
Found = TypeVar("Found")
DOWN = (NatsError, TimeoutError, asyncio.TimeoutError)


class CommandDesk:
    """``commander`` is what the wire talks to (`gateway.answers.Answers`)."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._source = CommandSource(bus)
        self._teller = Teller(bus, ended=self._source.forget)
        self._settled: asyncio.Queue[str] = asyncio.Queue()
        self.commander = Commander(
            tell=self._teller.take, clock=times.now, automatic=Automatic(settle=self._settled.put_nowait)
        )

    async def run(self) -> None:
        """Work until cancelled."""
        await together(self._teller.run(), self._tick(), self._keep_settled(), self._take_commands())

    async def drain(self) -> None:
        """Wait until all that is known so far stands on the log."""
        await self._teller.drain()

    async def _take_commands(self) -> None:
        await self._resume()
        async for command in self._source.follow():
            self.commander.ask(command)

    async def _resume(self) -> None:
        """Take the open commands, each where an earlier gateway left it, and know whose settings were given."""
        found: list[Command] = []
        while (command := await _insist(self._source.next)) is not None:
            found.append(command)
        progress = await _insist(partial(recovery.progress, self._bus, found))
        self.commander.settled(await _insist(partial(settled.load, self._bus)))
        for command in found:
            known = progress.get(command.id)
            if known is not None and known.ended:
                await _insist(partial(self._source.forget, command.id))
            else:
                self.commander.ask(command, progress=known)
        if found:
            log.info("%d commands are open", self.commander.waiting)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.commander.tick()

    async def _keep_settled(self) -> None:
        while True:
            key = await self._settled.get()
            await _insist(partial(settled.keep, self._bus, key))


async def _insist(call: Callable[[], Awaitable[Found]]) -> Found:
    """Call until the log answers."""
    while True:
        try:
            return await call()
        except DOWN as error:
            log.warning("commands wait for the log (%s)", error or type(error).__name__)
            await asyncio.sleep(PAUSE)
