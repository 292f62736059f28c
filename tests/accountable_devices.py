"""Devices that keep exact account: what they sent, what was acknowledged (9014). They share no code with Qingtian.

Each sends one packet at a time and sends it again, same QN, until it is acknowledged (HJ 212-2017 6.3: time-out and
re-send), on a new connection if the old one is lost.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
REPLY = re.compile(rb"QN=(\d{17});ST=91;CN=9014;")
PERIOD = timedelta(seconds=1)
"""DataTimes advance by this a packet, so that no two packets of a device tell of the same moment."""
BEHIND = timedelta(minutes=15)
"""So far DataTimes begin in the past: recent enough to be judged live, and never of the future."""


def crc16(data: bytes) -> int:
    """HJ 212-2017 annex A."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def frame(text: str) -> bytes:
    data = text.encode("ascii")
    return b"##%04d%s%04X\r\n" % (len(data), data, crc16(data))


@dataclass(kw_only=True)
class Account:
    """Keys are (MN, QN)."""

    sent: set[tuple[str, str]] = field(default_factory=set)
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    resent: int = 0
    connections: int = 0


@dataclass(kw_only=True)
class Device:
    """One device. ``measure(number)`` gives the factors of packet ``number``: ``w01018-Rtd=23.1,w01018-Flag=N;…``."""

    mn: str
    password: str
    system: str
    measure: Callable[[int], str]
    port: int
    account: Account
    pause: float = 0.05
    timeout: float = 1.5
    began: datetime = field(default_factory=lambda: datetime.now(UTC).astimezone(BEIJING) - BEHIND)
    number: int = 0

    def _next(self) -> tuple[str, bytes]:
        data_time = (self.began + self.number * PERIOD).strftime("%Y%m%d%H%M%S")
        # the packet's number in the milliseconds keeps the QN of this device unique
        qn = datetime.now(BEIJING).strftime("%Y%m%d%H%M%S") + f"{self.number % 1000:03d}"
        head = f"QN={qn};ST={self.system};CN=2011;PW={self.password};MN={self.mn};Flag=5;"
        text = f"{head}CP=&&DataTime={data_time};{self.measure(self.number)}&&"
        self.number += 1
        return qn, frame(text)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop``, then see the last packet through."""
        pending: tuple[str, bytes] | None = None
        while not stop.is_set() or pending:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            self.account.connections += 1
            try:
                pending = await self._talk(reader, writer, pending, stop)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _talk(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pending: tuple[str, bytes] | None,
        stop: asyncio.Event,
    ) -> tuple[str, bytes] | None:
        """Send on one connection until it is lost; return the packet that is not acknowledged yet."""
        while pending or not stop.is_set():
            if pending:
                self.account.resent += 1
            qn, packet = pending = pending or self._next()
            self.account.sent.add((self.mn, qn))
            try:
                writer.write(packet)
                await writer.drain()
                await asyncio.wait_for(self._acknowledgement(reader, qn), self.timeout)
            except TimeoutError:
                continue
            except (OSError, asyncio.IncompleteReadError):
                return pending
            self.account.acknowledged.add((self.mn, qn))
            pending = None
            await asyncio.sleep(self.pause)
        return pending

    async def _acknowledgement(self, reader: asyncio.StreamReader, qn: str) -> None:
        while True:
            line = await reader.readuntil(b"\r\n")
            found = REPLY.search(line)
            if found and found.group(1) == qn.encode():
                return


@dataclass(kw_only=True)
class Fleet:
    """All devices of a test; ``async with`` runs them and sees their last packets through at the end."""

    devices: list[Device]
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Fleet:
        self._tasks = [asyncio.create_task(device.run(self._stop)) for device in self.devices]
        return self

    async def finish(self, within: float) -> None:
        """Let all devices stop after their pending packet is acknowledged; fail if that takes longer."""
        self._stop.set()
        async with asyncio.timeout(within):
            await asyncio.gather(*self._tasks)

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
