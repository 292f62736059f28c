"""Packets that must become alerts: an hour mean over its limit, once from each of a row of devices."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from qingtian.base import times
from qingtian.entry.load import packets
from qingtian.stream.hj212.checksum import checksum, printed

OVER = 61.2
HOUR = 2061


def over_limit(index: int) -> bytes:
    """Return a 2061 of the device ``index`` whose mean of w01018 is over the bench's limit."""
    now = times.now()
    start = (now - timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    segment = (
        f"QN={times.stamp_milliseconds(now)};ST=32;CN={HOUR};PW=123456;MN={packets.device_mn(index)};Flag=5;"
        f"CP=&&DataTime={times.stamp(start)};w01018-Min=50.0,w01018-Avg={OVER},w01018-Max=70.0,w01018-Flag=N&&"
    ).encode()
    return b"##%04d%s%s\r\n" % (len(segment), segment, printed(checksum(segment)))


async def send(*, port: int, first: int, count: int, seconds: float) -> None:
    """Send one from each of ``count`` devices over one connection, evenly over ``seconds``."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.monotonic()
    try:
        for number in range(count):
            await asyncio.sleep(max(started + seconds * number / count - time.monotonic(), 0))
            writer.write(over_limit(first + number))
        for _ in range(count):
            await reader.readline()
    finally:
        writer.close()
