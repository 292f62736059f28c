"""The judge as a process on the real log: rows in the lake, findings once, through kills and new plans."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from tests.judge_world import batch, limit, realtime, snapshot

from qingtian.base import children, times
from qingtian.base.settings import Settings
from qingtian.bus import batches, health, plans
from qingtian.bus import server as nats_server
from qingtian.bus.client import Bus, connect, ensure_streams
from qingtian.bus.streams import DEADLETTERS, DEVICES, FINDINGS, PACKETS, packets_subject
from qingtian.lake.reader import open_lake
from qingtian.lake.tables import PACKETS as PACKET_TABLE
from qingtian.stream.findings import trimming
from qingtian.stream.findings.loop import main

pytestmark = pytest.mark.engines

COD = [limit("w01018", upper=50.0)]
WITHIN = 240.0


@pytest.fixture
def settings(engines: Settings, data_folder: Path) -> Settings:
    return replace(engines, data=data_folder, lake_url=str(data_folder / "lake"))


@asynccontextmanager
async def judging(settings: Settings, bus: Bus) -> AsyncIterator[dict[str, object]]:
    """The judge in this process; stopped politely at the end."""
    stop, counters = asyncio.Event(), {}  # type: tuple[asyncio.Event, dict[str, object]]
    running = asyncio.create_task(main(settings, bus, stop, counters))
    try:
        yield counters
    finally:
        stop.set()
        await asyncio.wait_for(running, WITHIN)


async def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, f"{what} not within {WITHIN:g} s"
        await asyncio.sleep(0.1)


async def send(bus: Bus, frames: list[tuple[bytes, datetime]], *, plan: int = 1) -> int:
    answer = await bus.js.publish(packets_subject(0), batches.encode(batch(frames, plan=plan)))
    return answer.seq


async def everything(bus: Bus, stream: str) -> list[dict[str, Any]]:
    state = (await bus.js.stream_info(stream)).state
    messages = [await bus.js.get_msg(stream, seq=seq) for seq in range(state.first_seq, state.last_seq + 1)]
    return [orjson.loads(message.data or b"{}") for message in messages]


def stored(settings: Settings, mn: str = "A") -> pl.DataFrame:
    return open_lake(settings.lake_url).latest_packets(mn, 100_000)


def recently() -> datetime:
    return times.now().replace(microsecond=0) - timedelta(minutes=20)


async def test_it_turns_packets_on_the_log_into_rows_findings_and_device_states(bus: Bus, settings: Settings) -> None:
    await plans.publish(bus, snapshot({"A": COD}))  # type: ignore[arg-type]
    start = recently()
    async with judging(settings, bus) as counters:
        sequence = await send(bus, realtime("A", [60, 61.2, 62, 40, 40, 40], start=start))
        await until(lambda: counters.get("stored") == sequence, "stored")
        async with asyncio.timeout(WITHIN):
            while not await everything(bus, DEVICES.name):
                await asyncio.sleep(0.1)
    events = await everything(bus, FINDINGS.name)
    assert [event["event"] for event in events] == ["opened", "closed"]
    readings = open_lake(settings.lake_url).readings(mn="A", start=start, end=start + timedelta(hours=1))
    assert readings["value"].to_list() == [60, 61.2, 62, 40, 40, 40]
    evidence = events[0]["evidence"]["packets"][1]
    packet = open_lake(settings.lake_url).packet(evidence["sequence"], evidence["index"])
    assert packet is not None
    assert b"w01018-Rtd=61.2" in packet["segment"]  # type: ignore[operator]
    said = await everything(bus, DEVICES.name)
    assert said[-1]["devices"][0]["packets"] == 6
    assert counters["lake"] == "ok"


async def test_it_publishes_a_finding_without_waiting_for_the_lake(bus: Bus, settings: Settings) -> None:
    await plans.publish(bus, snapshot({"A": COD}))  # type: ignore[arg-type]
    start = recently()
    async with judging(settings, bus) as counters:
        sequence = await send(bus, realtime("A", [60, 60], start=start))
        await until(lambda: counters.get("position") == sequence, "judged")
        heard = await bus.nc.subscribe("findings.>")
        await send(bus, realtime("A", [60], start=start + timedelta(minutes=1)))
        assert orjson.loads((await heard.next_msg(timeout=180)).data)["event"] == "opened"


async def test_it_judges_by_a_new_plan_from_the_packet_on_that_names_it(bus: Bus, settings: Settings) -> None:
    await plans.publish(bus, snapshot({"A": COD}))  # type: ignore[arg-type]
    start = recently()
    async with judging(settings, bus) as counters:
        await send(bus, realtime("A", [45, 45, 45], start=start))
        await plans.publish(bus, snapshot({"A": [limit("w01018", upper=40.0)]}, number=2))  # type: ignore[arg-type]
        later = realtime("A", [45, 45, 45], start=start + timedelta(minutes=2))
        sequence = await send(bus, later, plan=2)
        await until(lambda: counters.get("position") == sequence, "judged")
    (opened,) = await everything(bus, FINDINGS.name)
    assert (opened["plan"], opened["limit"]["upper"]) == (2, 40.0)


async def test_it_sets_a_broken_batch_aside_and_goes_on(bus: Bus, settings: Settings) -> None:
    await plans.publish(bus, snapshot({"A": COD}))  # type: ignore[arg-type]
    async with judging(settings, bus) as counters:
        await bus.js.publish(packets_subject(0), b"no batch at all")
        sequence = await send(bus, realtime("A", [1], start=recently()))
        await until(lambda: counters.get("stored") == sequence, "stored")
    assert counters["broken"] == 1
    (letter,) = await everything(bus, DEADLETTERS.name)
    assert letter["reason"] == "garbage"
    assert len(stored(settings)) == 1


async def test_it_goes_on_where_it_stopped(bus: Bus, settings: Settings) -> None:
    await plans.publish(bus, snapshot({"A": COD}))  # type: ignore[arg-type]
    frames = realtime("A", [60, 60, 60, 60], start=recently())
    for part in (frames[:2], frames[1:]):
        async with judging(settings, bus) as counters:
            sequence = await send(bus, part)
            await until(lambda: counters.get("position") == sequence, "judged")  # noqa: B023
    assert len(stored(settings)) == 4
    assert [event["count"] for event in await everything(bus, FINDINGS.name)] == [3]


async def test_it_cuts_only_what_is_stored_and_old(bus: Bus, settings: Settings) -> None:
    old, young = times.now() - timedelta(hours=30), recently()
    first = await send(bus, realtime("A", [1], start=old))
    await send(bus, realtime("A", [2], start=old))
    third = await send(bus, realtime("A", [3], start=young))
    now, day = times.now(), timedelta(hours=24)
    assert await trimming.trim(bus, stored=first, keep=day, now=now) == first + 1
    assert await trimming.trim(bus, stored=third, keep=day, now=now) == third
    assert (await bus.js.stream_info(PACKETS.name)).state.first_seq == third


async def test_there_is_nothing_to_cut_from_a_log_that_has_never_held_a_packet(data_folder: Path) -> None:
    server = nats_server.prepare(data=data_folder)
    engine = children.spawn(server.program)
    try:
        children.wait_until_ready(server.program, engine, server.ready)
        fresh = await connect(server.url, name="test")
        await ensure_streams(fresh)
        assert await trimming.trim(fresh, stored=0, keep=timedelta(hours=24), now=times.now()) == 1
        await fresh.close()
    finally:
        children.stop(server.program, engine, grace=10)


async def start_process(settings: Settings) -> asyncio.subprocess.Process:
    environment = os.environ | {"QINGTIAN_DATA": str(settings.data), "QINGTIAN_LAKE_URL": settings.lake_url}
    words = (sys.executable, "-m", "qingtian", "judge")
    return await asyncio.create_subprocess_exec(*words, env=environment, stderr=asyncio.subprocess.DEVNULL)


async def alive(bus: Bus, process: asyncio.subprocess.Process) -> None:
    """Return when the process has beaten: a kill before that would only test the interpreter's start."""
    deadline = time.monotonic() + 2 * WITHIN
    while process.pid not in [beat["pid"] for beat in await health.living(bus)]:
        assert process.returncode is None, "the judge ended"
        assert time.monotonic() < deadline, "the judge did not start"
        await asyncio.sleep(0.2)


