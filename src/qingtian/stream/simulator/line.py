"""A device's line: dial, send, wait for the answer, repeat, give up and dial again (HJ 212-2017 §6.5.2, table 3)."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from qingtian.stream.hj212 import Message, Profile, Way, read_message, tolerant
from qingtian.stream.hj212.frames import FrameReader
from qingtian.stream.hj212.segment import BrokenSegment

NOTICE_ANSWER, DATA_ANSWER = 9013, 9014
HEAD = re.compile(rb"##\d+(?:.*?)QN=(\d{17});.*?CN=(\d{4});.*?F(?:lag|LAG)=(\d+);", re.DOTALL)
PAUSE = 0.2
"""Seconds between two pieces of a frame."""


class LineLost(Exception):
    """The other side closed, or did not answer after the last repetition. The device dials again."""


@dataclass(kw_only=True)
class Tally:
    """What all devices of a run have done together. ``obeyed``: requests and notices taken from the platform."""

    connected: int = 0
    sent: int = 0
    repeated: int = 0
    acknowledged: int = 0
    obeyed: int = 0
    lost_lines: int = 0

    def sentence(self) -> str:
        return (
            f"{self.sent} sent, {self.acknowledged} acknowledged, {self.repeated} repeated, {self.obeyed} requests, "
            f"{self.connected} connected, {self.lost_lines} lines lost"
        )


@dataclass(frozen=True, kw_only=True)
class Transmission:
    """How a frame goes out the first time: ``pieces`` with a pause between them, at ``speed`` bytes a second.

    ``drops``: the line drops behind the first piece.
    """

    pieces: tuple[bytes, ...]
    speed: float = math.inf
    drops: bool = False


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long an answer is waited for (OverTime), and how often the frame is sent again (ReCount)."""

    over_time: float
    recount: int


class Line(asyncio.Protocol):
    """One TCP connection to the platform, one message in flight; ``hear`` is told what the platform asks."""

    def __init__(self, *, tally: Tally, hear: Callable[[Message], None], key: Callable[[], bytes | None]) -> None:
        self._tally = tally
        self._hear = hear
        self._key = key
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._gone = False
        self._awaited: tuple[bytes, asyncio.Future[None]] | None = None

    # -- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._tally.connected += 1

    def connection_lost(self, error: Exception | None) -> None:
        self._gone = True
        self._tally.connected -= 1
        if self._awaited is not None and not self._awaited[1].done():
            self._awaited[1].set_exception(LineLost())

    def data_received(self, data: bytes) -> None:
        for frame in self._reader.feed(data):
            reading = tolerant.read(frame, Profile(key=self._key()), way=Way.DOWN)
            if not reading.ok:
                continue  # a broken frame is dropped without a word
            try:
                message = read_message(reading.frame.segment, way=Way.DOWN)
            except BrokenSegment:
                continue
            if message.head.cn in (NOTICE_ANSWER, DATA_ANSWER):
                self._answered(message)
            else:
                self._hear(message)

    def _answered(self, message: Message) -> None:
        qn = (message.exchange or "").encode()
        if self._awaited is not None and self._awaited[0] == qn and not self._awaited[1].done():
            self._awaited[1].set_result(None)

    # -- called by the device

    def say(self, frame: bytes) -> None:
        """Send at once; nothing is waited for."""
        if self._transport is not None and not self._gone:
            self._transport.write(frame)

    async def deliver(self, frame: bytes, *, patience: Patience, first: Transmission | None = None) -> None:
        """Send ``frame`` until it is answered, if it asks to be. ``first`` is how it goes out the first time.

        :raises LineLost: if the line closed, or no answer came after the last repetition.
        """
        head = HEAD.search(frame)
        self._tally.sent += 1
        if head is None or not int(head[3]) & 1:
            await self._transmit(first or Transmission(pieces=(frame,)))
            return
        answered = asyncio.get_running_loop().create_future()
        self._awaited = (head[1], answered)
        try:
            transmission = first or Transmission(pieces=(frame,))
            for attempt in range(patience.recount + 1):
                self._tally.repeated += attempt > 0
                await self._transmit(transmission)
                transmission = Transmission(pieces=(frame,))
                await asyncio.wait([answered], timeout=patience.over_time)
                if answered.done():
                    answered.result()
                    self._tally.acknowledged += 1
                    return
        finally:
            self._awaited = None
            # a line lost in the same moment has nobody else to tell
            if answered.done() and not answered.cancelled():
                answered.exception()
        raise LineLost

    async def _transmit(self, transmission: Transmission) -> None:
        for number, piece in enumerate(transmission.pieces):
            if number:
                await asyncio.sleep(PAUSE)
            await self._write(piece, transmission.speed)
            if transmission.drops:
                raise LineLost
        if self._gone:
            raise LineLost

    async def _write(self, piece: bytes, speed: float) -> None:
        if math.isinf(speed):
            self.say(piece)
            return
        step = max(1, round(speed * PAUSE))
        for place in range(0, len(piece), step):
            self.say(piece[place : place + step])
            await asyncio.sleep(step / speed)

    def lost(self) -> None:
        self._tally.lost_lines += 1

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def dial(
    host: str, port: int, *, tally: Tally, hear: Callable[[Message], None], key: Callable[[], bytes | None]
) -> Line:
    """:raises OSError: if nobody listens there."""
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: Line(tally=tally, hear=hear, key=key), host, port)
    return line
