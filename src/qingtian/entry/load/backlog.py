"""A backlog on the log: what the demo city sends in a day, as the gateway would have put it there.

Real-time packets (2011) of six factors, one a device every half minute, in the order of their arrival.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.bus import client
from qingtian.bus.batches import PacketBatch, encode
from qingtian.bus.client import Bus
from qingtian.bus.streams import PACKETS, packets_subject
from qingtian.entry.load import packets
from qingtian.stream.findings.follower import Follower

DEVICES = 1177
"""Outlets of the demo city."""

APART = 30.0
"""Seconds between the packets of a device."""

LIKE = packets.template(packets.FACTORS[:6], cn=2011, measures=("Rtd",))
SLICE = 40
"""Packets of each device that are made at once: some 16 MB."""

BATCH = 1000
AT_ONCE = 8
"""Messages on their way to the log together."""


def batches(
    count: int,
    *,
    until: datetime,
    devices: int = DEVICES,
    apart: float = APART,
    like: bytes = LIKE,
    level: float = 30.0,
) -> Iterator[PacketBatch]:
    """Yield ``count`` packets or a few more (whole rounds of all devices), the last arrived before ``until``.

    Those of a device are ``apart`` seconds apart, formed ``like`` a template, their values about ``level``.
    """
    rounds = math.ceil(count / devices)
    for first in range(0, rounds, SLICE):
        each = min(SLICE, rounds - first)
        end = until - timedelta(seconds=apart * (rounds - first - each))
        table = packets.make(devices=devices, each=each, until=end, seed=first + 1, level=level, apart=apart, like=like)
        yield from _in_order(table, end, apart)


def _in_order(table: NDArray[np.uint8], end: datetime, seconds: float) -> Iterator[PacketBatch]:
    devices, each, length = table.shape
    rows = np.ascontiguousarray(table.transpose(1, 0, 2)).reshape(-1, length)
    last = times.to_microseconds(end)
    apart = int(seconds * 1e6)
    arrived = last - apart * (each - np.arange(each))[:, None] + (np.arange(devices) * apart // devices)[None, :]
    for part, received in zip(_parts(rows), _parts(arrived.reshape(-1)), strict=True):
        yield PacketBatch(
            plan=1,
            received=received,
            offsets=np.arange(len(part) + 1, dtype=np.uint32) * np.uint32(length),
            address_index=np.zeros(len(part), np.uint16),
            addresses=("127.0.0.1",),
            raw=part.tobytes(),
        )


def _parts(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]


def fill(nats_url: str, count: int, *, until: datetime) -> int:
    """Put a backlog on the log; return how many packets it holds."""
    return asyncio.run(_fill(nats_url, count, until))


async def _fill(nats_url: str, count: int, until: datetime) -> int:
    bus = await client.connect(nats_url, name="bench")
    made = 0
    try:
        waiting = batches(count, until=until)
        while several := list(itertools.islice(waiting, AT_ONCE)):
            await asyncio.gather(*(bus.js.publish(packets_subject(0), encode(batch)) for batch in several))
            made += sum(map(len, several))
    finally:
        await bus.close()
    return made


def read(nats_url: str) -> float:
    """Read the whole log once, doing nothing with it; return the seconds. The least that any judge must do."""
    return asyncio.run(_read(nats_url))


async def _read(nats_url: str) -> float:
    bus = await client.connect(nats_url, name="bench")
    try:
        last = (await bus.js.stream_info(PACKETS.name)).state.last_seq
        return await _follow(bus, last)
    finally:
        await bus.close()


async def _follow(bus: Bus, last: int) -> float:
    loop = asyncio.get_running_loop()
    follower = Follower(bus, position=0)
    started = loop.time()
    try:
        while follower.position < last:
            await follower.next(wait=0.2)
    finally:
        await follower.close()
    return loop.time() - started
