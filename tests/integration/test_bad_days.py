"""Thirty kills under load: nothing acknowledged is lost, nothing is there twice.

The seed decides who is killed and when; QINGTIAN_BAD_DAY_SEED repeats a day.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import psycopg
import pytest
from psycopg.rows import dict_row
from tests.accountable_devices import Account, Device, Fleet
from tests.whole_machine import Machine, machine

from qingtian.bus import plans
from qingtian.bus.client import connect

pytestmark = [pytest.mark.engines, pytest.mark.bad_day]

SEED = int(os.environ.get("QINGTIAN_BAD_DAY_SEED", "20261122"))
KILLS = 30
TARGETS = ("gateway", "judge", "dispatcher", "worker", "nats")
PAUSE = (0.1, 2.0)
DEVICES = 120
EXCEEDING = 12
LOAD = 10 * DEVICES
"""So many packets are acknowledged at least: fewer were no load."""
LONGEST = 400.0


def engines_of(one: Machine) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((one.data / "run" / "engines.json").read_bytes())
    return found


async def demo_outlets(one: Machine) -> list[plans.PlanOutlet]:
    """Return outlets of the demo city that have a device and an upper limit in force."""
    bus = await connect(engines_of(one)["nats_url"], name="test")
    try:
        async with asyncio.timeout(180):
            async for plan in plans.follow(bus):
                found = [outlet for outlet in plan["outlets"] if outlet["devices"] and upper_limits(outlet)]
                if len(found) >= DEVICES:
                    return found[:DEVICES]
    finally:
        await bus.close()
    raise AssertionError("the demo city has too few outlets")


def upper_limits(outlet: plans.PlanOutlet) -> list[plans.PlanLimitInForce]:
    return [limit for limit in outlet["limits"] if limit["upper"]]


def a_device(outlet: plans.PlanOutlet, *, exceeding: bool, port: int, account: Account) -> Device:
    limit = upper_limits(outlet)[0]
    measure = "ZsRtd" if limit["measure"].startswith("Zs") else "Rtd"
    level = (limit["upper"] or 0.0) * (1.8 if exceeding else 0.5)

    def cp(number: int) -> str:
        # an exceeding device starts well and then stays over its limit
        value = level if not exceeding or number >= 3 else level / 4
        return f"{limit['factor']}-{measure}={value:.3f},{limit['factor']}-Flag=N"

    return Device(
        mn=outlet["devices"][0]["mn"],
        password=outlet["devices"][0]["pw"],
        system="32" if outlet["medium"] == "water" else "31",
        measure=cp,
        port=port,
        account=account,
        pause=0.2,
    )


async def bad_day(one: Machine, dice: random.Random) -> Counter[str]:
    """Kill at random moments somebody at work, now and then somebody just starting; count the kills by name.

    The day is over when there were enough kills, and everybody was hit.
    """
    killed: Counter[str] = Counter()
    while killed.total() < KILLS or set(killed) != set(TARGETS):
        await asyncio.sleep(dice.uniform(*PAUSE))
        states = ("up", "starting") if dice.random() < 0.2 else ("up",)
        candidates = [name for name in TARGETS if one.member(name).get("state") in states and one.member(name)["pid"]]
        if candidates:
            name = dice.choice(candidates)
            # on a busy machine the supervisor's word may be older than the death of what it names
            with suppress(ProcessLookupError):
                one.kill(name)
                killed[name] += 1
            # the supervisor notices within a tick; the same pid is not killed twice
            await asyncio.sleep(0.15)
    return killed


def packets_of(one: Machine) -> pl.DataFrame:
    table = one.data / "lake" / "packets"
    if not (table / "_delta_log").exists():
        return pl.DataFrame(schema={"mn": pl.String, "qn": pl.String})
    return pl.read_delta(str(table), columns=["mn", "qn"])


async def missing_at_last(one: Machine, acknowledged: set[tuple[str, str]], within: float) -> set[tuple[str, str]]:
    """Wait for the judge to catch up; return what it has not brought to the lake by then."""
    deadline = time.monotonic() + within
    while True:
        missing = acknowledged - set(packets_of(one).rows())
        if not missing or time.monotonic() > deadline:
            return missing
        await asyncio.sleep(0.5)


def doubled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["times"] > 1]


async def findings_on_the_log(one: Machine) -> list[dict[str, Any]]:
    bus = await connect(engines_of(one)["nats_url"], name="test")
    try:
        state = (await bus.js.stream_info("FINDINGS")).state
        sequences = range(state.first_seq, state.last_seq + 1) if state.messages else ()
        messages = [await bus.js.get_msg("FINDINGS", sequence) for sequence in sequences]
    finally:
        await bus.close()
    return [orjson.loads(message.data or b"{}") for message in messages]


EPISODES = """
SELECT outlet_id AS outlet, factor, detector, count(*) AS times FROM alerts_episode GROUP BY 1, 2, 3
"""
FINDINGS = (
    "SELECT finding, event, payload->>'band' AS band, count(*) AS times FROM alerts_findingrecord GROUP BY 1, 2, 3"
)
NOTICES = (
    "SELECT user_id, episode_id, kind, count(*) AS times FROM alerts_notice WHERE kind = 'opened' GROUP BY 1, 2, 3"
)


def ask(one: Machine, query: str) -> list[dict[str, Any]]:
    with psycopg.connect(engines_of(one)["database_url"], row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


async def episodes_at_last(one: Machine, wanted: int, within: float) -> list[dict[str, Any]]:
    deadline = time.monotonic() + within
    while True:
        found = ask(one, EPISODES)
        if len(found) >= wanted or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.5)


async def test_thirty_kills_lose_nothing_and_double_nothing(data_folder: Path) -> None:
    with machine(data_folder) as one:
        one.wait_until_up()
        seeded = one.run("qingtian.demo.seed")
        assert seeded.returncode == 0, seeded.stderr
        outlets, account = await demo_outlets(one), Account()
        devices = [
            a_device(outlet, exceeding=place < EXCEEDING, port=one.gateway_port, account=account)
            for place, outlet in enumerate(outlets)
        ]
        async with Fleet(devices=devices) as fleet:
            async with asyncio.timeout(LONGEST):
                killed = await bad_day(one, random.Random(SEED))
            await asyncio.to_thread(one.wait_until_up)
            async with asyncio.timeout(LONGEST):
                while len(account.acknowledged) <= LOAD:
                    await asyncio.sleep(0.1)
            await fleet.finish(within=LONGEST)

        missing = await missing_at_last(one, account.acknowledged, within=LONGEST)
        assert not missing, f"{len(missing)} of {len(account.acknowledged)} acknowledged packets are not in the lake"
        rows = packets_of(one)
        assert rows.filter(rows.is_duplicated()).is_empty(), "packets twice in the lake"
        assert set(rows.rows()) <= account.sent

        episodes = await episodes_at_last(one, EXCEEDING, within=LONGEST)
        assert doubled(episodes) == []
        assert {row["outlet"] for row in episodes} == {outlet["code"] for outlet in outlets[:EXCEEDING]}
        assert doubled(ask(one, FINDINGS)) == []
        assert doubled(ask(one, NOTICES)) == []

        # the devices never recovered, so each has exactly one finding, however often the judge was killed
        opened = Counter(event["outlet"] for event in await findings_on_the_log(one) if event["event"] == "opened")
        assert {outlet["code"] for outlet in outlets[:EXCEEDING]} == set(opened)
        assert {row["finding"] for row in ask(one, FINDINGS)} == {
            one["finding"] for one in await findings_on_the_log(one)
        }
        assert killed.total() >= KILLS
        assert account.resent > 0, "no kill ever hit a packet under way: that was no bad day"
