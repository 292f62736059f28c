"""Packets, plans and a bare device for tests of the wire."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.bus.server import port_is_free
from qingtian.stream.gateway.answers import Answers
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.gateway.server import Gateway
from qingtian.stream.hj212.checksum import checksum, printed

MN = "010000A8900016F000169DC0"


def frame(*, qn: str, mn: str = MN, flag: int = 5, value: float = 23.1, cn: int = 2011) -> bytes:
    segment = (
        f"QN={qn};ST=32;CN={cn};PW=123456;MN={mn};Flag={flag};"
        f"CP=&&DataTime={qn[:14]};w01018-Rtd={value:.1f},w01018-Flag=N&&"
    ).encode()
    return b"##%04d%s%s\r\n" % (len(segment), segment, printed(checksum(segment)))


def plan(mns: Sequence[str], *, number: int = 1) -> plans.PlanSnapshot:
    outlets: list[plans.PlanOutlet] = [
        {
            "code": f"SZ-W-{index:04d}",
            "name": "测试排口",
            "medium": "water",
            "enterprise": "E0001",
            "district": "440306",
            "grid": "440306-01",
            "devices": [{"mn": mn, "pw": "123456"}],
            "limits": [],
        }
        for index, mn in enumerate(mns, 1)
    ]
    return {"number": number, "made_at": "2026-11-22T10:00:00+08:00", "outlets": outlets}


def free_port() -> int:
    """Return a port where nobody listens, below those of outgoing connections: who dials again and again while nobody
    listens could meet himself there."""
    while not port_is_free(port := random.SystemRandom().randrange(10_000, 20_000)):
        continue
    return port


@asynccontextmanager
async def gateway(
    bus: Bus, *, limits: GatewayLimits | None = None, port: int = 0, answers: Answers | None = None
) -> AsyncIterator[tuple[Gateway, int]]:
    """Run a gateway in this event loop; give it and its port."""
    port, stop = port or free_port(), asyncio.Event()
    made = Gateway(bus, limits=limits, answers=answers)
    serving = asyncio.create_task(made.run(stop, host="127.0.0.1", port=port))
    try:
        # not by a connection: it would be one of those that the gateway counts
        await until(lambda: not port_is_free(port))
        yield made, port
    finally:
        stop.set()
        await serving


async def until(condition: object, *, within: float = 180.0) -> None:
    """Wait for ``condition()`` to become true."""
    assert callable(condition)
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.02)


class Device:
    """A socket that sends what it is told and reads lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, *data: bytes) -> None:
        self.writer.write(b"".join(data))

    async def line(self, within: float = 180.0) -> bytes:
        return await asyncio.wait_for(self.reader.readline(), within)

    async def silent(self, seconds: float = 0.5) -> bool:
        """Say whether nothing comes for ``seconds``."""
        try:
            return not await asyncio.wait_for(self.reader.readline(), seconds)
        except TimeoutError:
            return True

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@asynccontextmanager
async def device(port: int) -> AsyncIterator[Device]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    made = Device(reader, writer)
    try:
        yield made
    finally:
        await made.close()
