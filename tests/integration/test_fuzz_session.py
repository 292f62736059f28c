"""Hostile bytes for a live gateway: over real sockets, cut anywhere, beside a device that is served all the while."""

from __future__ import annotations

import asyncio
import os
from random import Random

import pytest
from tests.fuzz.mutations import mutated
from tests.fuzz.targets import seeds
from tests.integration.wire import MN, Device, device, frame, gateway, plan, until

from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.gateway.server import Gateway

pytestmark = pytest.mark.engines

EXAMPLES = int(os.environ.get("QINGTIAN_FUZZ_EXAMPLES", "25"))
TOGETHER = 5
LIMITS = GatewayLimits(held_per_connection=8192, held=64 * 1024, unfinished=0.3, refusals=1_000_000)


async def attack(port: int, dice: Random, bytes_of: list[bytes]) -> None:
    """Send mutated streams in pieces, read nothing, and hang up somehow."""
    async with device(port) as hostile:
        for _ in range(dice.randrange(1, 5)):
            data = mutated(dice, bytes_of)
            place = 0
            while place < len(data):
                step = dice.choice((1, 7, 200, 5000))
                hostile.send(data[place : place + step])
                place += step
                await asyncio.sleep(0)
        if dice.random() < 0.3:
            hostile.writer.write_eof()
        if dice.random() < 0.3:
            hostile.writer.transport.abort()


async def served(fine: Device, number: int) -> None:
    qn = f"20261122{number // 3600 % 24:02d}{number // 60 % 60:02d}{number % 60:02d}{number % 1000:03d}"
    fine.send(frame(qn=qn))
    assert qn.encode() in await fine.line(within=180.0)


def held(made: Gateway) -> int:
    return sum(session.held for session in made._intake._sessions)


async def test_hostile_connections_neither_break_it_nor_starve_a_device_nor_fill_its_memory(bus: Bus) -> None:
    await plans.publish(bus, plan([MN, "88888880000001"]))
    dice, bytes_of = Random(212), seeds()
    async with gateway(bus, limits=LIMITS) as (made, port), device(port) as fine:
        for number in range(max(EXAMPLES // TOGETHER, 1)):
            await asyncio.gather(*(attack(port, dice, bytes_of) for _ in range(TOGETHER)), return_exceptions=False)
            # one read of a socket may come on top of what makes the gateway stop reading
            assert held(made) <= LIMITS.held + TOGETHER * 256 * 1024
            await served(fine, number)
        await until(lambda: made.counters.connections == 1, within=180.0)
        assert held(made) == 0
        assert not made._intake.broken.done()
        assert made.counters.refused.total() > 0
