"""The dispatcher killed in the middle of a finding: what was not done is done once, what was told is never told again.

A table that the test holds keeps the dispatcher at a statement; there it is killed.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson
import psycopg
import pytest
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError
from tests.office_world import finding

from qingtian.base.settings import Settings
from qingtian.bus import streams
from qingtian.bus.client import Bus

pytestmark = pytest.mark.engines

DURABLE = "dispatcher-findings"
PATIENCE = 180.0


@pytest.fixture
def owner(office: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner, who clears up what these tests commit."""
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as connection:
        yield connection
        connection.execute("TRUNCATE alerts_episode, sites_unreadablemessage CASCADE")


@contextmanager
def dispatcher() -> Iterator[subprocess.Popen[bytes]]:
    """Run a dispatcher until the block is over, or killed before."""
    running = subprocess.Popen([sys.executable, "-m", "qingtian", "dispatcher"], stderr=subprocess.DEVNULL)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


async def until(settled: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not settled():
        assert time.monotonic() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.05)


def count(owner: psycopg.Connection[Any], table: str, where: str = "true") -> int:
    found = owner.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
    assert found
    return int(found[0])


def is_waited_for(owner: psycopg.Connection[Any], table: str) -> bool:
    return count(owner, "pg_locks", f"NOT granted AND relation = '{table}'::regclass") > 0


@contextmanager
def kept(settings: Settings, table: str) -> Iterator[None]:
    """Let nobody write to a table while the block lasts."""
    with psycopg.connect(settings.require_database_owner_url()) as other:
        other.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield
        other.rollback()


@pytest.fixture
async def soon_again(bus: Bus) -> AsyncIterator[None]:
    """What a dispatcher took and did not acknowledge comes again after a second, not after the usual patience."""
    with suppress(NotFoundError):
        await bus.js.delete_consumer("FINDINGS", DURABLE)
    config = ConsumerConfig(durable_name=DURABLE, ack_policy=AckPolicy.EXPLICIT, ack_wait=1.0, max_deliver=-1)
    await bus.js.add_consumer("FINDINGS", config)
    yield
    await bus.js.delete_consumer("FINDINGS", DURABLE)


async def publish(bus: Bus, *messages: dict[str, Any]) -> None:
    for message in messages:
        await bus.js.publish(streams.finding_subject("exceedance", message["event"]), orjson.dumps(message))


async def finish(bus: Bus) -> None:
    """Let another dispatcher take what is left, and wait until the log knows that all is taken."""
    with dispatcher():
        deadline = time.monotonic() + PATIENCE
        while (info := await bus.js.consumer_info("FINDINGS", DURABLE)).num_ack_pending or info.num_pending:
            assert time.monotonic() < deadline, "the findings were not taken in time"
            await asyncio.sleep(0.1)


def trace(owner: psycopg.Connection[Any]) -> dict[str, int]:
    """Return how often each act stands in the ledger on the episodes and tasks there are."""
    rows = owner.execute(
        "SELECT act, count(*) FROM ledger_entry WHERE chain IN (SELECT 'episode:' || id FROM alerts_episode)"
        " OR chain IN (SELECT 'task:' || id FROM tasks_task) GROUP BY act"
    ).fetchall()
    return dict(rows)


def told(owner: psycopg.Connection[Any]) -> int:
    """Return how many notices somebody has of the same thing more than once, and that there are some at all."""
    assert count(owner, "alerts_notice", "kind = 'opened'") > 0
    return count(owner, "(SELECT FROM alerts_notice GROUP BY user_id, episode_id, kind HAVING count(*) > 1) AS twice")


@pytest.mark.usefixtures("soon_again")
async def test_a_kill_between_alert_and_task_is_made_good_and_nobody_is_told_twice(
    office: Settings, bus: Bus, owner: psycopg.Connection[Any]
) -> None:
    with kept(office, "tasks_task"), dispatcher() as running:
        await publish(bus, finding())
        await until(lambda: is_waited_for(owner, "tasks_task"), "the dispatcher at the task")
        assert (count(owner, "alerts_episode"), trace(owner)) == (1, {"episode_opened": 1})
        running.kill()
        running.wait()
    await finish(bus)
    assert trace(owner) == {"episode_opened": 1, "dispatch": 1}
    assert (count(owner, "alerts_findingrecord"), count(owner, "tasks_task"), told(owner)) == (1, 1, 0)


@pytest.mark.usefixtures("soon_again")
async def test_a_kill_before_the_alert_is_told_leaves_nothing_and_loses_nothing(
    office: Settings, bus: Bus, owner: psycopg.Connection[Any]
) -> None:
    with kept(office, "alerts_notice"), dispatcher() as running:
        await publish(bus, finding())
        await until(lambda: is_waited_for(owner, "alerts_notice"), "the dispatcher at the notices")
        running.kill()
        running.wait()
    assert (count(owner, "alerts_episode"), count(owner, "alerts_findingrecord")) == (0, 0)
    await finish(bus)
    assert trace(owner) == {"episode_opened": 1, "dispatch": 1}
    assert told(owner) == 0


@pytest.mark.usefixtures("soon_again")
async def test_a_kill_when_several_are_taken_leaves_none_without_its_task(
    office: Settings, bus: Bus, owner: psycopg.Connection[Any]
) -> None:
    outlets = ["SZ-W-0001", "SZ-W-0002", "SZ-W-0003"]
    await publish(bus, *(finding(outlet=outlet) for outlet in outlets))
    with kept(office, "tasks_task"), dispatcher() as running:
        await until(lambda: is_waited_for(owner, "tasks_task"), "the dispatcher at the tasks")
        before = count(owner, "alerts_findingrecord")
        running.kill()
        running.wait()
    assert before >= 1
    await finish(bus)
    assert trace(owner) == {"episode_opened": 3, "dispatch": 3}
    assert (count(owner, "alerts_findingrecord"), told(owner)) == (3, 0)
