"""Simulated devices against the real gateway, scenario by scenario; and `courier`, behind `qingtian send`."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.integration.wire import MN, frame, gateway, plan, until

from qingtian.base import times
from qingtian.bus import batches, plans
from qingtian.bus.client import Bus
from qingtian.stream.simulator import courier, script, timeline
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.fleet import Errand, Fleet
from qingtian.stream.simulator.scenarios import Scenario

pytestmark = pytest.mark.engines

DEVICES = [
    SimulatedDevice(mn=f"SIM{number}", factors=(SimulatedFactor(code="w01018", typical=30.0, decimals=1, upper=50.0),))
    for number in range(3)
]


async def packets(bus: Bus) -> list[str]:
    state = (await bus.js.stream_info("PACKETS")).state
    found = []
    for sequence in range(state.first_seq, state.last_seq + 1):
        batch = batches.decode((await bus.js.get_msg("PACKETS", sequence)).data or b"")
        found += [batch.frame(index).decode() for index in range(len(batch))]
    return found


def fleet(port: int, scenario: Scenario, *, since: float, count: int | None = 4) -> Fleet:
    return Fleet(
        DEVICES,
        Errand(host="127.0.0.1", port=port, interval=0.1, count=count),
        timeline=timeline.Named(scenario=scenario, since=since),
        clock=time.time,
    )


async def run(port: int, scenario: Scenario, *, since: float | None = None) -> Fleet:
    made = fleet(port, scenario, since=time.time() if since is None else since)
    async with asyncio.timeout(60):
        await made.run()
    return made


async def test_it_sends_until_all_is_acknowledged(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus) as (_, port):
        made = await run(port, script.named("normal"))
    assert made.tally.acknowledged == 12
    assert len(await packets(bus)) == 12


async def test_it_exceeds(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus) as (_, port):
        await run(port, script.named("exceedance"), since=time.time() - 120)
    found = [float(text.partition("w01018-Rtd=")[2].partition(",")[0]) for text in await packets(bus)]
    assert all(value > 50 for value in found)


async def test_it_stays_flat(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus) as (_, port):
        await run(port, script.named("flat_line"))
    found = {text.partition("MN=")[2].partition(";")[0]: set[str]() for text in await packets(bus)}
    for text in await packets(bus):
        found[text.partition("MN=")[2].partition(";")[0]].add(text.partition("w01018-Rtd=")[2].partition(",")[0])
    assert [len(values) for values in found.values()] == [1, 1, 1]


async def test_it_has_a_wrong_clock(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus) as (_, port):
        await run(port, script.named("wrong_clock"))
    for text in await packets(bus):
        ahead = times.parse_stamp(text.partition("DataTime=")[2][:14]) - times.now()
        assert timedelta(minutes=30) < ahead < timedelta(minutes=40)


async def test_it_is_silent_without_a_connection(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus) as (made, port):
        await run(port, script.named("silence"))
        assert made.counters.packets == 0
    assert await packets(bus) == []


async def test_it_keeps_records_while_the_line_is_down_and_sends_them_later(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    down = replace(script.named("backlog_resend"), lasts_s=1.5, rests_s=3600)
    async with gateway(bus) as (made, port):
        sending = asyncio.create_task(run(port, down))
        await asyncio.sleep(1.0)
        assert made.counters.packets == 0
        assert (await sending).tally.acknowledged == 12
    assert len(await packets(bus)) == 12


async def test_it_repeats_a_packet_that_arrived_broken(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus) as (made, port):
        sent = fleet(port, script.named("broken_checksum"), since=time.time())
        for logger in sent.loggers:
            logger.standing = replace(logger.standing, over_time=0.2)
        async with asyncio.timeout(60):
            await sent.run()
        assert sent.tally.acknowledged == 12
        assert made.counters.refused["bad_checksum"] > 0
        assert made.counters.refused["bad_checksum"] == sent.tally.repeated


async def test_it_dials_again_when_the_gateway_comes_back(bus: Bus) -> None:
    await plans.publish(bus, plan([device.mn for device in DEVICES]))
    async with gateway(bus) as (first, port):
        made = fleet(port, script.named("normal"), since=time.time(), count=25)
        sending = asyncio.create_task(made.run())
        await until(lambda: first.counters.packets >= 6)
    async with asyncio.timeout(60), gateway(bus, port=port):
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
        outcomes = await courier.send(courier.packets(file), host="127.0.0.1", port=port, wait=0.5)
        assert [outcome.milliseconds is not None for outcome in outcomes] == [True, False, False, False, False]
        assert [outcome.missing for outcome in outcomes] == [False, True, False, True, False]
        assert [outcome.packet.fault for outcome in outcomes] == ["", "bad_checksum", "garbage", "", ""]
        now = times.now()
        renewed = [courier.refreshed(packet, now=now) for packet in courier.packets(file)[:2]]
        again = await courier.send(renewed[1:], host="127.0.0.1", port=port, wait=2)
        assert again[0].milliseconds is not None
    assert times.stamp(now) in (await packets(bus))[-1]
