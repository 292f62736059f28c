"""The driver: N connections, one packet in flight each, as fast as the other side answers.

``python -m qingtian.entry.load.driver PORT CONNECTIONS SECONDS [RATE]`` prints one JSON object:
``acknowledged``, ``seconds``, ``p50_ms``, ``p99_ms``. With RATE (packets/s of all) it keeps to that pace; it ends early
when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import cast

import numpy as np
import uvloop
from numpy.typing import NDArray

from qingtian.base import open_files, times
from qingtian.entry.load import packets

MOST = 90_000
"""Packets per second that are made ready before the start; nobody here is faster."""

ANSWER = b"CN=9014"

PATIENCE = 120.0
"""Seconds to wait for the very first answer, and for the next one at the end."""


class Caller(asyncio.Protocol):
    """One device. Sends its next packet when the last one was answered, not before ``gap`` seconds after it."""

    def __init__(self, table: memoryview, length: int, *, latencies: list[float], gap: float, delay: float) -> None:
        self._table = table
        self._length = length
        self._place = 0
        self._latencies = latencies
        self._gap = gap
        self._delay = delay
        self._due = 0.0
        self._sent = 0.0
        self.stopped = False
        self.waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = time.perf_counter() + self._delay
        if self._gap:
            self._loop.call_later(self._delay, self._send)
        else:
            self._send()

    def data_received(self, data: bytes) -> None:
        # of its own accord a gateway asks for the time: that answers nothing
        if data[-1] != 10 or ANSWER not in data:
            return
        self.waits = False
        self._latencies.append(time.perf_counter() - self._sent)
        if not self._gap:
            self._send()
            return
        self._due += self._gap
        self._loop.call_later(max(self._due - time.perf_counter(), 0), self._send)

    def _send(self) -> None:
        end = self._place + self._length
        if self.stopped or end > len(self._table):
            return
        self._sent, self.waits = time.perf_counter(), True
        self._transport.write(self._table[self._place : end])
        self._place = end


async def drive(port: int, *, connections: int, seconds: float, rate: float | None) -> dict[str, float]:
    """Open the connections, send for ``seconds``, wait for the last answers."""
    open_files.allow(connections)
    wanted = (rate or MOST) * (seconds + 1)
    each = max(int(wanted / connections) + 2, 4)
    table = packets.make(devices=connections, each=each, until=times.now())
    latencies: list[float] = []
    callers = await _connect(port, table, latencies, gap=connections / rate if rate else 0.0)
    started = time.perf_counter()
    for caller in callers:
        caller.start()
    await _until_told(seconds)
    for caller in callers:
        caller.stopped = True
    took = time.perf_counter() - started
    in_time = len(latencies)
    await _all_answered(callers, latencies)
    milliseconds = np.array(latencies) * 1000
    return {
        "acknowledged": len(latencies),
        "in_time": in_time,
        "seconds": took,
        "p50_ms": float(np.percentile(milliseconds, 50)),
        "p99_ms": float(np.percentile(milliseconds, 99)),
    }


async def _until_told(seconds: float) -> None:
    """Return when the standard input ends, if it is a pipe, or after so many seconds."""
    told = threading.Event()
    place = sys.stdin.fileno()
    if stat.S_ISFIFO(os.fstat(place).st_mode):
        threading.Thread(target=_watch, args=(place, told), daemon=True).start()
    end = time.perf_counter() + seconds
    while not told.is_set() and (left := end - time.perf_counter()) > 0:
        await asyncio.sleep(min(0.1, left))


def _watch(place: int, told: threading.Event) -> None:
    # the bare read: Python's own buffer would be locked when the process ends
    while os.read(place, 1):
        pass
    told.set()


async def _connect(port: int, table: NDArray[np.uint8], latencies: list[float], *, gap: float) -> list[Caller]:
    loop = asyncio.get_running_loop()
    connections, _, length = table.shape
    callers = []
    for index in range(connections):
        own = memoryview(table[index].reshape(-1))
        delay = gap * index / connections
        caller = Caller(own, length, latencies=latencies, gap=gap, delay=delay)
        await loop.create_connection(partial(_itself, caller), "127.0.0.1", port)
        callers.append(caller)
    return callers


def _itself(caller: Caller) -> Caller:
    return caller


async def _all_answered(callers: Sequence[Caller], latencies: list[float]) -> None:
    """Wait until every packet is answered. On a busy machine no answer for a while does not mean that none will come.

    :raises SystemExit: if there is not one answer within `PATIENCE`: then there is nothing to measure. Those that are
        still owed `PATIENCE` after the last one are given up.
    """
    seen, deadline = -1, 0.0
    while any(caller.waits for caller in callers):
        if len(latencies) != seen:
            seen, deadline = len(latencies), time.perf_counter() + PATIENCE
        if time.perf_counter() > deadline:
            break
        await asyncio.sleep(0.05)
    if not latencies:
        raise SystemExit(f"not one packet was answered within {PATIENCE:g} s")


def main(words: list[str]) -> None:
    port, connections, seconds = int(words[0]), int(words[1]), float(words[2])
    rate = float(words[3]) if len(words) > 3 else None
    print(json.dumps(uvloop.run(drive(port, connections=connections, seconds=seconds, rate=rate))))


if __name__ == "__main__":
    main(sys.argv[1:])
