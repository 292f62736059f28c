"""The connection to a target: the relay is the device there, so it dials, sends, and hears answers and requests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from qingtian.stream.hj212 import tolerant
from qingtian.stream.hj212.frames import Frame, FrameReader
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.message import Message, read_message
from qingtian.stream.hj212.segment import BrokenSegment

DIAL = 10.0
"""Seconds a target may take to accept."""
DRAIN = 10.0
"""Seconds in which a target must read something of what it was sent."""
AT_ONCE = 64 * 1024
KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 4}


class LineLost(Exception):
    """The connection is over; the words say why."""


class Line:
    """An open connection. ``hear`` gets each message of the target, in order; ``over`` is set when it has ended."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, hear: Callable[[Message], None]
    ) -> None:
        self._reader, self._writer, self._hear = reader, writer, hear
        self.over = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def send(self, frames: Sequence[bytes]) -> None:
        """Write frames; wait until the target has room.

        :raises LineLost: if the connection is over, or the target reads nothing for `DRAIN` seconds.
        """
        if self.over.is_set():
            raise LineLost("closed by the target")
        try:
            self._writer.write(b"".join(frames))
            async with asyncio.timeout(DRAIN):
                await self._writer.drain()
        except OSError as error:
            raise LineLost(_words(error)) from error

    async def _listen(self) -> None:
        frames = FrameReader()
        try:
            while data := await self._reader.read(AT_ONCE):
                for frame in frames.feed(data):
                    message = _read(frame)
                    if message is not None:
                        self._hear(message)
        except OSError:
            pass
        finally:
            self.over.set()

    async def close(self) -> None:
        """Hang up. Never raises."""
        self._listening.cancel()
        self._writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await self._listening
        self._writer.transport.abort()


def _read(frame: Frame) -> Message | None:
    """Return what a frame of the target says, None if it says nothing that can be read."""
    # a target may have its dialect too
    found = frame if frame.ok else tolerant.read(frame, way=Way.DOWN).frame
    try:
        return read_message(found.segment, way=Way.DOWN) if found.ok else None
    except BrokenSegment:
        return None


async def dial(host: str, port: int, *, hear: Callable[[Message], None]) -> Line:
    """Connect.

    :raises LineLost: if nobody answers there.
    """
    try:
        async with asyncio.timeout(DIAL):
            reader, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        # TimeoutError is one
        raise LineLost(_words(error)) from error
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in KEEPALIVE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)
    return Line(reader, writer, hear=hear)


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
