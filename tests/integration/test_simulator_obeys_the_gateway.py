"""Commands on the log, a real gateway, simulated devices of every edition: asked, obeyed, told."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.integration.test_commanding import command, nothing_open, on_log
from tests.integration.test_simulator_scenarios import packets
from tests.integration.wire import gateway, plan

from qingtian.base import times
from qingtian.bus import commands, plans
from qingtian.bus.answers import Answer
from qingtian.bus.client import Bus
from qingtian.stream.hj212 import Edition
from qingtian.stream.simulator import script, timeline
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.fleet import Errand, Fleet

pytestmark = pytest.mark.engines

COD = SimulatedFactor(code="w01018", typical=30.0, unit="mg/L", decimals=1, upper=50.0)
MNS = {Edition.HJ2005: "88888880000001", Edition.HJ2017: "0A" * 12, Edition.HJ2025: "0B" * 12}


def hour(ago: int) -> str:
    return times.stamp(times.now().replace(minute=0, second=0) - timedelta(hours=ago))


def ended(found: list[Answer]) -> dict[str, Answer]:
    return {each.command: each for each in found if each.state.ended}


@pytest.mark.parametrize("edition", list(Edition), ids=[str(int(edition)) for edition in Edition])
async def test_it_obeys_commands_that_come_over_the_gateway(bus: Bus, edition: Edition) -> None:
    mn = MNS[edition]
    device = SimulatedDevice(mn=mn, factors=(COD,), edition=edition, haste=300, interval_s=0.3)
    # asked for once: the test may run over the end of an hour
    first, last_hour = hour(3), hour(2)
    code = "011" if edition is Edition.HJ2005 else "w01018"
    asked = [
        replace(made, mn=mn)
        for made in (
            command(1, 1012),
            command(2, 1061),
            command(3, 2061, BeginTime=first, EndTime=last_hour),
            command(4, 3011, PolId=code),
            command(5, 3011, PolId="w99999"),
            command(6, 2012),
        )
    ]
    await plans.publish(bus, plan([mn]))
    wrong = timeline.Cast(scenarios={mn: script.named("wrong_clock")}, since=time.time())
    async with gateway(bus) as (_, port):
        fleet = Fleet([device], Errand(host="127.0.0.1", port=port), timeline=wrong, clock=time.time)
        running = asyncio.create_task(fleet.run())
        for each in asked:
            await commands.publish(bus, each)
        async with asyncio.timeout(180):
            while len(ended(await on_log(bus)).keys() & {each.id for each in asked}) < len(asked):
                await asyncio.sleep(0.1)
        await nothing_open(bus)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    last = ended(await on_log(bus))
    told = [(last[each.id].state.value, last[each.id].exe_rtn) for each in asked]
    failure = 2 if edition is Edition.HJ2005 else 3
    assert told[:4] == [("done", 1)] * 4
    assert told[4][1] == failure
    assert told[5][0] == "done"
    logger = fleet.loggers[0]
    # it was wrong by more than half an hour
    assert abs(logger.standing.clock_error) < 60
    assert abs(logger.standing.clock_set_at - time.time()) < 600
    assert not logger.standing.realtime_on
    history = [text for text in await packets(bus) if "CN=2061" in text]
    assert [stamp in "".join(history) for stamp in (f"DataTime={first}", f"DataTime={last_hour}")] == [True, True]
