"""The bare sink: a uvloop server that frames and replies and does nothing else, the least any gateway must do.

``python -m qingtian.entry.load.sink PORT``; ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

from qingtian.base import open_files
from qingtian.stream.hj212.checksum import checksum, printed

MOST = 20_000
"""Connections it is ready for."""


class Sink(asyncio.Protocol):
    """Answers every frame at once, without a look at its checksum or its device."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        place = 0
        while len(data) >= place + 6:
            end = place + int(data[place + 2 : place + 6]) + 12
            if len(data) < end:
                break
            self._transport.write(reply(data, place, end))
            place = end
        self._rest = data[place:]


def reply(data: bytes, place: int, end: int) -> bytes:
    """Return the 9014 to the frame ``data[place:end]``."""
    qn = data[data.index(b"QN=", place, end) :][:20]
    mn_at = data.index(b";MN=", place, end)
    mn = data[mn_at : data.index(b";", mn_at + 1)]
    segment = b"%s;ST=91;CN=9014;PW=123456%s;Flag=4;CP=&&&&" % (qn, mn)
    return b"##%04d%s%s\r\n" % (len(segment), segment, printed(checksum(segment)))


async def main(port: int) -> None:
    open_files.allow(MOST)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", port, backlog=4096)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
