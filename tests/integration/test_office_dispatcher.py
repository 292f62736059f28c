"""The dispatcher on real NATS and real PostgreSQL: what the log says is in the registers, once, and soon."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import psycopg
import pytest
from tests.office_world import MONDAY, finding

from qingtian.base.settings import Settings
from qingtian.base.times import to_microseconds
from qingtian.bus import plans, streams
from qingtian.bus.client import Bus

pytestmark = pytest.mark.engines

OUTLET = "SZ-W-0009"
SUBJECT = streams.finding_subject("exceedance", "opened")
PATIENCE = 180.0


@pytest.fixture(autouse=True)
def nothing_stays(office: Settings) -> Iterator[None]:
    """These tests commit; the owner clears up after each."""
    yield
    in_thread(lambda: None)  # one of these tests ends all connections, this thread's too
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as owner:
        owner.execute(
            "TRUNCATE alerts_episode, sites_devicestatus, sites_deadletter, sites_unreadablemessage, sites_plansnapshot"
            " CASCADE"
        )


@asynccontextmanager
async def dispatcher(settings: Settings, bus: Bus) -> AsyncIterator[dict[str, Any]]:
    """Run the dispatcher's main beside the test; its counters are what the heartbeat would say."""
    from qingtian.office.intake.process import main

    stop = asyncio.Event()
    counters: dict[str, Any] = {}
    running = asyncio.create_task(main(settings, bus, stop, counters))
    try:
        yield counters
    finally:
        stop.set()
        await asyncio.wait_for(running, PATIENCE)


async def until(settled: Callable[[], bool]) -> None:
    """Wait until the database says so."""
    deadline = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(in_thread, settled):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def in_thread(ask: Callable[[], Any]) -> Any:
    from django.db import connections

    try:
        return ask()
    finally:
        connections.close_all()


def count(name: str, **where: Any) -> int:
    from django.apps import apps

    found: int = apps.get_model(name).objects.filter(**where).count()
    return found


async def publish(bus: Bus, subject: str, message: Any, times: int = 1) -> None:
    for _ in range(times):
        await bus.js.publish(subject, message if isinstance(message, bytes) else orjson.dumps(message))


async def test_it_takes_a_finding_once_however_often_the_log_has_it(office: Settings, bus: Bus) -> None:
    async with dispatcher(office, bus) as counters:
        await publish(bus, SUBJECT, finding(outlet=OUTLET), times=3)
        await publish(bus, SUBJECT, finding("closed", outlet=OUTLET, value=80))
        await until(lambda: count("alerts.FindingRecord") == 2)
        await until(lambda: counters.get("FINDINGS") == 4)
    assert await asyncio.to_thread(in_thread, lambda: (count("alerts.Episode"), count("tasks.Task"))) == (1, 1)
    assert "set_aside" not in counters


async def test_it_tells_the_pages_of_the_alert_first_and_then_of_its_task(office: Settings, bus: Bus) -> None:
    from qingtian.office.ledger.api import CHANNEL

    async with dispatcher(office, bus):
        listener = await psycopg.AsyncConnection.connect(office.require_database_url(), autocommit=True)
        async with listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            await publish(bus, SUBJECT, finding(outlet=OUTLET, factor="w21011"))
            warm = [notice async for notice in listener.notifies(timeout=PATIENCE, stop_after=2)]
            await publish(bus, SUBJECT, finding(outlet=OUTLET))
            heard = [notice async for notice in listener.notifies(timeout=PATIENCE, stop_after=2)]
    events = [orjson.loads(notice.payload) for notice in heard]
    assert len(warm) == 2
    assert [event["kind"] for event in events] == ["alert.opened", "task.changed"]
    assert (events[0]["outlet"], events[0]["received_us"]) == (OUTLET, to_microseconds(MONDAY))
    assert events[0]["id"] is not None


@pytest.mark.parametrize("broken", [b"not json", b"{}", orjson.dumps(finding(outlet="SZ-NONE"))])
async def test_it_sets_a_broken_message_aside_and_takes_the_next(office: Settings, bus: Bus, broken: bytes) -> None:
    async with dispatcher(office, bus) as counters:
        await publish(bus, SUBJECT, broken)
        await publish(bus, SUBJECT, finding(outlet=OUTLET))
        await until(lambda: count("alerts.Episode") == 1)
    assert counters["set_aside"] == 1
    assert await asyncio.to_thread(in_thread, lambda: count("sites.UnreadableMessage", raw=broken)) == 1
    info = await bus.js.consumer_info("FINDINGS", "dispatcher-findings")
    assert info.num_ack_pending == 0


