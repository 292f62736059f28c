"""A command all the way: the office's act, the log, the gateway, a simulated device, the log, the office's register."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from tests.integration.test_commanding import nothing_open
from tests.integration.test_office_dispatcher import dispatcher, in_thread, until
from tests.integration.test_simulator_editions import fleet_of
from tests.integration.wire import gateway, plan
from tests.office_world import OUTLET

from qingtian.base import times
from qingtian.base.settings import Settings
from qingtian.bus import plans
from qingtian.bus.client import Bus

pytestmark = pytest.mark.engines

SCENARIO = """
zh: 一台设备
en: One device
devices:
  - {{mn: "{mn}", count: 1, edition: 2017, factors: {{w01018: {{level: 30, limit: 50}}}}}}
"""


@pytest.fixture(autouse=True)
def nothing_stays(office: Settings) -> Iterator[None]:
    """These tests commit; the owner clears up after each."""
    yield
    in_thread(lambda: None)
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as owner:
        owner.execute("TRUNCATE reverse_control_devicecommand, sites_plansnapshot, sites_devicesession CASCADE")


@asynccontextmanager
async def device_at_work(bus: Bus, mn: str) -> AsyncIterator[None]:
    """A gateway that knows the device, and the device, simulated, connected to it."""
    await plans.publish(bus, plan([mn]))
    async with gateway(bus) as (_, port):
        fleet = fleet_of(SCENARIO.format(mn=mn), port, count=None)
        running = asyncio.create_task(fleet.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def device_mn() -> str:
    from qingtian.office.sites.models import Device

    return str(Device.objects.filter(outlet_id=OUTLET).order_by("mn").values_list("mn", flat=True)[0])


def send(username: str, mn: str, cn: int, **given: str) -> Any:
    from qingtian.office.people.models import User
    from qingtian.office.reverse_control import api

    user = User.objects.get(username=username)
    return api.command_device(acting_user=user, mn=mn, cn=cn, given=given, reason="核查", at=times.now())


def state_of(pk: str) -> tuple[str, list[dict[str, str]]]:
    from qingtian.office.reverse_control.models import CommandAnswer, DeviceCommand

    found = CommandAnswer.objects.filter(command_id=pk).order_by("at")
    items = [item["cp"] for row in found for item in row.items]
    return DeviceCommand.objects.get(pk=pk).state, items


async def test_a_device_obeys_the_office_and_the_office_hears_of_it(office: Settings, bus: Bus) -> None:
    mn = await asyncio.to_thread(in_thread, device_mn)
    async with dispatcher(office, bus), device_at_work(bus, mn):
        set_it = await asyncio.to_thread(in_thread, lambda: send("desk", mn, 1062, RtdInterval="90"))
        read_it = await asyncio.to_thread(in_thread, lambda: send("officer", mn, 1061))
        await until(lambda: state_of(set_it.pk)[0] == state_of(read_it.pk)[0] == "done")
        assert await asyncio.to_thread(in_thread, lambda: state_of(read_it.pk)[1]) == [{"RtdInterval": "90"}]
        # what has ended is taken off the log
        await nothing_open(bus)


async def test_its_chain_in_the_ledger_tells_who_and_what_and_holds(office: Settings, bus: Bus) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    mn = await asyncio.to_thread(in_thread, device_mn)
    async with dispatcher(office, bus), device_at_work(bus, mn):
        asked = await asyncio.to_thread(in_thread, lambda: send("desk", mn, 1063))
        await until(lambda: state_of(asked.pk)[0] == "done")
    chain = api.chain(asked.pk)
    lines = await asyncio.to_thread(in_thread, lambda: ledger.history(chain))
    assert [line.actor for line in lines] == ["desk", *["system:gateway"] * (len(lines) - 1)]
    assert [line.act for line in lines][:2] == ["command_device", "command_sent"]
    assert lines[-1].act == "command_done"
    frame = lines[1].content["frame"]
    assert (f"QN={asked.qn}" in frame, "CN=1063" in frame, "PW=******" in frame) == (True, True, True)
    assert (await asyncio.to_thread(in_thread, lambda: ledger.verify(chain=chain))).holds
