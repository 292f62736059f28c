"""Plans on the log: each number for ever, the newest followed, a broken one survived."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.wire import plan

from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.bus.streams import plan_subject

pytestmark = pytest.mark.engines


async def test_it_finds_the_newest_plan_and_every_number(bus: Bus) -> None:
    assert await plans.newest(bus) is None
    for number in (1, 2):
        await plans.publish(bus, plan([f"MN{number}"], number=number))
    assert await plans.newest(bus) == plan(["MN2"], number=2)
    assert await plans.fetch(bus, 1) == plan(["MN1"], number=1)
    assert await plans.fetch(bus, 3) is None


async def test_it_follows_plans_and_goes_on_after_a_broken_one(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "LOOK_AGAIN", 0.1)
    seen: list[int] = []

    async def follow() -> None:
        async for found in plans.follow(bus):
            seen.append(found["number"])

    await plans.publish(bus, plan(["A"], number=1))
    following = asyncio.create_task(follow())
    async with asyncio.timeout(180):
        while seen != [1]:
            await asyncio.sleep(0.02)
        await bus.js.publish(plan_subject(2), b"no plan at all")
        await asyncio.sleep(0.3)
        assert seen == [1]
        await plans.publish(bus, plan(["A", "B"], number=3))
        while seen != [1, 3]:
            await asyncio.sleep(0.02)
    following.cancel()
    await asyncio.wait({following})


async def test_a_plan_that_is_known_is_not_read_again_with_each_look(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "LOOK_AGAIN", 0.01)
    calls: list[str] = []
    for name in ("stream_info", "get_last_msg"):
        monkeypatch.setattr(bus.js, name, counted(calls, name, getattr(bus.js, name)))

    async def follow() -> None:
        async for _ in plans.follow(bus):
            pass

    await plans.publish(bus, plan(["A"], number=1))
    following = asyncio.create_task(follow())
    async with asyncio.timeout(180):
        while calls.count("stream_info") < 5:
            await asyncio.sleep(0.01)
    following.cancel()
    await asyncio.wait({following})
    assert calls.count("get_last_msg") == 1


def counted(calls: list[str], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    async def counting(*words: Any) -> Any:
        calls.append(name)
        return await call(*words)

    return counting


def test_it_refuses_to_write_a_plan_that_the_log_would_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MAX_BYTES", 10)
    with pytest.raises(plans.PlanTooLarge, match="more than the 10"):
        plans.encode(plan(["A"]))


@pytest.mark.parametrize("message", [b"", b"x", zlib.compress(b"[]"), zlib.compress(b'{"number": 1}')])
def test_it_says_what_is_wrong_with_a_broken_plan(message: bytes) -> None:
    with pytest.raises(plans.BrokenPlan, match="cannot be read"):
        plans.decode(message)
