"""The log is full or away: the gateway acknowledges nothing, says so, and goes on by itself afterwards."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from nats.js.api import DiscardPolicy, StreamConfig
from tests.accountable_devices import Account, Device, Fleet

from qingtian.base import children
from qingtian.base.settings import Settings, from_environment
from qingtian.bus import batches, health, plans, streams
from qingtian.bus import server as nats_server
from qingtian.bus.client import Bus, connect, ensure_streams
from qingtian.entry.engines import urls

pytestmark = [pytest.mark.engines, pytest.mark.bad_day]

DEVICES = 20
SMALL = 64 * 1024


def plan() -> plans.PlanSnapshot:
    outlets: list[plans.PlanOutlet] = [
        {
            "code": f"SZ-W-{number:04d}",
            "name": "测试总排口",
            "medium": "water",
            "enterprise": "E0001",
            "district": "440306",
            "grid": "440306-01",
            "devices": [{"mn": mn(number), "pw": "123456"}],
            "limits": [],
        }
        for number in range(DEVICES)
    ]
    return {"number": 1, "made_at": "2026-11-22T10:00:00+08:00", "outlets": outlets}


def mn(number: int) -> str:
    return f"0A000000000000000000{number:04d}"


@dataclass(kw_only=True)
class Log:
    """A NATS server that the test may kill and start again."""

    server: nats_server.NatsServer
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self.process = children.spawn(self.server.program)
        children.wait_until_ready(self.server.program, self.process, self.server.ready)


@contextmanager
def a_log(data: Path) -> Iterator[Log]:
    server = nats_server.prepare(data=data)
    log = Log(server=server, process=children.spawn(server.program))
    try:
        children.wait_until_ready(server.program, log.process, server.ready)
        yield log
    finally:
        children.stop(log.server.program, log.process)


@contextmanager
def a_gateway(settings: Settings) -> Iterator[None]:
    environment = {**os.environ, **urls(settings), "QINGTIAN_GATEWAY_PORT": str(settings.gateway_port)}
    words = (sys.executable, "-m", "qingtian", "gateway")
    with (
        (settings.data / "gateway.log").open("wb") as out,
        subprocess.Popen(words, env=environment, stdout=out, stderr=out) as process,
    ):
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@dataclass(kw_only=True)
class Scene:
    log: Log
    bus: Bus
    fleet: Fleet
    account: Account
    gateway_log: Path

    async def said(self) -> dict[str, object]:
        """Return the counters of the gateway's heartbeat."""
        beats = [beat for beat in await health.living(self.bus) if beat["process"] == "gateway"]
        counters = beats[0]["counters"] if beats else {}
        assert isinstance(counters, dict)
        return counters

    async def said_why(self) -> str:
        """Wait until the heartbeat says that the log takes nothing, and return why."""
        async with asyncio.timeout(180):
            while (said := await self.said()).get("log_ok") is not False:
                await asyncio.sleep(0.1)
        return str(said["why"])

    async def stored(self) -> set[tuple[str, str]]:
        """Return (MN, QN) of all packets on the log."""
        found: set[tuple[str, str]] = set()
        state = (await self.bus.js.stream_info("PACKETS")).state
        for sequence in range(state.first_seq, state.last_seq + 1):
            message = await self.bus.js.get_msg("PACKETS", sequence)
            for raw in _frames(batches.decode(message.data or b"")):
                found.add((_field(raw, b"MN"), _field(raw, b"QN")))
        return found


def _frames(batch: batches.PacketBatch) -> list[bytes]:
    return [batch.frame(index) for index in range(len(batch))]


def _field(raw: bytes, name: bytes) -> str:
    match = re.search(rb"(?:^##\d{4}|;)" + name + rb"=([^;]*)", raw)
    assert match, raw
    return match.group(1).decode()


@asynccontextmanager
async def a_connection(url: str) -> AsyncIterator[Bus]:
    bus = await connect(url, name="test")
    try:
        yield bus
    finally:
        await bus.close()


async def prepare_streams(bus: Bus, packets_bytes: int | None) -> None:
    """Create the streams, PACKETS with less room if asked, and publish the plan."""
    if packets_bytes:
        spec = replace(streams.PACKETS, max_bytes=packets_bytes)
        room = StreamConfig(
            name=spec.name, subjects=list(spec.subjects), max_bytes=spec.max_bytes, discard=DiscardPolicy(spec.discard)
        )
        await bus.js.add_stream(room)
    await ensure_streams(bus)
    await plans.publish(bus, plan())


def a_device(number: int, port: int, account: Account) -> Device:
    return Device(
        mn=mn(number),
        password="123456",
        system="32",
        measure=lambda n: f"w01018-Rtd={20 + n % 7}.5,w01018-Flag=N",
        port=port,
        account=account,
    )


@asynccontextmanager
async def a_scene(data: Path, *, packets_bytes: int | None = None) -> AsyncIterator[Scene]:
    port, account = nats_server.choose_port(data / "gateway"), Account()
    known = from_environment({"QINGTIAN_DATA": str(data), "QINGTIAN_DATABASE_URL": "postgresql:///unused"})
    with a_log(data) as log:
        settings = replace(known, nats_url=log.server.url, gateway_port=port)
        async with a_connection(log.server.url) as bus:
            await prepare_streams(bus, packets_bytes)
            with a_gateway(settings):
                async with Fleet(devices=[a_device(number, port, account) for number in range(DEVICES)]) as fleet:
                    yield Scene(log=log, bus=bus, fleet=fleet, account=account, gateway_log=data / "gateway.log")


async def until(condition: Callable[[], bool], within: float = 180.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


async def quiet(account: Account, seconds: float = 2.5) -> None:
    """Wait until nothing is acknowledged for so long; the devices ask again all the time."""
    before = -1
    async with asyncio.timeout(180):
        while len(account.acknowledged) != before:
            before = len(account.acknowledged)
            await asyncio.sleep(seconds)


async def test_a_full_log_stops_the_acknowledgements_until_there_is_room(data_folder: Path) -> None:
    async with a_scene(data_folder, packets_bytes=SMALL) as scene:
        await until(lambda: len(scene.account.acknowledged) > DEVICES)
        await until(lambda: "nothing is acknowledged" in scene.gateway_log.read_text())
        # a smaller batch may still fit where a larger one was refused
        await quiet(scene.account)
        assert "maximum bytes" in await scene.said_why()
        full = len(scene.account.acknowledged)

        config = (await scene.bus.js.stream_info("PACKETS")).config
        config.max_bytes = 1000 * SMALL
        await scene.bus.js.update_stream(config)
        await until(lambda: len(scene.account.acknowledged) > full + 3 * DEVICES)
        await scene.fleet.finish(within=180)
        await until(lambda: "takes packets again" in scene.gateway_log.read_text())
        assert scene.account.acknowledged == scene.account.sent
        assert scene.account.acknowledged <= await scene.stored()


async def test_a_killed_log_stops_the_acknowledgements_until_it_is_back(data_folder: Path) -> None:
    async with a_scene(data_folder) as scene:
        await until(lambda: len(scene.account.acknowledged) > 3 * DEVICES)
        scene.log.kill()
        # what the log had confirmed may still be on its way to the devices
        await quiet(scene.account)
        await until(lambda: "nothing is acknowledged" in scene.gateway_log.read_text())

        before = len(scene.account.acknowledged)
        scene.log.start()
        await until(lambda: len(scene.account.acknowledged) > before + 3 * DEVICES)
        await scene.fleet.finish(within=180)
        assert scene.account.acknowledged == scene.account.sent
        assert scene.account.acknowledged <= await scene.stored()
