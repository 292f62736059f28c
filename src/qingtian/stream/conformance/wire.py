"""One connection and all that came over it, in order, each frame with what the codec finds wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from qingtian.stream.hj212 import Message, Profile, Way, read_message, tolerant
from qingtian.stream.hj212.frames import Frame, FrameReader
from qingtian.stream.hj212.segment import BrokenSegment

Hear = Callable[["Wire", "Heard"], None]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A frame that came: when (seconds of the loop's clock), its message if it could be read, its deviations."""

    at: float
    raw: bytes
    message: Message | None
    deviations: tuple[str, ...]

    @property
    def cn(self) -> int | None:
        return self.message.head.cn if self.message is not None else None

    @property
    def exchange(self) -> str | None:
        return self.message.exchange if self.message is not None else None


class Wire(asyncio.Protocol):
    """``way``: the direction of what comes. ``key`` opens encrypted frames. ``hear`` is told of each frame."""

    def __init__(self, *, way: Way, key: bytes | None = None, hear: Hear | None = None) -> None:
        self.heard: list[Heard] = []
        self.closed = False
        self._way = way
        self._profile = Profile(key=key)
        self._hear = hear
        self._reader = FrameReader()
        self._news = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._held: list[bytes] | None = None

    # -- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self._news.set()

    def data_received(self, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        for frame in self._reader.feed(data):
            found = self._read(frame, now)
            self.heard.append(found)
            if self._hear is not None:
                self._hear(self, found)
        self._news.set()

    def _read(self, frame: Frame, now: float) -> Heard:
        reading = tolerant.read(frame, self._profile, way=self._way)
        message = None
        if reading.ok:
            try:
                message = read_message(reading.frame.segment, way=self._way)
            except BrokenSegment:
                message = None
        return Heard(at=now, raw=frame.raw, message=message, deviations=reading.deviations)

    # -- called by checks

    def send(self, *frames: bytes) -> None:
        """Send these bytes at once, end to end; behind a frame that is being sent in pieces."""
        if self._held is not None:
            self._held += frames
        elif self._transport is not None and not self.closed:
            self._transport.write(b"".join(frames))

    async def send_by_bytes(self, frame: bytes, *, pause: float = 0.001) -> None:
        """Send a frame one byte after the other."""
        self._held = []
        for place in range(len(frame)):
            if self._transport is not None and not self.closed:
                self._transport.write(frame[place : place + 1])
            await asyncio.sleep(pause)
        held, self._held = self._held, None
        self.send(*held)

    async def until(self, wanted: Callable[[Heard], bool], *, within: float, since: int = 0) -> Heard | None:
        """Return the first frame from number ``since`` on that is wanted; None after ``within`` seconds without."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            while since < len(self.heard):
                if wanted(self.heard[since]):
                    return self.heard[since]
                since += 1
            self._news.clear()
            left = deadline - loop.time()
            if left <= 0 or self.closed:
                return None
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def dial(host: str, port: int, *, key: bytes | None = None) -> Wire:
    """Connect as a device does.

    :raises OSError: if nobody listens there.
    """
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(way=Way.DOWN, key=key), host, port)
    return wire
