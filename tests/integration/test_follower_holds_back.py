"""The judge's reader of the log: a backlog longer than its memory waits on the log's disk, and loses no message."""

from __future__ import annotations

import asyncio

import pytest

from qingtian.bus.client import Bus
from qingtian.stream.findings import follower
from qingtian.stream.findings.follower import Follower

pytestmark = pytest.mark.engines

MESSAGES, SIZE, MOST = 100, 200_000, 2_000_000


async def test_it_hears_no_more_than_it_may_hold_and_hands_out_all_in_order(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "MOST_WAITING", MOST)
    first = (await bus.js.stream_info("PACKETS")).state.last_seq
    for _ in range(MESSAGES):
        await bus.js.publish("packets.0", bytes(SIZE))
    reader = Follower(bus, position=first)
    heard: list[int] = []

    def waiting() -> int:
        return sum(len(data) for _, data in reader._waiting)

    try:
        async with asyncio.timeout(180):
            heard += [sequence for sequence, _ in await reader.next(wait=60)]
            # let as much come as will
            while (most := waiting()) <= MOST / 2:
                await asyncio.sleep(0.01)
            while len(heard) < MESSAGES:
                heard += [sequence for sequence, _ in await reader.next(wait=0.2)]
                await asyncio.sleep(0.01)
                most = max(most, waiting())
    finally:
        await reader.close()
    assert heard == list(range(first + 1, first + MESSAGES + 1))
    assert most <= MOST + 2 * SIZE
