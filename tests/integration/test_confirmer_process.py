"""The confirmer as a process behind a real judge, log and lake: killed with -9 again and again, it ends up saying what
one run over everything says, each event on the log with one content; a late correction closes the right finding.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from tests.confirming_world import FIRST, MNS, facts, history, in_order, latest, plan, plan_message, whole
from tests.judge_world import batch, frame

from qingtian.base.settings import Settings
from qingtian.bus import batches, health, plans
from qingtian.bus.client import Bus
from qingtian.bus.streams import CLUES, FINDINGS, PACKETS, packets_subject
from qingtian.lake import history as lake_history
from qingtian.lake import windows as lake_windows
from qingtian.stream.confirming.ground import horizon_of
from qingtian.stream.confirming.keeping import Keeper
from qingtian.stream.findings.loop import main as judge
from qingtian.stream.periods.revision import SAYS
from qingtian.stream.periods.table import KEY

pytestmark = pytest.mark.engines

WITHIN = 240.0
DAYS = 4


@pytest.fixture
def settings(engines: Settings, data_folder: Path) -> Settings:
    return replace(engines, data=data_folder, lake_url=str(data_folder / "lake"))


def packets(rows: pl.DataFrame) -> Iterator[list[tuple[bytes, datetime]]]:
    """Yield the rows as hour records 2061, in batches of arrival."""
    frames = []
    for _, part in rows.sort("sequence", "mn", "factor").group_by("sequence", "mn", "data_time", maintain_order=True):
        first = part.row(0, named=True)
        values = ";".join(f"{code}-Avg={value},{code}-Flag=N" for code, value in part["factor", "value"].iter_rows())
        at = first["data_time"].astimezone(UTC)
        sent = frame(first["mn"], _beijing(at), values, cn=2061, qn=_beijing(first["received"]))
        frames.append((sent, first["received"]))
    for place in range(0, len(frames), 24):
        yield frames[place : place + 24]


def _beijing(at: datetime) -> datetime:
    return at.astimezone(FIRST_MOMENT.tzinfo)


FIRST_MOMENT = datetime.fromisoformat(f"{FIRST}T00:00:00+08:00")


async def start(settings: Settings) -> asyncio.subprocess.Process:
    environment = os.environ | {"QINGTIAN_DATA": str(settings.data), "QINGTIAN_LAKE_URL": settings.lake_url}
    words = (sys.executable, "-m", "qingtian", "confirmer")
    return await asyncio.create_subprocess_exec(*words, env=environment, stderr=asyncio.subprocess.DEVNULL)


async def counters(bus: Bus, process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.returncode is None, "the confirmer ended"
    found: list[Any] = [beat["counters"] for beat in await health.living(bus) if beat["pid"] == process.pid]
    return dict(found[0]) if found else {}


async def until(bus: Bus, process: asyncio.subprocess.Process, **wanted: object) -> None:
    """Return when the heartbeat of the process says so."""
    deadline = time.monotonic() + WITHIN
    while not wanted.items() <= (told := await counters(bus, process)).items():
        assert time.monotonic() < deadline, f"{wanted} not within {WITHIN:g} s, but {told}"
        await asyncio.sleep(0.2)


async def kill(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGKILL)
    await process.wait()


def readings(settings: Settings) -> pl.DataFrame:
    start_, end = (FIRST_MOMENT + timedelta(days=days) for days in (-1, DAYS + 1))
    table = lake_history.readings_between(lake_history.open_readings(settings.lake_url), start_, end)
    return pl.DataFrame(pl.from_arrow(table)).with_columns(pl.col("mn", "factor", "measure", "flag").cast(pl.String))


async def said(bus: Bus, stream: str = FINDINGS.name) -> list[dict[str, Any]]:
    state = (await bus.js.stream_info(stream)).state
    messages = [await bus.js.get_msg(stream, seq=seq) for seq in range(state.first_seq, state.last_seq + 1)]
    return [orjson.loads(message.data or b"{}") for message in messages]


async def test_it_says_what_one_run_says_however_often_it_was_killed(bus: Bus, settings: Settings) -> None:
    dice = random.Random(4)
    rows = history(days=DAYS)
    late = rows.sample(fraction=0.1, seed=2).with_columns(received=pl.col("received") + timedelta(hours=5))
    story = in_order(pl.concat([rows, late]))
    wrong = rows.filter(pl.col("mn") == MNS["G1"], pl.col("factor") == "a21002", pl.col("value") == 155.0)
    fix = wrong.with_columns(value=pl.lit(101.0), received=pl.lit(story["received"].max()) + timedelta(minutes=20))
    sent = [*packets(story), *packets(in_order(fix, first=1_000_000))]
    # the log of this session of tests may have had messages before: their numbers are not given again
    last = (await bus.js.stream_info(PACKETS.name)).state.last_seq + len(sent)
    stop: asyncio.Event = asyncio.Event()
    judging = asyncio.create_task(judge(settings, bus, stop, {}))
    await plans.publish(bus, plan_message())  # type: ignore[arg-type]
    process = await start(settings)
    try:
        for part in (sent[: len(sent) // 2], sent[len(sent) // 2 : -1], sent[-1:]):
            for frames in part:
                await bus.js.publish(packets_subject(0), batches.encode(batch(frames, plan=1)))
            await until(bus, process, lake="ok")
            await asyncio.sleep(dice.uniform(0.0, 4.0))
            await kill(process)
            process = await start(settings)
        await until(bus, process, position=last)
        # what waited to settle when it was killed does not wait again
        await kill(process)
        process = await start(settings)
        await until(bus, process, position=last, settling=0)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), WITHIN) == 0
    finally:
        if process.returncode is None:
            await kill(process)
        stop.set()
        await asyncio.wait_for(judging, WITHIN)
    await compare(bus, settings)


async def compare(bus: Bus, settings: Settings) -> None:
    every = readings(settings)
    windows, findings = whole(every, plan())
    kept = lake_windows.windows(
        lake_windows.open_windows(settings.lake_url), first=FIRST - timedelta(days=2), last=FIRST + timedelta(days=9)
    )
    assert horizon_of(latest(every)) > 0
    assert kept.select(*KEY, *SAYS).sort(KEY).equals(windows.select(*KEY, *SAYS).sort(KEY))
    last = Keeper(settings.lake_url).said(0, 1 << 51, list(MNS))
    assert {facts(one.message) for one in last if one.stands} == {facts(one) for one in findings}
    events = await said(bus)
    told = {event["id"]: event for event in events if event["detector"] != "exceedance"}
    assert all(told[event["id"]] == event for event in events if event["id"] in told)
    assert {one["finding"] for one in findings if one["band"] > 0} <= {event["finding"] for event in told.values()}
    (closed,) = [event for event in told.values() if event.get("reason") == "superseded" and event["value"] == 155.0]
    assert "101" in closed["evidence"]["zh"]
    # what is too light for an alarm is told by itself, and how it stands in the end
    clues = {one["finding"]: one for one in sorted(await said(bus, CLUES.name), key=lambda one: one["number"])}
    alarms = {event["finding"] for event in told.values()}
    standing = {name for name, one in clues.items() if one["state"] != "superseded"} - alarms
    assert standing == {one["finding"] for one in findings if one["band"] == 0} - alarms
    assert standing, "the story has clues"
