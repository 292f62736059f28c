"""One target as the process runs it: its sender, its scout, its position kept, its standing told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from qingtian.base import times
from qingtian.bus import relays
from qingtian.bus.client import Bus
from qingtian.bus.ending import end
from qingtian.bus.relays import Place, Position, Record, Standing
from qingtian.bus.streams import PACKETS
from qingtian.lake.passage import Passage
from qingtian.stream.relay.patience import Patience
from qingtian.stream.relay.returning import AnswerBook
from qingtian.stream.relay.scout import Scout
from qingtian.stream.relay.sender import Sender
from qingtian.stream.relay.source import Source
from qingtian.stream.relay.targets import Target

AVERAGED = 10.0
"""Seconds over which the rate is taken."""


async def first_position(bus: Bus, code: str) -> Position:
    """Return where a target is; a new one begins at the present end of the log, and that is kept at once."""
    known = await relays.recall(bus, code)
    if known is not None:
        return known
    end = (await bus.js.stream_info(PACKETS.name)).state.last_seq
    position = Position(place=Place(end))
    await relays.remember(bus, code, position)
    return position


class Runner:
    """``start`` it, ``stop`` it. A paused target is counted, and nothing is sent."""

    def __init__(
        self,
        bus: Bus,
        passage: Passage,
        book: AnswerBook,
        target: Target,
        patience: Patience,
        *,
        position: Position,
        keep: Callable[[Record], None],
    ) -> None:
        self.target = target
        own = replace(
            patience,
            answer_s=target.answer_s or patience.answer_s,
            retries=patience.retries if target.retries is None else target.retries,
        )
        self._bus = bus
        self._sender = Sender(bus, passage, book, target, own, position=position, keep=keep)
        self._scout = Scout(Source(bus, passage, mns=target.legs, place=position.place))
        self._saved = position
        self._tasks: list[asyncio.Task[None]] = []
        self._marks: list[tuple[float, int]] = []

    def start(self) -> None:
        """Begin to count and, unless it is paused, to send."""
        self._tasks = [asyncio.create_task(self._scout.run())]
        if self.target.enabled:
            self._tasks.append(asyncio.create_task(self._sender.run()))

    async def stop(self) -> None:
        """End its parts; `save` the position afterwards."""
        await end(self._tasks, again=5.0)

    def check(self) -> None:
        """:raises Exception: what ended a part of it, though none ends by itself."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def save(self) -> None:
        """Keep the position if it has moved."""
        position = self._sender.position
        if position != self._saved:
            await relays.remember(self._bus, self.target.code, position)
            self._saved = position

    def standing(self, *, end: int, now: datetime) -> Standing:
        """Return how it stands; ``end``: the last message of the log."""
        sender, window = self._sender, self._sender.window
        oldest = window.oldest_us
        position = sender.position
        return Standing(
            code=self.target.code,
            at=now,
            state=sender.state if self.target.enabled else "paused",
            since=sender.since,
            position=position,
            in_flight=window.in_flight,
            lag_packets=max(self._scout.seen - sender.settled, window.held),
            lag_messages=max(end - position.place.next_sequence + 1, 0),
            lag_s=0.0 if oldest is None else max(times.to_microseconds(now) - oldest, 0) / times.MICROSECONDS,
            rate=self._rate(),
            why=sender.why,
        )

    def _rate(self) -> float:
        now = time.monotonic()
        self._marks.append((now, self._sender.settled))
        while len(self._marks) > 1 and self._marks[0][0] < now - AVERAGED:
            self._marks.pop(0)
        (since, before), (_, settled) = self._marks[0], self._marks[-1]
        return (settled - before) / (now - since) if now > since else 0.0