def letter(number: int) -> dict[str, Any]:
    return {
        "id": f"{number:032x}",
        "reason": "bad_checksum",
        "received": MONDAY.isoformat(),
        "received_us": to_microseconds(MONDAY),
        "address": "127.0.0.1",
        "mn": None,
        "detail": "expected 1C80, got 1C81",
        "raw": base64.b64encode(b"##0001").decode(),
    }


async def test_it_keeps_dead_letters_in_batches_and_a_broken_one_does_not_spoil_the_others(
    office: Settings, bus: Bus
) -> None:
    subject = streams.deadletter_subject("bad_checksum")
    for number in range(30):
        await publish(bus, subject, letter(number) if number != 7 else {**letter(7), "received": "yesterday"})
    async with dispatcher(office, bus):
        await until(lambda: count("sites.DeadLetter") == 29)
        await until(lambda: count("sites.UnreadableMessage") == 1)


async def test_it_keeps_the_newest_state_of_devices_it_knows(office: Settings, bus: Bus) -> None:
    from qingtian.demo import city

    mn = next(firm.mn for firm in city.firms() if firm.outlet_code == OUTLET)

    def state(packets: int, state: str, minute: int, mn: str = mn) -> dict[str, Any]:
        received = MONDAY.replace(minute=minute).isoformat()
        words = {"mn": mn, "outlet": OUTLET, "received": received, "data_time": received, "clock_offset_s": 0.4}
        return {
            **words,
            "packets": packets,
            "duplicates": 2,
            "cn": 2011,
            "state": state,
            "values": {"w01018": [23.1, "N"]},
        }

    subject = streams.devices_subject(0)
    async with dispatcher(office, bus) as counters:
        await publish(
            bus,
            subject,
            {"at": MONDAY.isoformat(), "devices": [state(5, "breach", 5), state(1, "normal", 1, "F" * 24)]},
        )
        await publish(bus, subject, {"at": MONDAY.isoformat(), "devices": [state(3, "normal", 3)]})
        await until(lambda: counters.get("DEVICES") == 2)
    found = await asyncio.to_thread(in_thread, lambda: live_state(mn))
    assert found == (5, "breach", {"w01018": [23.1, "N"]}, 1)


def live_state(mn: str) -> tuple[int, str, Any, int]:
    from qingtian.office.sites.models import DeviceStatus

    status = DeviceStatus.objects.get(pk=mn)
    return status.packets, status.state, status.values, DeviceStatus.objects.count()


async def test_it_puts_each_plan_on_the_log_once_and_only_if_something_changed(office: Settings, bus: Bus) -> None:
    from qingtian.demo import registers

    first = await asyncio.to_thread(in_thread, lambda: registers.publish(at=MONDAY))
    assert first == "1, new"
    assert await asyncio.to_thread(in_thread, lambda: registers.publish(at=MONDAY)) == "unchanged"
    async with dispatcher(office, bus):
        await until(lambda: count("sites.PlanSnapshot", published_at=None) == 0)
    plan = await plans.newest(bus)
    assert plan is not None
    outlet = next(row for row in plan["outlets"] if row["code"] == OUTLET)
    assert len(outlet["devices"][0]["mn"]) == 24
    assert {limit["factor"] for limit in outlet["limits"]} >= {"w01018", "w21003"}
    assert all(limit["source"] and limit["printed"] for limit in outlet["limits"])


async def test_it_waits_for_a_database_that_is_down_and_goes_on(office: Settings, bus: Bus) -> None:
    async with dispatcher(office, bus):
        await publish(bus, SUBJECT, finding(outlet=OUTLET))
        await until(lambda: count("alerts.Episode") == 1)
        with psycopg.connect(office.require_database_owner_url(), autocommit=True) as owner:
            owner.execute("ALTER ROLE qingtian_app CONNECTION LIMIT 0")
            owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'qingtian_app'")
            try:
                await publish(bus, SUBJECT, finding(outlet=OUTLET, factor="w21003"))
                await asyncio.sleep(1.5)
            finally:
                owner.execute("ALTER ROLE qingtian_app CONNECTION LIMIT -1")
        await until(lambda: count("alerts.Episode") == 2)
