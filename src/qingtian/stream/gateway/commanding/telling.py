"""States of commands onto the log, in order, however long it is down."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from nats.errors import Error as NatsError

from qingtian.bus.answers import Answer
from qingtian.bus.client import Bus
from qingtian.bus.streams import answer_subject

log = logging.getLogger(__name__)

AT_ONCE = 100
PAUSE = 0.5
DOWN = (NatsError, TimeoutError, asyncio.TimeoutError)


class Teller:
    """Takes answers at once and stores them by and by. ``ended`` is called when a command's end stands on the log."""

    def __init__(self, bus: Bus, *, ended: Callable[[str], Awaitable[None]]) -> None:
        self._bus = bus
        self._ended = ended
        self._waiting: deque[Answer] = deque()
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def take(self, answer: Answer) -> None:
        self._waiting.append(answer)
        self._news.set()
        self._idle.clear()

    async def run(self) -> None:
        """Store until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._store_some()
            self._idle.set()

    async def drain(self) -> None:
        """Wait until all taken so far is stored."""
        await self._idle.wait()

    async def _store_some(self) -> None:
        some = [self._waiting[place] for place in range(min(AT_ONCE, len(self._waiting)))]
        try:
            await self._store(some)
        except DOWN as error:
            # published again whole: the log drops what it has by its id
            log.warning("states of commands wait for the log (%s)", error or type(error).__name__)
            await asyncio.sleep(PAUSE)
            return
        for _ in some:
            self._waiting.popleft()

    async def _store(self, some: Sequence[Answer]) -> None:
        # one connection keeps the order of what is sent together
        await asyncio.gather(*(self._publish(answer) for answer in some))
        for answer in some:
            if answer.state.ended:
                await self._ended(answer.command)

    async def _publish(self, answer: Answer) -> None:
        subject = answer_subject(answer.state.value)
        await self._bus.js.publish(subject, answer.message(), headers={"Nats-Msg-Id": answer.id})