KILLED = "KLM"
"""Devices of no other test: the log drops a finding it had within two minutes, even from a stream purged since."""


async def test_nothing_is_missing_or_double_after_it_is_killed_again_and_again(bus: Bus, settings: Settings) -> None:
    await plans.publish(bus, snapshot(dict.fromkeys(KILLED, COD)))  # type: ignore[arg-type]
    start, count = recently(), 0
    process = await start_process(settings)
    try:
        for kill in range(3):
            await alive(bus, process)
            for _ in range(25):
                values = [60 if (count // 4 + place) % 8 < 4 else 40 for place in range(3)]
                frames = [
                    realtime(mn, [value], start=start + timedelta(seconds=count))[0]
                    for mn, value in zip(KILLED, values, strict=True)
                ]
                await send(bus, frames)
                count += 1
                await asyncio.sleep(0.02)
            if kill < 2:
                # anywhere between reading, publishing, lake and checkpoint
                await asyncio.sleep(1.1 * kill)
                process.send_signal(signal.SIGKILL)
                await process.wait()
                process = await start_process(settings)
        await until(lambda: len(stored(settings, KILLED[-1])) >= count, "everything stored")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), WITHIN) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    for mn in KILLED:
        rows = stored(settings, mn)
        assert len(rows) == count
        assert rows["data_time"].n_unique() == count
    readings = open_lake(settings.lake_url).counts()["readings"]
    assert readings == 3 * count
    events = await everything(bus, FINDINGS.name)
    assert len({event["id"] for event in events}) == len(events)
    opened = [event for event in events if event["event"] == "opened" and event["mn"] == KILLED[0]]
    assert len(opened) == sum(1 for place in range(count) if place % 32 == 2)


def test_the_lake_s_packets_have_the_columns_of_the_contract() -> None:
    assert PACKET_TABLE.schema.names[-3:] == ["index", "segment", "plain"]
