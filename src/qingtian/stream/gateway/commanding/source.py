"""Commands from the log, each once and in order; taken off it when they have ended."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress

from nats.errors import Error as NatsError
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from qingtian.bus import commands
from qingtian.bus.client import Bus
from qingtian.bus.commands import BrokenCommand, Command
from qingtian.bus.streams import COMMANDS

log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0
"""Seconds between looks for commands, should the wake-up have been missed."""

REMEMBERED = 50_000
"""Ended commands that are known again if they are published again."""

DOWN = (NatsError, TimeoutError, asyncio.TimeoutError)


class CommandSource:
    """Reads stream COMMANDS from its beginning: it holds what has not ended, so there is no position to keep."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._position = 0
        self._places: dict[str, list[int]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    async def next(self) -> Command | None:
        """Return the next command that stands there, None if there is none now. Each is returned once."""
        while (message := await self._next_message()) is not None:
            assert message.seq is not None
            command = await self._read(message.seq, message.data or b"")
            self._position = message.seq
            if command is not None:
                return command
        return None

    async def follow(self) -> AsyncIterator[Command]:
        """Yield what comes from now on. A log that is down is waited for."""
        # a publication is also heard directly: it wakes us, but only what the log has stored counts
        wake = await self._bus.nc.subscribe(COMMANDS.subjects[0])
        try:
            while True:
                try:
                    while (command := await self.next()) is not None:
                        yield command
                except DOWN as error:
                    log.info("commands cannot be read now (%s), looking again", error or type(error).__name__)
                with suppress(*DOWN):
                    await wake.next_msg(timeout=LOOK_AGAIN)
        finally:
            with suppress(NatsError):
                await wake.unsubscribe()

    async def forget(self, command: str) -> None:
        """Take a command off the log, by its id."""
        places = self._places.get(command, [])
        while places:
            with suppress(NotFoundError):
                await self._bus.js.delete_msg(COMMANDS.name, places[-1])
            places.pop()
        self._places.pop(command, None)
        self._ended[command] = None
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    async def _next_message(self) -> RawStreamMsg | None:
        subject = COMMANDS.subjects[0]
        try:
            return await self._bus.js.get_msg(COMMANDS.name, seq=self._position + 1, subject=subject, next=True)
        except NotFoundError:
            return None

    async def _read(self, place: int, data: bytes) -> Command | None:
        """Return the command, or None if it cannot be read, is open already, or has ended before."""
        try:
            command = commands.read(data)
        except BrokenCommand as error:
            log.error("%s [%s]", error, error.code)
            await self._bus.js.delete_msg(COMMANDS.name, place)
            return None
        places = self._places.setdefault(command.id, [])
        if place not in places:
            places.append(place)
        if command.id in self._ended:
            await self.forget(command.id)
            return None
        return command if len(places) == 1 else None
