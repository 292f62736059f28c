"""Simulated devices against the real gateway, scenario by scenario; and `courier`, behind `qingtian send`."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from tests.integration.wire import MN, frame, gateway, plan, until

from qingtian.base import times
from qingtian.bus import batches, plans
from qingtian.bus.client import Bus
from qingtian.stream.gateway.answers import Nobody
from qingtian.stream.simulator import courier, script, timeline
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.fleet import Errand, Fleet
from qingtian.stream.simulator.scenarios import Scenario

pytestmark = pytest.mark.engines

DEVICES = [
    SimulatedDevice(mn=f"SIM{number}", factors=(SimulatedFactor(code="w01018", typical=30.0, decimals=1, upper=50.0),))
    for number in range(3)
]


class Amid:
    """A clock for devices that begins amid ten minutes and may be put ahead.

    No period ends while a test runs, so a device sends what the test asks for, and no record of minutes or hours.
    """

    def __init__(self) -> None:
        self.ahead = time.time() // 600 * 600 + 300 - time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


async def packets(bus: Bus) -> list[str]:
    state = (await bus.js.stream_info("PACKETS")).state
    found = []
    for sequence in range(state.first_seq, state.last_seq + 1):
        batch = batches.decode((await bus.js.get_msg("PACKETS", sequence)).data or b"")
        found += [batch.frame(index).decode() for index in range(len(batch))]
    return found


def fleet(port: int, scenario: Scenario, *, clock: Amid, began: float = 0.0, count: int | None = 4) -> Fleet:
    """Devices whose scenario began so many seconds ago."""
    return Fleet(
        DEVICES,
        Errand(host="127.0.0.1", port=port, interval=0.1, count=count),
        timeline=timeline.Named(scenario=scenario, since=clock() - began),
        clock=clock,
    )


async def run(port: int, scenario: Scenario, *, clock: Amid | None = None, began: float = 0.0) -> Fleet:
    made = fleet(port, scenario, clock=clock or Amid(), began=began)
    async with asyncio.timeout(180):
        await made.run()
    return made


async def test_it_sends_until_all_is_acknowledged(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus, answers=Nobody()) as (_, port):
        made = await run(port, script.named("normal"))
    assert made.tally.acknowledged == 12
    assert len(await packets(bus)) == 12


async def test_it_exceeds(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus, answers=Nobody()) as (_, port):
        await run(port, script.named("exceedance"), began=120.0)
    found = [float(text.partition("w01018-Rtd=")[2].partition(",")[0]) for text in await packets(bus)]
    assert all(value > 50 for value in found)


async def test_it_stays_flat(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus, answers=Nobody()) as (_, port):
        await run(port, script.named("flat_line"))
    found = {text.partition("MN=")[2].partition(";")[0]: set[str]() for text in await packets(bus)}
    for text in await packets(bus):
        found[text.partition("MN=")[2].partition(";")[0]].add(text.partition("w01018-Rtd=")[2].partition(",")[0])
    assert [len(values) for values in found.values()] == [1, 1, 1]


async def test_it_has_a_wrong_clock(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus, answers=Nobody()) as (_, port):
        clock = Amid()
        await run(port, script.named("wrong_clock"), clock=clock)
    for text in await packets(bus):
        ahead = times.parse_stamp(text.partition("DataTime=")[2][:14]).timestamp() - clock()
        assert 30 * 60 < ahead < 40 * 60


async def test_it_is_silent_without_a_connection(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus, answers=Nobody()) as (made, port):
        await run(port, script.named("silence"))
        assert made.counters.packets == 0
    assert await packets(bus) == []


async def test_it_keeps_records_while_the_line_is_down_and_sends_them_later(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    down = replace(script.named("backlog_resend"), lasts_s=60, rests_s=3600)
    async with gateway(bus, answers=Nobody()) as (made, port):
        clock = Amid()
        devices = fleet(port, down, clock=clock)
        sending = asyncio.create_task(devices.run())
        await until(lambda: all(len(logger.outbox) == 4 for logger in devices.loggers))
        assert made.counters.packets == 0
        clock.ahead += 60
        async with asyncio.timeout(180):
            await sending
        assert devices.tally.acknowledged == 12
    assert len(await packets(bus)) == 12


async def test_it_repeats_a_packet_that_arrived_broken(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus, answers=Nobody()) as (made, port):
        sent = fleet(port, script.named("broken_checksum"), clock=Amid())
        for logger in sent.loggers:
            logger.standing = replace(logger.standing, over_time=0.2)
        async with asyncio.timeout(180):
            await sent.run()
        assert sent.tally.acknowledged == 12
        # on a busy machine an answer may come too late, and a packet is repeated that was whole
        assert 0 < made.counters.refused["bad_checksum"] <= sent.tally.repeated


async def test_it_dials_again_when_the_gateway_comes_back(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus, answers=Nobody()) as (first, port):
        made = fleet(port, script.named("normal"), clock=Amid(), count=25)
        sending = asyncio.create_task(made.run())
        await until(lambda: first.counters.packets >= 6 and first.counters.connections == 3)
    async with asyncio.timeout(180), gateway(bus, port=port, answers=Nobody()):
        await sending
    assert made.tally.acknowledged == 75
    assert made.tally.lost_lines == 3
    assert len({text.partition("QN=")[2][:17] + text.partition("MN=")[2][:4] for text in await packets(bus)}) == 75


async def test_it_tells_what_became_of_each_packet_of_a_file(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    good = frame(qn="20261122100000001")
    file = (
        good
        + good.replace(b"23.1", b"99.9")
        + b"hello\n"
        + frame(qn="20261122100000002", mn="STRANGER")
        + frame(qn="20261122100000003", flag=4)
    )
    async with gateway(bus) as (_, port):
        outcomes = await courier.send(courier.packets(file), host="127.0.0.1", port=port, wait=3)
        assert [outcome.milliseconds is not None for outcome in outcomes] == [True, False, False, False, False]
        assert [outcome.missing for outcome in outcomes] == [False, True, False, True, False]
        assert [outcome.packet.fault for outcome in outcomes] == ["", "bad_checksum", "garbage", "", ""]
        now = times.now()
        renewed = [courier.refreshed(packet, now=now) for packet in courier.packets(file)[:2]]
        again = await courier.send(renewed[1:], host="127.0.0.1", port=port, wait=60)
        assert again[0].milliseconds is not None
    assert times.stamp(now) in (await packets(bus))[-1]
