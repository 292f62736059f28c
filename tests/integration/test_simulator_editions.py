"""A scenario file of devices of all editions against the real gateway; lines that are ill-treated on purpose."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.integration.test_simulator_scenarios import packets
from tests.integration.wire import gateway, plan, until

from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.stream.hj212 import Edition, Way, read_message, values
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.simulator import script, timeline
from qingtian.stream.simulator.fleet import Errand, Fleet

pytestmark = pytest.mark.engines

EDITIONS = """
zh: 三个版本
en: All editions at once
devices:
  - {mn: "88888880000{number:03d}", count: 3, edition: 2005, factors: {w01018: {level: 30, limit: 50}}}
  - {mn: "E17{number}", count: 3, edition: 2017, factors: {w01018: {level: 30, limit: 50}}}
  - {mn: "E25{number}", count: 3, edition: 2025, heartbeat: 0.2, factors: {w01018: {level: 30, limit: 50}}}
"""


def fleet_of(text: str, port: int, *, count: int | None = 4) -> Fleet:
    found = script.read(text, file="test.yaml")
    cast = timeline.Cast(scenarios={one.device.mn: one.scenario for one in found.players}, since=time.time())
    errand = Errand(host="127.0.0.1", port=port, interval=0.1, count=count)
    return Fleet([one.device for one in found.players], errand, timeline=cast, clock=time.time)


async def run(bus: Bus, text: str, *, count: int | None = 4) -> tuple[Fleet, list[str]]:
    """Run the devices of a scenario file against a gateway; give them and the frames on the log."""
    mns = [one.device.mn for one in script.read(text, file="test.yaml").players]
    await plans.publish(bus, plan(mns))
    async with gateway(bus) as (made, port):
        fleet = fleet_of(text, port, count=count)
        async with asyncio.timeout(180):
            await fleet.run()
        # what was not acknowledged may still be on its way
        await until(lambda: made.counters.packets >= fleet.tally.sent - fleet.tally.lost_lines)
    return fleet, await packets(bus)


async def test_all_editions_are_taken_side_by_side(bus: Bus) -> None:
    fleet, frames = await run(bus, EDITIONS)
    messages = [read_message(frame.segment, way=Way.UP) for text in frames for frame in read_frames(text.encode())]
    values_of = dict.fromkeys(Edition, 0)
    for message in messages:
        values_of[message.head.edition] += message.head.cn == 2011
    assert all(count >= 12 for count in values_of.values())
    assert {
        code
        for message in messages
        if message.head.edition is Edition.HJ2005 and isinstance(message.body, values.Values)
        for code in message.body.factors
    } == {"011"}
    assert {message.head.cn for message in messages} >= {2011, 2081, 9015}
    # the devices of 2005 ask for no answer
    assert fleet.tally.acknowledged >= 24


async def test_nothing_is_lost_on_lines_that_are_ill_treated(bus: Bus) -> None:
    faults = "{cut: 0.2, duplicates: 0.2, drops: 0.1, bytes_per_second: 4000}"
    text = f"behaviour: {faults}\ndevices: [{{mn: 'F{{number}}', count: 16, factors: {{w01018: {{level: 30}}}}}}]"
    fleet, frames = await run(bus, text, count=6)
    sent = {(text.partition("MN=")[2].partition(";")[0], text[9:26]) for text in frames if "CN=2011" in text}
    assert len(sent) == 96
    # of 96 packets or more, each with one chance in ten
    assert fleet.tally.lost_lines > 0
