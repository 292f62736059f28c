"""From the wire to the register: a logger with a wrong checksum is taken, and its deviation is in the office soon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.integration.test_gateway_sessions import QN, SOON, framed, planned, segment
from tests.integration.test_office_dispatcher import dispatcher, until
from tests.integration.wire import device, gateway

from qingtian.base.settings import Settings
from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.stream.gateway.answers import Nobody
from qingtian.stream.hj212.repair import modbus

pytestmark = pytest.mark.engines


@pytest.fixture
def mn(office: Settings) -> Iterator[str]:
    """A device of the register; what the test leaves is cleared up."""
    from django.db import connections

    from qingtian.office.sites.models import Device

    found: str = Device.objects.order_by("mn").values_list("mn", flat=True)[0]
    connections.close_all()
    yield found
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as owner:
        owner.execute("TRUNCATE sites_devicesession, sites_devicecount, sites_deadletter, sites_plansnapshot CASCADE")


async def test_what_a_logger_does_wrong_is_in_the_register_soon(office: Settings, bus: Bus, mn: str) -> None:
    from qingtian.office.sites.models import DeviceCount, DeviceSession

    await plans.publish(bus, planned(mn))
    spoiled = segment(2011, mn=mn)
    async with dispatcher(office, bus), gateway(bus, limits=SOON, answers=Nobody()) as (_, port):
        async with device(port) as logger:
            logger.send(framed(spoiled, crc=modbus(spoiled.encode())))
            assert QN.format(1).encode() in await logger.line()
            logger.send(framed(segment(2011, mn=mn, pw="000000")))

            def counted() -> dict[tuple[str, str], int]:
                rows: Any = DeviceCount.objects.filter(device=mn).values_list("kind", "code", "count")
                return {(kind, code): count for kind, code, count in rows}

            await until(lambda: counted().get(("deviation", "checksum_modbus")) == 1)
            await until(lambda: counted().get(("refused", "wrong_password")) == 1)
            await until(lambda: DeviceSession.objects.filter(device=mn, connected=True, edition="2017").exists())
        await until(lambda: DeviceSession.objects.filter(device=mn, connected=False).exists())
