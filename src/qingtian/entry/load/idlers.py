"""The idlers: N devices that say one packet each, are answered, and then keep their connection and their peace.

``python -m qingtian.entry.load.idlers PORT CONNECTIONS`` prints one JSON object when all were answered (``answered``,
``seconds``), and hangs up when its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import cast

import uvloop

from qingtian.base import open_files, times
from qingtian.entry.load import packets

AT_ONCE = 200
"""Connections dialled together: a power cut makes all devices dial within seconds, not within one instant."""

PATIENCE = 60.0


class Idler(asyncio.Protocol):
    """Sends its packet once, and notes the answer."""

    def __init__(self, packet: bytes, answered: asyncio.Semaphore) -> None:
        self._packet = packet
        self._answered = answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._packet)

    def data_received(self, data: bytes) -> None:
        self._answered.release()


async def idle(port: int, *, connections: int) -> None:
    """Open the connections, tell when each was answered, and wait for the end of the standard input.

    :raises SystemExit: if not all are answered within a minute.
    """
    open_files.allow(connections)
    table = packets.make(devices=connections, each=1, until=times.now())
    answered = asyncio.Semaphore(0)
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    for first in range(0, connections, AT_ONCE):
        dialled = [
            loop.create_connection(_device(table[index, 0].tobytes(), answered), "127.0.0.1", port)
            for index in range(first, min(first + AT_ONCE, connections))
        ]
        await asyncio.gather(*dialled)
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in range(connections):
                await answered.acquire()
    except TimeoutError:
        raise SystemExit(f"not all of {connections} devices were answered within {PATIENCE:g} s") from None
    print(json.dumps({"answered": connections, "seconds": time.perf_counter() - started}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def _device(packet: bytes, answered: asyncio.Semaphore) -> Callable[[], Idler]:
    return lambda: Idler(packet, answered)


if __name__ == "__main__":
    uvloop.run(idle(int(sys.argv[1]), connections=int(sys.argv[2])))
