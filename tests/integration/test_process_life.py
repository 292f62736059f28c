"""A process: it starts, beats, stops when asked, and says why when it cannot live."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qingtian.base import children
from qingtian.base.settings import Settings
from qingtian.bus import health
from qingtian.bus import server as nats_server
from qingtian.bus.client import Bus, LogUnreachable, connect

pytestmark = pytest.mark.engines

WITHIN = 120.0

PROGRAM = """
import asyncio, sys
from qingtian.entry import process
from qingtian.entry.process import run_process
process.GRACE, process.LAST = {grace}, {last}
async def patient(settings, bus, stop, counters):
    counters["answer"] = 42
    await stop.wait()
    print("finished its work", file=sys.stderr)
async def broken(settings, bus, stop, counters):
    raise RuntimeError("first line\\nsecond line")
async def deaf(settings, bus, stop, counters):
    counters["answer"] = 43
    missed = 0
    while missed < 2:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            missed += 1
async def waiting(settings, bus, stop, counters):
    counters["answer"] = 45
    await asyncio.sleep(3600)
async def stubborn(settings, bus, stop, counters):
    counters["answer"] = 44
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
sys.exit(run_process("sample", {main}))
"""


@contextmanager
def started(
    main: str, *, grace: float = 60.0, last: float = 600.0, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(main=main, grace=grace, last=last)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


async def living(bus: Bus, process: str) -> list[dict[str, object]]:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        if found := [beat for beat in await health.living(bus) if beat["process"] == process and beat["counters"]]:
            return found
        await asyncio.sleep(0.05)
    return []


async def test_it_beats_with_its_counters_and_stops_when_asked(bus: Bus) -> None:
    with started("patient") as process:
        (beat,) = await living(bus, "sample")
        assert (beat["pid"], beat["counters"]) == (process.pid, {"answer": 42})
        process.send_signal(signal.SIGTERM)
        _, words = await asyncio.to_thread(process.communicate, timeout=WITHIN)
    assert process.returncode == 0
    assert "finished its work" in words
    assert words.splitlines()[-1].endswith("stopped")


async def test_it_leaves_though_its_work_misses_that_it_was_cancelled(bus: Bus) -> None:
    with started("deaf", grace=0.2) as process:
        assert await living(bus, "sample")
        process.send_signal(signal.SIGTERM)
        _, words = await asyncio.to_thread(process.communicate, timeout=WITHIN)
    assert process.returncode == 0
    assert "leaving" in words


async def test_asked_to_stop_while_the_log_is_away_it_waits_for_nothing(data_folder: Path) -> None:
    server = nats_server.prepare(data=data_folder)
    engine = children.spawn(server.program)
    try:
        children.wait_until_ready(server.program, engine, server.ready)
        with started("waiting", grace=3600.0, last=3600.0, QINGTIAN_NATS_URL=server.url) as process:
            connection = await connect(server.url, name="test")
            assert await living(connection, "sample")
            await connection.close()
            engine.kill()
            engine.wait()
            process.send_signal(signal.SIGTERM)
            _, words = await asyncio.to_thread(process.communicate, timeout=WITHIN)
        assert process.returncode == 0
        assert "the log is away; leaving" in words
    finally:
        children.stop(server.program, engine, grace=10)


async def test_it_says_where_it_hangs_and_leaves_when_its_work_never_ends(bus: Bus) -> None:
    with started("stubborn", grace=0.2, last=3.0) as process:
        assert await living(bus, "sample")
        process.send_signal(signal.SIGTERM)
        _, words = await asyncio.to_thread(process.communicate, timeout=WITHIN)
    assert process.returncode == 1
    assert "Timeout" in words
    assert "run_process" in words


def test_it_says_why_it_died_in_one_line(engines: Settings) -> None:
    with started("broken") as process:
        _, words = process.communicate(timeout=WITHIN)
    assert process.returncode == 1
    (line,) = [line for line in words.splitlines() if "RuntimeError" in line]
    assert "ERROR sample" in line
    assert "second line" in line


def test_it_stops_when_asked_while_it_still_waits_for_the_log(engines: Settings) -> None:
    with started("patient", QINGTIAN_NATS_URL="nats://127.0.0.1:9") as process:
        assert process.stderr is not None
        assert "WARNING sample" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WITHIN)
    assert process.returncode == 0


async def test_a_log_that_does_not_answer_is_named() -> None:
    with pytest.raises(LogUnreachable) as refused:
        await connect("nats://secret@127.0.0.1:9", name="test", wait=0.5)
    assert "127.0.0.1" in str(refused.value)
    assert "secret" not in str(refused.value)
